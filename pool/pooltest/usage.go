package pooltest

import (
	"math/rand/v2"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var usageTests = suite{
	"IsOneRowWithoutDimensions":  usageIsOneRowWithoutDimensions,
	"GroupsByEachDimension":      usageGroupsByEachDimension,
	"KeysComeInTheQuerysOrder":   usageKeysComeInTheQuerysOrder,
	"RowsAreSorted":              usageRowsAreSorted,
	"SinceIsInclusive":           usageSinceIsInclusive,
	"UntilIsExclusive":           usageUntilIsExclusive,
	"InsideAQuarterHour":         usageInsideAQuarterHour,
	"OfAnySpanIsTheEntriesSum":   usageOfAnySpan,
	"OfASpanBackwardsIsNothing":  usageOfASpanBackwards,
	"BoundsAreWholeMilliseconds": usageBoundsAreWholeMilliseconds,
}

func usageIsOneRowWithoutDimensions(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	require.Zero(h, h.total(pool.UsageQuery{}))
	h.book(s.ID, h.now, 5)
	require.Equal(h, []pool.UsageRow{{
		Keys: []string{}, Usage: pool.Usage{Messages: 1, Tokens: pool.Tokens{Input: 5}, Cost: 5},
	}}, h.usage(pool.UsageQuery{}))
	require.Zero(h, h.total(pool.UsageQuery{Since: h.now.Add(time.Hour)}))
}

// ledger books entries that differ in every dimension.
func ledger(h *harness) {
	h.add("b")
	h.add("a")
	one := h.acquire(pool.Request{Names: []string{"a"}, CWD: "/x"})
	two := h.acquire(pool.Request{Names: []string{"b"}, CWD: "/y"})
	h.restored("lost")
	for i, e := range []struct {
		session, model string
		days           int
		input          int64
	}{
		{one.ID, "opus", 0, 1}, {one.ID, "opus", 0, 2}, {one.ID, "sonnet", 1, 4},
		{two.ID, "opus", 1, 8}, {"lost", "", 2, 16},
	} {
		h.observe(e.session, pool.Observation{Entries: []pool.Entry{{
			ID: string(rune('0' + i)), At: h.now.AddDate(0, 0, e.days), Model: e.model, Tokens: pool.Tokens{Input: e.input},
		}}})
	}
}

func usageGroupsByEachDimension(h *harness) {
	ledger(h)
	for by, want := range map[pool.Dimension]map[string]int64{
		pool.BySubscription: {"a": 7, "b": 8, "": 16},
		pool.ByModel:        {"opus": 11, "sonnet": 4, "": 16},
		pool.ByDay:          {"2026-11-24": 3, "2026-11-25": 12, "2026-11-26": 16},
		pool.ByProject:      {"/x": 7, "/y": 8, "": 16},
	} {
		require.Equal(h, want, h.inputs(pool.UsageQuery{By: []pool.Dimension{by}}), by)
		// The same from the entries themselves: a span inside of a quarter hour each.
		sums := map[string]int64{}
		for day := range 3 {
			at := h.now.AddDate(0, 0, day)
			for key, n := range h.inputs(pool.UsageQuery{By: []pool.Dimension{by}, Since: at, Until: at.Add(time.Second)}) {
				sums[key] += n
			}
		}
		require.Equal(h, want, sums, by)
	}
}

func usageKeysComeInTheQuerysOrder(h *harness) {
	ledger(h)
	rows := h.usage(pool.UsageQuery{By: []pool.Dimension{pool.ByModel, pool.ByDay, pool.ByProject, pool.BySubscription}})
	require.Equal(h, []string{"opus", "2026-11-24", "/x", "a"}, rows[1].Keys)
	require.Equal(h, int64(3), rows[1].Tokens.Input)
	rows = h.usage(pool.UsageQuery{By: []pool.Dimension{pool.BySubscription, pool.ByModel}})
	require.Equal(h, []string{"a", "opus"}, rows[1].Keys)
}

func usageRowsAreSorted(h *harness) {
	ledger(h)
	var keys [][]string
	for _, row := range h.usage(pool.UsageQuery{By: []pool.Dimension{pool.BySubscription, pool.ByModel}}) {
		keys = append(keys, row.Keys)
	}
	require.Equal(h, [][]string{{"", ""}, {"a", "opus"}, {"a", "sonnet"}, {"b", "opus"}}, keys)
}

func usageSinceIsInclusive(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	for _, at := range []time.Time{h.now, h.now.Add(7 * time.Minute), h.now.Add(15 * time.Minute)} {
		require.Zero(h, h.total(pool.UsageQuery{Since: at}))
		h.book(s.ID, at, 5)
		require.Equal(h, int64(5), h.total(pool.UsageQuery{Since: at}))
		require.Zero(h, h.total(pool.UsageQuery{Since: at.Add(time.Millisecond)}))
	}
}

func usageUntilIsExclusive(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	for i, at := range []time.Time{h.now, h.now.Add(7 * time.Minute), h.now.Add(15 * time.Minute)} {
		h.book(s.ID, at, 5)
		require.Equal(h, int64(i*5), h.total(pool.UsageQuery{Until: at}))
		require.Equal(h, int64(i*5+5), h.total(pool.UsageQuery{Until: at.Add(time.Millisecond)}))
	}
}

func usageInsideAQuarterHour(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	for minute := range 15 {
		h.book(s.ID, h.now.Add(time.Duration(minute)*time.Minute), 1<<minute)
	}
	at := func(minute int) time.Time { return h.now.Add(time.Duration(minute) * time.Minute) }
	require.Equal(h, int64(1<<5|1<<6), h.total(pool.UsageQuery{Since: at(5), Until: at(7)}))
	require.Equal(h, int64(1<<14), h.total(pool.UsageQuery{Since: at(14)}))
	require.Equal(h, int64(1), h.total(pool.UsageQuery{Until: at(1)}))
}

// usageOfAnySpan: whatever a store sums up beforehand, a span is the sum of the entries in it.
func usageOfAnySpan(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	const seed = 1
	rnd := rand.New(rand.NewPCG(seed, 0))
	moment := func() time.Time {
		at := h.now.Add(time.Duration(rnd.Int64N(3*3600_000)) * time.Millisecond)
		if rnd.IntN(3) == 0 {
			at = at.Truncate(15 * time.Minute)
		}
		return at
	}
	entries := map[time.Time]int64{}
	for range 60 {
		at := moment()
		n := rnd.Int64N(1000)
		h.book(s.ID, at, n)
		entries[at] += n
	}
	for range 100 {
		since, until := moment(), moment()
		var want int64
		for at, n := range entries {
			if !at.Before(since) && at.Before(until) {
				want += n
			}
		}
		require.Equal(h, want, h.total(pool.UsageQuery{Since: since, Until: until}), "%v to %v", since, until)
	}
}

func usageOfASpanBackwards(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	h.book(s.ID, h.now, 5)
	require.Zero(h, h.total(pool.UsageQuery{Since: h.now.Add(time.Hour), Until: h.now.Add(-time.Hour)}))
	require.Zero(h, h.total(pool.UsageQuery{Since: h.now, Until: h.now}))
	require.Empty(h, h.usage(pool.UsageQuery{
		By: []pool.Dimension{pool.ByDay}, Since: h.now.Add(time.Hour), Until: h.now.Add(-time.Hour),
	}))
}

// usageBoundsAreWholeMilliseconds, as the times of entries are: an entry is in the span of its moment.
func usageBoundsAreWholeMilliseconds(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	at := h.now.Add(1700 * time.Microsecond)
	h.book(s.ID, at, 5)
	require.Equal(h, int64(5), h.total(pool.UsageQuery{Since: at}))
	require.Zero(h, h.total(pool.UsageQuery{Until: at}))
}
