//go:build e2e

package e2e

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/fakeapi"
	"claudepool/internal/sandbox"
)

func TestTenAtOnceOnThreeSubscriptions(t *testing.T) {
	t.Parallel()
	s := newMachine(t, "work", "personal", "ci-1")
	formats := [][]string{{"--output-format", "json"}, streamJSON}
	outputs := make([]output, 10)
	var crowd sync.WaitGroup
	for i := range outputs {
		cmd := s.Claude(limited(t), with(formats[i%2], "-p", "[[bash:echo here]][[text:done]]", "--allowedTools", "Bash")...)
		crowd.Go(func() { outputs[i] = run(t, cmd, "") })
	}
	crowd.Wait()
	for _, out := range outputs {
		require.Zero(t, out.Status, "%s\n%s", out.Stdout, out.Stderr)
		require.Contains(t, out.Stdout, `"result":"done"`)
	}
	requireBooked(t, s)
	shares := map[string]int{}
	for _, session := range requireReleased(t, s, len(outputs)) {
		shares[session.Subscription]++
	}
	require.Len(t, shares, 3, "%v", shares)
}

// Many that meet one limit in the same moment spread over the other subscriptions, by the rules of every
// choice, and close none of these.
func TestACrowdThatMeetsOneLimitSpreads(t *testing.T) {
	t.Parallel()
	const crowd = 12
	s := newBareMachine(t)
	require.NoError(t, s.Install(program))
	require.NoError(t, s.AddSubscription("a"))
	for _, name := range []string{"b", "c", "d"} {
		require.NoError(t, s.AddSubscription(name, "--tier", "1"))
	}
	met, spread := make(chan struct{}), make(chan struct{})
	limit, answer := fakeapi.Limit("five_hour"), fakeapi.Answer()
	limit.Until, answer.Until = met, spread
	s.API.Script(sandbox.Token("a"), limit)
	for _, name := range []string{"b", "c", "d"} {
		s.API.Script(sandbox.Token(name), answer)
	}
	outputs := make([]output, crowd)
	var all sync.WaitGroup
	for i := range outputs {
		cmd := s.Claude(limited(t), "-p", "[[text:done]]", "--output-format", "json")
		all.Go(func() { outputs[i] = run(t, cmd, "") })
	}
	requests(t, s, crowd)
	close(met)
	requests(t, s, 2*crowd)
	close(spread)
	all.Wait()
	for _, out := range outputs {
		require.Zero(t, out.Status, "%s\n%s", out.Stdout, out.Stderr)
		requireAnswer(t, "json", out.Stdout, "done")
	}
	shares := map[string]int{}
	for _, session := range requireReleased(t, s, 2*crowd) {
		shares[session.Subscription]++
		require.Equal(t, session.Subscription == "a", session.Met != nil, "%+v", session)
	}
	require.Equal(t, map[string]int{"a": crowd, "b": crowd / 3, "c": crowd / 3, "d": crowd / 3}, shares)
	require.Equal(t, "limited", statusOf(t, s, "a").State)
	for _, name := range []string{"b", "c", "d"} {
		require.Equal(t, "available", statusOf(t, s, name).State)
	}
	requireBooked(t, s)
}
