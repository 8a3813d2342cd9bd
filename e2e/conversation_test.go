//go:build e2e

package e2e

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/sandbox"
)

// conversation reads the CLI's session id off a json answer.
func conversation(t *testing.T, out output) string {
	t.Helper()
	var answer struct {
		SessionID string `json:"session_id"`
	}
	require.NoError(t, json.Unmarshal([]byte(out.Stdout), &answer), out.Stdout)
	require.NotEmpty(t, answer.SessionID)
	return answer.SessionID
}

// A conversation that goes on in another process brings its cumulative figures along: they must not be
// booked again.
func TestAConversationThatGoesOnIsNotBookedTwice(t *testing.T) {
	t.Parallel()
	ways := []struct {
		name string
		args func(id string) []string
		// same: it stays the same conversation.
		same bool
	}{
		{"resume", func(id string) []string { return []string{"--resume", id} }, true},
		{"fork", func(id string) []string { return []string{"--resume", id, "--fork-session"} }, false},
		{"continue", func(string) []string { return []string{"--continue"} }, true},
	}
	formats := map[string][]string{"json": {"--output-format", "json"}, "stream-json": streamJSON}
	for _, way := range ways {
		for format, flags := range formats {
			t.Run(way.name+", "+format, func(t *testing.T) {
				t.Parallel()
				s := newMachine(t)
				first := claude(t, s, "-p", "[[subagent:look]][[text:once]]", "--output-format", "json")
				id := conversation(t, first)
				requireBooked(t, s)
				for range 2 {
					args := append(way.args(id), "-p", "[[bash:echo again]][[text:again]]", "--allowedTools", "Bash")
					claude(t, s, with(flags, args...)...)
					requireBooked(t, s)
				}
				last := claude(t, s, append(way.args(id), "-p", "at last", "--output-format", "json")...)
				require.Equal(t, way.same, conversation(t, last) == id)
				requireBooked(t, s)
				requireReleased(t, s, 4)
				requireConversations(t, s, id)
			})
		}
	}
}

// requireConversations says that the first session is known to have been on that conversation, and every
// other on some.
func requireConversations(t *testing.T, s *sandbox.Sandbox, first string) {
	t.Helper()
	sessions, err := s.Sessions()
	require.NoError(t, err)
	var known []string
	for _, session := range sessions {
		require.NotNil(t, session.ConversationID, "%+v", session)
		known = append(known, *session.ConversationID)
	}
	require.Contains(t, known, first)
}

func TestAResumedConversationAnswersAsItDoesDirectly(t *testing.T) {
	t.Parallel()
	alone, pooled := newDirectMachine(t), newMachine(t)
	first := []string{"-p", "[[text:once]]", "--output-format", "json"}
	directly := run(t, alone.Direct(limited(t), "only", first...), "")
	through := claude(t, pooled, first...)

	again := func(id string) []string { return with(streamJSON, "-p", "hello", "--resume", id) }
	want := run(t, alone.Direct(limited(t), "only", again(conversation(t, directly))...), "")
	got := claude(t, pooled, again(conversation(t, through))...)
	require.Equal(t, normalLines(t, alone, want.Stdout), normalLines(t, pooled, got.Stdout))
	require.Equal(t, normal(alone, want.Stderr), normal(pooled, got.Stderr))
}
