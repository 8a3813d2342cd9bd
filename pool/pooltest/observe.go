package pooltest

import (
	"math"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var observeTests = suite{
	"KnowsItsSession":       observeKnowsItsSession,
	"BooksAnIDOnce":         observeBooksAnIDOnce,
	"OneOfMany":             observeOneOfMany,
	"OfTheEndedBooks":       observeOfTheEndedBooks,
	"BoundsFigures":         observeBoundsFigures,
	"UnknownCostIsNoZero":   observeUnknownCostIsNoZero,
	"TellsTheConversation":  observeTellsTheConversation,
	"OfTheUnattributed":     observeOfTheUnattributed,
	"OfNothing":             observeOfNothing,
	"KeepsEveryKindOfToken": observeKeepsEveryKindOfToken,
}

func observeKnowsItsSession(h *harness) {
	h.restored("ab12")
	for _, id := range []string{"nobody", "", "ab"} {
		require.ErrorIs(h, h.store.Observe(h.ctx, id, pool.Observation{Conversation: "c"}), pool.ErrNotFound, "%q", id)
	}
}

func observeBooksAnIDOnce(h *harness) {
	h.add("a")
	h.add("b")
	one, two := h.acquireOn("a"), h.acquireOn("b")
	entry := pool.Entry{ID: "e", At: h.now, Model: "m", Messages: 1, Tokens: pool.Tokens{Input: 5}, Cost: 9, CostSource: pool.CostFromCLI}
	h.observe(one.ID, pool.Observation{Entries: []pool.Entry{entry, entry}})
	h.observe(one.ID, pool.Observation{Entries: []pool.Entry{entry}})
	other := entry
	other.Tokens.Input, other.Model = 1000, "other"
	h.observe(two.ID, pool.Observation{Entries: []pool.Entry{other}})

	require.Equal(h, []pool.UsageRow{{
		Keys:  []string{"a", "m"},
		Usage: pool.Usage{Messages: 1, Tokens: pool.Tokens{Input: 5}, Cost: 9},
	}}, h.usage(pool.UsageQuery{By: []pool.Dimension{pool.BySubscription, pool.ByModel}}))
	require.Equal(h, int64(5), h.candidate("a").Week.Tokens.Input)
	require.Zero(h, h.candidate("b").Week)
}

// observeOneOfMany: what is new of an observation is booked although another part is known.
func observeOneOfMany(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	entry := func(id string, input int64) pool.Entry {
		return pool.Entry{ID: id, At: h.now, Tokens: pool.Tokens{Input: input}}
	}
	h.observe(s.ID, pool.Observation{Entries: []pool.Entry{entry("1", 1), entry("2", 10)}})
	h.observe(s.ID, pool.Observation{Entries: []pool.Entry{entry("2", 10), entry("3", 100)}})
	require.Equal(h, int64(111), h.total(pool.UsageQuery{}))
}

func observeOfTheEndedBooks(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	h.release(s.ID)
	h.book(s.ID, h.now, 5)
	h.observe(s.ID, pool.Observation{Conversation: "c"})
	require.Equal(h, int64(5), h.total(pool.UsageQuery{}))
	require.Equal(h, "c", h.session(s.ID).Conversation)
	require.False(h, h.session(s.ID).Running())
}

func observeBoundsFigures(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	wild := pool.Tokens{
		Input: -5, Output: math.MaxInt64, CacheCreation: 10, CacheCreation1h: math.MaxInt64, CacheRead: math.MinInt64,
	}
	h.observe(s.ID, pool.Observation{Entries: []pool.Entry{
		{ID: "1", At: h.now, Messages: math.MinInt, Tokens: wild, Cost: math.MinInt64, CostSource: pool.CostFromCLI},
		{ID: "2", At: h.now, Messages: math.MaxInt, Cost: math.MaxInt64, CostSource: pool.CostFromCLI},
		{ID: "3", At: time.Time{}, Messages: 1},
		{ID: "4", At: time.Unix(math.MaxInt32*1000, 0), Messages: 1},
	}})
	require.Equal(h, []pool.UsageRow{{Keys: []string{}, Usage: pool.Usage{
		Messages: int64(pool.MaxMessages) + 2,
		Tokens:   pool.Tokens{Output: pool.MaxTokens, CacheCreation: 10, CacheCreation1h: 10},
		Cost:     pool.MaxCost, CostUnknown: 2,
	}}}, h.usage(pool.UsageQuery{}))
	for _, row := range h.usage(pool.UsageQuery{By: []pool.Dimension{pool.ByDay}}) {
		_, err := time.Parse(time.DateOnly, row.Keys[0])
		require.NoError(h, err)
	}
}

func observeUnknownCostIsNoZero(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	h.observe(s.ID, pool.Observation{Entries: []pool.Entry{
		{ID: "1", At: h.now, Messages: 1, Cost: 77, CostSource: pool.CostUnknown},
		{ID: "2", At: h.now, Messages: 1, Cost: 0, CostSource: pool.CostFromCLI},
		{ID: "3", At: h.now, Messages: 1, Cost: 5, CostSource: pool.CostFromCLI},
	}})
	want := pool.Usage{Messages: 3, Cost: 5, CostUnknown: 1}
	require.Equal(h, want, h.usage(pool.UsageQuery{})[0].Usage)
	require.Equal(h, want, h.usage(pool.UsageQuery{Since: h.now, Until: h.now.Add(time.Millisecond)})[0].Usage)
	require.Equal(h, want, h.candidate("a").Week)
}

func observeTellsTheConversation(h *harness) {
	h.add("a")
	s := h.acquire(pool.Request{Conversation: "c1"})
	h.observe(s.ID, pool.Observation{Conversation: "c2"}) // cleared, or forked
	require.Equal(h, "c2", h.session(s.ID).Conversation)
	h.book(s.ID, h.now, 1)
	require.Equal(h, "c2", h.session(s.ID).Conversation, "one that is not told changes nothing")
}

func observeOfTheUnattributed(h *harness) {
	h.add("a")
	h.restored("lost")
	h.book("lost", h.now, 5)
	h.observe("lost", pool.Observation{Windows: []pool.Window{
		{Kind: pool.FiveHour, Status: pool.StatusRejected, ObservedAt: h.now},
	}})
	require.Equal(h, map[string]int64{"": 5}, h.inputs(pool.UsageQuery{By: []pool.Dimension{pool.BySubscription}}))
	require.Zero(h, h.candidate("a").Week)
	require.Empty(h, h.candidate("a").Windows)
	h.acquire(pool.Request{})
}

func observeOfNothing(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	h.observe(s.ID, pool.Observation{})
	require.Equal(h, s, h.session(s.ID))
}

func observeKeepsEveryKindOfToken(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	tokens := pool.Tokens{Input: 1, Output: 20, CacheCreation: 300, CacheCreation1h: 40, CacheRead: 5000}
	h.observe(s.ID, pool.Observation{Entries: []pool.Entry{{ID: "e", At: h.now, Messages: 2, Tokens: tokens, Cost: 6, CostSource: pool.CostFromCLI}}})
	want := pool.Usage{Messages: 2, Tokens: tokens, Cost: 6}
	require.Equal(h, want, h.usage(pool.UsageQuery{})[0].Usage)
	require.Equal(h, want, h.usage(pool.UsageQuery{Since: h.now, Until: h.now.Add(1e6)})[0].Usage)
	require.Equal(h, want, h.candidate("a").Week)
}
