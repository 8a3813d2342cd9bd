package pooltest

import (
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var shortageTests = suite{
	"BeginsOnce":             exhaustedOnce,
	"IsOfWhatIsAskedFor":     exhaustedByWhatIsAskedFor,
	"NotWhereForced":         exhaustedNotWhereForced,
	"EndsWithASession":       recoveredByASession,
	"EndsWithoutASession":    recoveredWithoutASession,
	"IsForgotten":            shortageThatIsForgotten,
	"NotOfWhatIsRefusedElse": noShortageOfOtherErrors,
}

func (h *harness) shortages() []pool.Shortage {
	h.Helper()
	found, err := h.store.Shortages(h.ctx)
	require.NoError(h, err)
	return found
}

func (h *harness) endShortages() {
	h.Helper()
	require.NoError(h, h.store.EndShortages(h.ctx, pool.DefaultPolicy(), h.now))
}

func exhaustedOnce(h *harness) {
	h.add("a", atMost(1))
	h.acquireOn("a")
	h.exhausted(pool.Request{Model: "opus"})
	for range 20 { // as one that waits asks
		h.pass(200 * time.Millisecond)
		h.exhausted(pool.Request{})
	}
	require.Equal(h, []pool.Shortage{{Since: start, LastAt: start, Waiting: pool.Waiting{Model: "opus"}}}, h.shortages(), "it was noted a moment ago")
	h.pass(10 * time.Second)
	h.exhausted(pool.Request{})
	require.Equal(h, []pool.Shortage{{Since: start, LastAt: h.now}}, h.shortages())
	events := h.eventsOf(pool.EventExhausted)
	require.Len(h, events, 1)
	require.Equal(h, []any{"no subscription may be picked", start, pool.LevelError, ""},
		[]any{events[0].Text, events[0].Since, events[0].Level, events[0].Subscription})
	require.Contains(h, events[0].Reason, "a: ")
}

func exhaustedByWhatIsAskedFor(h *harness) {
	h.add("a", atMost(1))
	h.add("b", func(s *pool.Subscription) { s.Enabled, s.Tags = false, []string{"ci"} })
	h.acquireOn("a")
	h.exhausted(pool.Request{Names: []string{"b", "a"}})
	h.exhausted(pool.Request{Names: []string{"a", "b"}})
	h.exhausted(pool.Request{Tags: []string{"ci"}})
	require.Len(h, h.shortages(), 2)
	require.Equal(h, []string{"no subscription may be picked for runs with the tags ci", "no subscription may be picked for runs on b, a"}, h.texts(pool.EventExhausted))
}

func exhaustedNotWhereForced(h *harness) {
	h.add("a", func(s *pool.Subscription) { s.Enabled = false })
	_, err := h.tryAcquire(pool.Request{Forced: "a", Names: []string{"a"}})
	_ = err // one that is forced may be let through, or not
	require.Empty(h, h.shortages())
	require.Empty(h, h.eventsOf(pool.EventExhausted))
}

func recoveredByASession(h *harness) {
	h.add("a", atMost(1))
	s := h.acquireOn("a")
	h.exhausted(pool.Request{})
	h.release(s.ID)
	h.pass(pool.ShortageQuiet - time.Millisecond)
	h.release(h.acquire(pool.Request{}).ID)
	require.Len(h, h.shortages(), 1, "a pool that is just full is full again soon")
	h.release(h.acquireOn("a").ID)
	h.pass(time.Millisecond)
	h.release(h.acquire(pool.Request{Names: []string{"a"}}).ID)
	require.Len(h, h.shortages(), 1, "it is of any")
	h.release(h.acquire(pool.Request{}).ID)
	require.Empty(h, h.shortages())
	events := h.eventsOf(pool.EventRecovered)
	require.Len(h, events, 1)
	require.Equal(h, []any{start, h.now, "there is room again"}, []any{events[0].Since, events[0].At, events[0].Text})

	h.acquireOn("a")
	h.exhausted(pool.Request{})
	require.Len(h, h.eventsOf(pool.EventExhausted), 2, "this is another one")
}

func recoveredWithoutASession(h *harness) {
	h.endShortages()
	h.add("a", atMost(1))
	s := h.acquireOn("a")
	h.exhausted(pool.Request{})
	h.pass(time.Hour)
	h.endShortages()
	require.Len(h, h.shortages(), 1, "there is no room yet")
	h.exhausted(pool.Request{})
	h.release(s.ID)
	h.endShortages()
	require.Len(h, h.shortages(), 1, "one was turned away a moment ago")
	h.pass(pool.ShortageQuiet)
	h.endShortages()
	h.endShortages()
	require.Empty(h, h.shortages())
	require.Len(h, h.eventsOf(pool.EventRecovered), 1)
}

func shortageThatIsForgotten(h *harness) {
	h.add("a", atMost(1))
	h.acquireOn("a")
	h.exhausted(pool.Request{})
	h.pass(pool.ShortageForgotten)
	h.endShortages()
	require.Empty(h, h.shortages())
	require.Empty(h, h.eventsOf(pool.EventRecovered))
}

func noShortageOfOtherErrors(h *harness) {
	_, err := h.tryAcquire(pool.Request{})
	require.ErrorIs(h, err, pool.ErrNoPool)
	h.add("a")
	_, err = h.tryAcquire(pool.Request{Names: []string{"nobody"}})
	require.ErrorIs(h, err, pool.ErrNotFound)
	require.Empty(h, h.shortages())
}
