//go:build e2e

package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/fakeapi"
	"claudepool/internal/sandbox"
)

// An idle conversation of a subscription that is nearly used up goes on with the other one, which knows it. One that
// runs stays.
func TestAnIdleConversationIsMoved(t *testing.T) {
	t.Parallel()
	s := newMachine(t, "a", "b")
	s.API.Script(sandbox.Token("a"), fakeapi.Warning("seven_day"))
	const idle, runs = "0b9bd3a5-6a6b-4f6e-9a53-6b2cf50e0a01", "0b9bd3a5-6a6b-4f6e-9a53-6b2cf50e0a02"
	for _, id := range []string{idle, runs} {
		on(t, s, "a", with(streamJSON, "-p", "[[text:once]]", "--session-id", id)...)
	}
	on(t, s, "b", with(streamJSON, "-p", "hello")...)

	answer := make(chan struct{})
	held := fakeapi.Warning("seven_day")
	held.Until = answer
	s.API.Script(sandbox.Token("a"), held)
	running := s.Claude(limited(t), "--resume", runs, "-p", "hello")
	require.NoError(t, running.Start())
	requests(t, s, 4)
	later(t, s, `UPDATE conversations SET active_at = active_at - 600000`)

	var report struct {
		Moves []struct {
			Conversation string `json:"conversation_id"`
			From, To     string
			Moved        bool
		}
	}
	require.NoError(t, s.Manage(&report, "rebalance", "--json"))
	require.Len(t, report.Moves, 1, "%+v", report)
	move := report.Moves[0]
	require.Equal(t, []any{idle, "a", "b", true}, []any{move.Conversation, move.From, move.To, move.Moved})
	close(answer)
	require.NoError(t, running.Wait())

	again := claude(t, s, "--resume", idle, "-p", "[[text:again]]", "--output-format", "json")
	require.Equal(t, idle, conversation(t, again))
	claude(t, s, "--resume", runs, "-p", "hello")
	requireAsked(t, s, "a a b a b a")
	requireBooked(t, s)
}
