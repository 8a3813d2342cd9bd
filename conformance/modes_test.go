package conformance

import (
	"syscall"
	"testing"

	"claudepool/conformance/harness"

	"github.com/stretchr/testify/require"
)

// raw is a child that has put the terminal into raw mode and is waiting.
const raw = "raw\ntrap USR1\nmark ready\nawait go\n"

func TestTerminalModesAreRestored(t *testing.T) {
	t.Parallel()
	harness.NeedsPool(t)
	harness.NeedsProc(t)
	kill := func(who func(r *harness.Run, child int) int, s syscall.Signal) func(*testing.T, *harness.Run, int) {
		return func(t *testing.T, r *harness.Run, child int) {
			require.NoError(t, syscall.Kill(who(r, child), s))
		}
	}
	child := func(_ *harness.Run, child int) int { return child }
	wrapper := func(r *harness.Run, child int) int { return harness.ChildTowards(r.PID, child) }
	monitor := func(_ *harness.Run, child int) int { return harness.Parent(child) }
	goOn := func(t *testing.T, r *harness.Run, _ int) { r.Tell(t, "go") }
	for name, tc := range map[string]struct {
		script string
		end    func(t *testing.T, r *harness.Run, child int)
	}{
		"the child ends":             {raw + "exit 1", goOn},
		"the child aborts":           {raw + "die ABRT", goOn},
		"the child is killed":        {raw, kill(child, syscall.SIGKILL)},
		"the child's parent is gone": {raw, kill(monitor, syscall.SIGKILL)},
		"the wrapper gets TERM":      {raw, kill(wrapper, syscall.SIGTERM)},
		"the wrapper gets HUP":       {raw, kill(wrapper, syscall.SIGHUP)},
		"the wrapper gets QUIT":      {raw + "exit 1", func(t *testing.T, r *harness.Run, c int) { kill(wrapper, syscall.SIGQUIT)(t, r, c); r.Tell(t, "go") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := harness.New(t)
			r := g.Start(t, g.Wrapped(), harness.Plan{Jobs: true, Stdin: harness.OnTerminal, Stdout: harness.OnTerminal, Stderr: harness.OnTerminal, Script: tc.script})
			child := r.Marked(t, "ready")
			tc.end(t, r, child)
			r.WaitExit(t)
			waitForFile(t, r, "modes-after")
			require.Equal(t, string(r.File("modes-before")), string(r.File("modes-after")))
			r.NothingLeft(t)
			noneRunning(t, g)
		})
	}
}

// The test above can fail: without the wrapper a child that leaves raw mode on leaves it on.
func TestTerminalModesAreNotRestoredDirectly(t *testing.T) {
	t.Parallel()
	g := harness.New(t)
	r := g.Start(t, g.Direct(), harness.Plan{Jobs: true, Stdin: harness.OnTerminal, Stdout: harness.OnTerminal, Stderr: harness.OnTerminal, Script: "raw"})
	r.Wait(t)
	require.NotEqual(t, string(r.File("modes-before")), string(r.File("modes-after")))
}
