//go:build e2e

package e2e

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/fakeapi"
	"claudepool/internal/sandbox"
	"claudepool/pool"
)

// Runs that are killed with -9 at any moment lose no event and make none up.
func TestEventsOfKilledRuns(t *testing.T) {
	t.Parallel()
	m := newTold(t, "a", "b")
	m.API.Script(sandbox.Token("a"), fakeapi.Limit("five_hour"))
	for range 10 {
		ctx, cancel := context.WithTimeout(t.Context(), rand.N(1500*time.Millisecond))
		cmd := m.claude(ctx, "-p", "[[slow:300s]]") // killed when the time is over
		cmd.WaitDelay = time.Second
		require.Error(t, cmd.Run())
		cancel()
	}
	m.claudepool(t, 0, "maintain")
	m.alone(t)
	m.claudepool(t, 0, "notify", "flush")
	requireToldAll(t, m)

	sessions, err := m.Sessions()
	require.NoError(t, err)
	want := map[string]int{}
	for _, s := range sessions {
		if s.State == "reclaimed" {
			want[string(pool.EventReclaimed)]++
		}
		if s.Follows != nil {
			want[string(pool.EventFailover)]++
		}
	}
	if statusOf(t, m.Sandbox, "a").State == "limited" {
		want[string(pool.EventLimit)] = 1
	}
	require.Positive(t, want[string(pool.EventReclaimed)])
	got := map[string]int{}
	for _, e := range m.events(t) {
		got[string(e.Kind)]++
	}
	require.Equal(t, want, got)
}

// requireToldAll says that all events of the pool have arrived, those of a subscription in their order, and nothing else.
func requireToldAll(t *testing.T, m *told) {
	t.Helper()
	want, got := map[string][]string{}, map[string][]string{}
	for _, e := range m.events(t) {
		want[e.Subscription] = append(want[e.Subscription], e.ID)
	}
	for _, a := range once(m) {
		got[a.Subscription] = append(got[a.Subscription], a.ID)
	}
	require.Equal(t, want, got)
}

// once are the arrivals without those that came again under the same id.
func once(m *told) (all []arrival) {
	seen := map[string]bool{}
	for _, a := range m.hook.arrivals() {
		if !seen[a.ID] {
			all = append(all, a)
		}
		seen[a.ID] = true
	}
	return all
}

// kindsOnce are their kinds.
func kindsOnce(m *told) string {
	var kinds []string
	for _, a := range once(m) {
		kinds = append(kinds, string(a.Kind))
	}
	return strings.Join(kinds, " ")
}
