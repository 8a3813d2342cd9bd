//go:build e2e

package e2e

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/fakeapi"
	"claudepool/internal/sandbox"
)

// newIsolated is a machine with an isolated subscription that has had a conversation, and two others that have
// transcripts of their own; b is the best of all.
func newIsolated(t *testing.T) (s *sandbox.Sandbox, conversationID string) {
	t.Helper()
	s = newBareMachine(t)
	require.NoError(t, s.Install(program))
	require.NoError(t, s.AddUnshared("alone", "--isolated"))
	require.NoError(t, s.AddUnshared("b", "--priority", "9"))
	require.NoError(t, s.AddUnshared("c", "--priority", "8"))
	begin := inEnv(s.Claude(limited(t), "-p", "[[text:a secret]]", "--output-format", "json"), "CLAUDEPOOL_SUBSCRIPTION=alone")
	return s, conversation(t, run(t, begin, ""))
}

// requireKept says that nothing of the conversation is outside of the isolated subscription.
func requireKept(t *testing.T, s *sandbox.Sandbox, id string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(s.Home, "subscriptions/*/projects/*", id+"*"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Contains(t, found[0], "/alone/")
}

// Taken up, a conversation of an isolated subscription goes on there, whoever would be picked else.
func TestAConversationOfAnIsolatedSubscriptionStaysThere(t *testing.T) {
	t.Parallel()
	s, id := newIsolated(t)
	for _, args := range [][]string{{"--resume", id}, {"--continue"}} {
		args = append(args, "-p", "[[text:again]]", "--output-format", "json")
		out := run(t, inEnv(s.Claude(limited(t), args...), "CLAUDEPOOL_STRATEGY=priority"), "")
		require.Equal(t, id, conversation(t, out))
	}
	requireAsked(t, s, "alone alone alone")
	requireKept(t, s, id)
	elsewhere := run(t, inEnv(s.Claude(limited(t), "--resume", id, "-p", "x"), "CLAUDEPOOL_SUBSCRIPTION=b"), "")
	require.Equal(t, 75, elsewhere.Status)
	require.Contains(t, elsewhere.Stderr, "the conversation is of an isolated subscription, and stays there")
	requireBooked(t, s)
}

// At its limit it is not carried on elsewhere: the limit is the answer.
func TestNoFailoverTakesAConversationOutOfAnIsolatedSubscription(t *testing.T) {
	t.Parallel()
	s, id := newIsolated(t)
	s.API.Script(sandbox.Token("alone"), fakeapi.Limit("five_hour"))
	for _, args := range [][]string{{"--resume", id}, {"--continue"}} {
		out := run(t, s.Claude(limited(t), append(args, "-p", "[[text:again]]")...), "")
		require.NotZero(t, out.Status)
	}
	requireAsked(t, s, "alone alone")
	requireKept(t, s, id)
	requireReleased(t, s, 2)
}

// Nor does one of another subscription come to an isolated one, though that alone has room. What is asked anew may.
func TestNoFailoverTakesAConversationToAnIsolatedSubscription(t *testing.T) {
	t.Parallel()
	s, _ := newIsolated(t)
	s.API.Script(sandbox.Token("b"), fakeapi.Answer(), fakeapi.Limit("five_hour"))
	s.API.Script(sandbox.Token("c"), fakeapi.Limit("five_hour"))
	out := run(t, inEnv(s.Claude(limited(t), "--allowedTools", "Bash", "-p", "[[bash:echo ran >>ran]][[text:the answer]]"),
		"CLAUDEPOOL_STRATEGY=priority"), "")
	require.NotZero(t, out.Status)
	requireAsked(t, s, "alone b b c")
	requireRanOnce(t, s)
	out = claude(t, s, "-p", "[[text:anew]]")
	require.Equal(t, "anew\n", out.Stdout)
	requireAsked(t, s, "alone b b c alone")
}
