//go:build e2e

package e2e

import (
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/sandbox"
)

// A process that looks after the pool all the time gets in nobody's way, and books and tells nothing twice. It ends when
// it is asked to.
func TestTheLoopBesideManyRuns(t *testing.T) {
	t.Parallel()
	m := newTold(t, "a", "b", "c")
	m.API.Script(sandbox.Token("a"), atLimit(2)...)
	loop := withEnv(m.Claudepool(limited(t), "maintain", "--loop", "1s"), m.env)
	require.NoError(t, loop.Start())
	for range 5 {
		var runs [4]output
		var crowd sync.WaitGroup
		for i := range runs {
			cmd := m.claude(limited(t), with(streamJSON, "-p", "[[text:done]]")...)
			crowd.Go(func() { runs[i] = run(t, cmd, "") })
		}
		crowd.Wait()
		for _, out := range runs {
			require.Zero(t, out.Status, "%s\n%s", out.Stdout, out.Stderr)
		}
	}
	eventually(t, func() bool { return len(m.hook.arrivals()) >= len(m.events(t)) }, func() string { return "arrived only: " + m.hook.kinds() })
	require.NoError(t, loop.Process.Signal(syscall.SIGTERM))
	require.NoError(t, loop.Wait())
	m.alone(t)
	require.Contains(t, m.hook.kinds(), "limit")
	require.Len(t, once(m), len(m.hook.arrivals()), "none arrives twice")
	requireToldAll(t, m)
	requireBooked(t, m.Sandbox)
}
