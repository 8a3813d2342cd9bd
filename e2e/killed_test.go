//go:build e2e

package e2e

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/conformance/harness"
	"claudepool/internal/sandbox"
)

// killInATurn kills the wrapper of a headless run with -9 before its answer has come. The CLI must end.
func killInATurn(t *testing.T, s *sandbox.Sandbox, args ...string) {
	t.Helper()
	before := len(s.API.Requests())
	cmd := s.Claude(limited(t), args...)
	require.NoError(t, cmd.Start())
	requests(t, s, before+1)
	cli := cliProcess(t, s, "only")
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	gone(t, cli)
}

func TestAKilledRunIsReclaimed(t *testing.T) {
	t.Parallel()
	harness.NeedsProc(t)
	slow := with(streamJSON, "-p", "[[slow:300s]]")
	t.Run("by the next run", func(t *testing.T) {
		t.Parallel()
		s := newMachine(t)
		killInATurn(t, s, slow...)
		claude(t, s, "-p", "hello", "--output-format", "json")
		sessions, err := s.Sessions()
		require.NoError(t, err)
		require.Len(t, sessions, 2)
		next, killed := sessions[0], sessions[1]
		if next.State == "reclaimed" {
			next, killed = killed, next
		}
		require.Equal(t, "ended", next.State)
		require.Equal(t, "reclaimed", killed.State)
		require.False(t, killed.EndedAt.After(next.StartedAt), "%+v, and then %+v", killed, next)
		requireBooked(t, s)
	})
	t.Run("by hand", func(t *testing.T) {
		t.Parallel()
		s := newMachine(t)
		killInATurn(t, s, slow...)
		var reclaimed struct{ Sessions []sandbox.Session }
		require.NoError(t, s.Manage(&reclaimed, "reclaim", "--json"))
		require.Len(t, reclaimed.Sessions, 1)
		require.Equal(t, "reclaimed", reclaimed.Sessions[0].State)
		require.Equal(t, "only", reclaimed.Sessions[0].Subscription)
	})
}

// A wrapper that is killed can't put the terminal back, but the CLI must not stay on it.
func TestAKilledInterfaceEnds(t *testing.T) {
	t.Parallel()
	harness.NeedsProc(t)
	s := newMachine(t)
	sc := newScreen(t, s, s.Env())
	sc.start(t)
	sessions, err := s.Sessions()
	require.NoError(t, err)
	require.Len(t, sessions, 1)
	cli := cliProcess(t, s, "only")
	require.NoError(t, syscall.Kill(sessions[0].PID, syscall.SIGKILL))
	gone(t, cli)
	sc.expect(t, "Killed")
	var reclaimed struct{ Sessions []sandbox.Session }
	require.NoError(t, s.Manage(&reclaimed, "reclaim", "--json"))
	require.Len(t, reclaimed.Sessions, 1)
}
