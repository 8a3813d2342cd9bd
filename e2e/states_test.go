//go:build e2e

package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/sandbox"
)

// A session is what the CLI says of itself: it runs while it answers, and idles while it waits for its user.
func TestSessionsSayWhatTheyDo(t *testing.T) {
	t.Parallel()
	s := newMachine(t)
	sc := newScreen(t, s, s.Env())
	sc.start(t)
	expectState(t, s, "idle", 1)
	sc.enter(t, "[[slow:5s]][[text:said]]")
	expectState(t, s, "running", 0)
	sc.expect(t, "● said")
	expectState(t, s, "idle", 1)
	sc.exit(t)
	expectState(t, s, "ended", 0)
}

// expectState waits until the one session is in that state, and so many are counted as idle.
func expectState(t *testing.T, s *sandbox.Sandbox, state string, idle int) {
	t.Helper()
	var sessions struct{ Sessions []struct{ State string } }
	eventually(t, func() bool {
		require.NoError(t, s.Manage(&sessions, "sessions", "--all", "--json"))
		return len(sessions.Sessions) == 1 && sessions.Sessions[0].State == state
	}, func() string { return "no session is " + state })
	var status struct {
		Subscriptions []struct {
			Idle int `json:"sessions_idle"`
		}
	}
	require.NoError(t, s.Manage(&status, "status", "--json"))
	require.Len(t, status.Subscriptions, 1)
	require.Equal(t, idle, status.Subscriptions[0].Idle)
}
