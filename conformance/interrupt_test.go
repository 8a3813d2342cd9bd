package conformance

import (
	"syscall"
	"testing"

	"claudepool/conformance/harness"

	"github.com/stretchr/testify/require"
)

// Impatience: the child answers the first Ctrl-C by ending in its own time, and a second and third
// neither end it sooner nor the wrapper before it.
func TestTwoQuickINTs(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, g *harness.Ground, way harness.Way, p harness.Plan) {
		p.Terminal, p.Script = harness.NewTerminal(t), "trap INT\nmark ready\nawait go\nout bye\nexit 0"
		r := g.Start(t, way, p)
		r.Marked(t, "ready")
		r.Terminal.Type(t, harness.CtrlC+harness.CtrlC)
		r.GotSignals(t, 1)
		r.SignalGroup(t, syscall.SIGINT)
		r.SignalGroup(t, syscall.SIGINT)
		r.Tell(t, "go")
		require.Equal(t, harness.Status{}, r.Wait(t), r.Describe())
		require.LessOrEqual(t, len(r.Signals()), 4, "none arrives twice; those that are pending at once are one")
		require.Contains(t, string(r.Stdout())+string(r.Terminal.Seen()), "bye")
	})
}

// Ctrl-C over and over, until after the end: the status is the child's, and the session is given back.
func TestINTsUntilAfterTheEnd(t *testing.T) {
	t.Parallel()
	for situation, p := range stdios {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			g := harness.New(t)
			for range 10 {
				p.Script = "ignore INT\nmark ready\nawait go\nexit 6"
				r := g.Start(t, g.Wrapped(), p)
				r.Marked(t, "ready")
				r.Tell(t, "go")
				for !r.Ended() {
					_ = syscall.Kill(r.PID, syscall.SIGINT) // it may have ended just now
				}
				require.Equal(t, harness.Status{Code: 6}, r.Wait(t), r.Describe())
			}
			noneRunning(t, g)
		})
	}
}
