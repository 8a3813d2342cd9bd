package pooltest

import (
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var dimensionTests = suite{
	"Times":                     dimensionsOfTime,
	"HoursOfAZone":              dimensionHoursOfAZone,
	"HoursWhenTheClocksGoBack":  dimensionHoursWhenTheClocksGoBack,
	"ConversationAndSession":    dimensionConversationAndSession,
	"TagsCountInEachOfTheirs":   dimensionTags,
	"BlocksAsObserved":          dimensionBlocksAsObserved,
	"BlocksNotObserved":         dimensionBlocksNotObserved,
	"BlocksOfEachSubscription":  dimensionBlocksOfEachSubscription,
	"BlocksDoNotDependOnBounds": dimensionBlocksDoNotDependOnBounds,
	"OnlySomeSubscriptions":     dimensionOnlySomeSubscriptions,
	"OnlyADirectory":            dimensionOnlyADirectory,
	"CostThatIsEstimated":       dimensionCostThatIsEstimated,
	"NothingIsNoRow":            dimensionNothingIsNoRow,
}

func (h *harness) by(d pool.Dimension) map[string]int64 {
	h.Helper()
	return h.inputs(pool.UsageQuery{By: []pool.Dimension{d}})
}

func dimensionsOfTime(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	for i, at := range []time.Time{
		time.Date(2026, 11, 29, 23, 59, 59, 0, time.UTC), // a Sunday
		time.Date(2026, 11, 30, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 12, 1, 0, 59, 0, 0, time.UTC),
		time.Date(2027, 1, 3, 1, 0, 0, 0, time.UTC), // a Sunday
	} {
		h.book(s.ID, at, 1<<i)
	}
	require.Equal(h, map[string]int64{"2026-11-23": 1, "2026-11-30": 6, "2026-12-28": 8}, h.by(pool.ByWeek))
	require.Equal(h, map[string]int64{"2026-11": 3, "2026-12": 4, "2027-01": 8}, h.by(pool.ByMonth))
	require.Equal(h, map[string]int64{
		"2026-11-29T23:00:00Z": 1, "2026-11-30T00:00:00Z": 2, "2026-12-01T00:00:00Z": 4, "2027-01-03T01:00:00Z": 8,
	}, h.by(pool.ByHour))
	rows := h.usage(pool.UsageQuery{By: []pool.Dimension{pool.ByWeek, pool.ByMonth, pool.ByDay}})
	require.Equal(h, []string{"2026-11-30", "2026-12", "2026-12-01"}, rows[2].Keys)
}

func dimensionHoursOfAZone(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	loc := zone(h, "Asia/Kathmandu") // 5:45 ahead
	h.book(s.ID, time.Date(2026, 11, 24, 12, 14, 0, 0, time.UTC), 1)
	h.book(s.ID, time.Date(2026, 11, 24, 12, 15, 0, 0, time.UTC), 10)
	require.Equal(h, map[string]int64{"2026-11-24T17:00:00+05:45": 1, "2026-11-24T18:00:00+05:45": 10},
		h.inputs(pool.UsageQuery{By: []pool.Dimension{pool.ByHour}, Location: loc}))
}

// dimensionHoursWhenTheClocksGoBack: an hour that comes twice is two, in their order.
func dimensionHoursWhenTheClocksGoBack(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	first := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)
	h.book(s.ID, first, 1)
	h.book(s.ID, first.Add(time.Hour), 10)
	rows := h.usage(pool.UsageQuery{By: []pool.Dimension{pool.ByHour}, Location: zone(h, "Europe/Berlin")})
	require.Len(h, rows, 2)
	require.Equal(h, []string{"2026-10-25T02:00:00+02:00"}, rows[0].Keys)
	require.Equal(h, []string{"2026-10-25T02:00:00+01:00"}, rows[1].Keys)
}

func dimensionConversationAndSession(h *harness) {
	h.add("a")
	one, two := h.acquireOn("a"), h.acquireOn("a")
	for i, e := range []struct{ session, conversation string }{{one.ID, "c1"}, {one.ID, "c2"}, {two.ID, "c2"}, {two.ID, ""}} {
		h.observe(e.session, pool.Observation{At: h.now, Entries: []pool.Entry{{
			ID: string(rune('0' + i)), At: h.now, Conversation: e.conversation, Tokens: pool.Tokens{Input: 1 << i},
		}}})
	}
	require.Equal(h, map[string]int64{"c1": 1, "c2": 6, "": 8}, h.by(pool.ByConversation))
	require.Equal(h, map[string]int64{one.ID: 3, two.ID: 12}, h.by(pool.BySession))
}

func dimensionTags(h *harness) {
	h.add("a", func(s *pool.Subscription) { s.Tags = []string{"x", "y"} })
	h.add("b", func(s *pool.Subscription) { s.Tags = []string{"y"} })
	h.add("c")
	for i, name := range []string{"a", "b", "c"} {
		h.book(h.acquireOn(name).ID, h.now, 1<<i)
	}
	h.restored("lost")
	h.book("lost", h.now, 8)
	require.Equal(h, map[string]int64{"x": 1, "y": 3, "": 12}, h.by(pool.ByTag))
	require.Equal(h, int64(15), h.total(pool.UsageQuery{}))
}

// observedReset observes a five-hour window that resets at a moment.
func (h *harness) observedReset(session string, at time.Time) {
	h.Helper()
	h.observe(session, pool.Observation{Windows: []pool.Window{
		{Kind: pool.FiveHour, ResetsAt: at, ObservedAt: h.now}, {Kind: pool.SevenDay, ResetsAt: at.Add(time.Hour), ObservedAt: h.now},
	}})
}

func dimensionBlocksAsObserved(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	reset := h.now.Add(3 * time.Hour).Add(10 * time.Minute) // 15:10, from 10:10 on
	h.observedReset(s.ID, reset)
	h.observedReset(s.ID, reset.Add(-400*time.Millisecond))
	h.observedReset(s.ID, reset.Add(5*time.Hour)) // which takes the place of the first
	for i, at := range []time.Time{
		reset.Add(-5 * time.Hour).Add(-time.Minute), reset.Add(-5 * time.Hour), h.now,
		reset.Add(-time.Millisecond), reset, reset.Add(5 * time.Hour),
	} {
		h.book(s.ID, at, 1<<i)
	}
	require.Equal(h, map[string]int64{
		"2026-11-24T10:09:00Z": 1, "2026-11-24T10:10:00Z": 14, "2026-11-24T15:10:00Z": 16, "2026-11-24T20:10:00Z": 32,
	}, h.by(pool.ByBlock))
}

func dimensionBlocksNotObserved(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	for i, after := range []time.Duration{7 * time.Minute, time.Hour, 5*time.Hour + 6*time.Minute, 5*time.Hour + 7*time.Minute, 24 * time.Hour} {
		h.book(s.ID, h.now.Add(after), 1<<i)
	}
	require.Equal(h, map[string]int64{"2026-11-24T12:07:00Z": 7, "2026-11-24T17:07:00Z": 8, "2026-11-25T12:00:00Z": 16}, h.by(pool.ByBlock))
}

func dimensionBlocksOfEachSubscription(h *harness) {
	h.add("a")
	h.add("b")
	one, two := h.acquireOn("a"), h.acquireOn("b")
	h.observedReset(one.ID, h.now.Add(time.Hour))
	h.book(one.ID, h.now, 1)
	h.book(two.ID, h.now, 2)
	h.restored("lost")
	h.book("lost", h.now.Add(time.Minute), 4)
	require.Equal(h, map[string]int64{"2026-11-24T08:00:00Z": 1, "2026-11-24T12:00:00Z": 2, "2026-11-24T12:01:00Z": 4}, h.by(pool.ByBlock))
	rows := h.usage(pool.UsageQuery{By: []pool.Dimension{pool.ByBlock, pool.BySubscription, pool.ByDay}})
	require.Equal(h, []string{"2026-11-24T12:01:00Z", "", "2026-11-24"}, rows[2].Keys)
}

func dimensionBlocksDoNotDependOnBounds(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	for minute := 0; minute < 15*60; minute += 20 {
		h.book(s.ID, h.now.Add(time.Duration(minute)*time.Minute), 1)
	}
	require.Equal(h, map[string]int64{"2026-11-24T12:00:00Z": 15, "2026-11-24T17:00:00Z": 15, "2026-11-24T22:00:00Z": 15}, h.by(pool.ByBlock))
	require.Equal(h, map[string]int64{"2026-11-24T12:00:00Z": 2, "2026-11-24T17:00:00Z": 1}, h.inputs(pool.UsageQuery{
		By: []pool.Dimension{pool.ByBlock}, Since: h.now.Add(250 * time.Minute), Until: h.now.Add(301 * time.Minute),
	}))
}

func dimensionOnlySomeSubscriptions(h *harness) {
	ledger(h)
	for _, by := range pool.Dimensions {
		sum := func(names ...string) (n int64) {
			for _, row := range h.usage(pool.UsageQuery{By: []pool.Dimension{by}, Subscriptions: names}) {
				n += row.Tokens.Input
			}
			return n
		}
		require.Equal(h, int64(7), sum("a"), by)
		require.Equal(h, int64(24), sum("b", ""), by)
		require.Equal(h, int64(0), sum("nobody"), by)
	}
	require.Equal(h, int64(7), h.total(pool.UsageQuery{Subscriptions: []string{"a"}}))
	for _, s := range h.sessions(false) {
		h.release(s.ID)
	}
	h.remove("a")
	require.Equal(h, int64(7), h.total(pool.UsageQuery{Subscriptions: []string{"a"}}), "a removed one keeps its part")
}

func dimensionOnlyADirectory(h *harness) {
	h.add("a")
	for i, dir := range []string{"/x", "/x/y", "/xy", "", "/"} {
		h.book(h.acquire(pool.Request{CWD: dir}).ID, h.now, 1<<i)
	}
	for dir, want := range map[string]int64{"/x": 3, "/x/": 3, "/x/y": 2, "/xy": 4, "/": 23, "/z": 0} {
		for _, by := range pool.Dimensions {
			var sum int64
			for _, row := range h.usage(pool.UsageQuery{By: []pool.Dimension{by}, Project: dir}) {
				sum += row.Tokens.Input
			}
			require.Equal(h, want, sum, "%s by %s", dir, by)
		}
		require.Equal(h, want, h.total(pool.UsageQuery{Project: dir, Until: h.now.Add(time.Millisecond)}))
	}
}

// dimensionCostThatIsEstimated: once the CLI tells the cost of messages nothing of it is an estimate.
func dimensionCostThatIsEstimated(h *harness) {
	h.add("a")
	s := h.resume("a", "c")
	f := h.file("/1")
	f.book([]pool.Message{h.message("c", "1", 5)})
	sum := func() pool.Usage { return h.usage(pool.UsageQuery{})[0].Usage }
	require.Equal(h, pool.Usage{Messages: 1, Tokens: pool.Tokens{Input: 5}, Cost: 10, CostEstimated: 10}, sum())
	h.print(s, "c", 5, 7)
	require.Equal(h, pool.Usage{Messages: 1, Tokens: pool.Tokens{Input: 5}, Cost: 7}, sum())
	h.pass(time.Hour)
	f.book([]pool.Message{h.message("c", "2", 100)}) // of which the CLI has not told yet
	require.Equal(h, pool.NanoUSD(210), sum().Cost)
	require.Equal(h, pool.NanoUSD(203), sum().CostEstimated)
}

func dimensionNothingIsNoRow(h *harness) {
	h.add("a")
	h.book(h.acquireOn("a").ID, h.now, 0)
	h.observe(h.acquireOn("a").ID, pool.Observation{Entries: []pool.Entry{{ID: "zero", At: h.now, CostSource: pool.CostFromCLI}}})
	for _, by := range pool.Dimensions {
		require.Len(h, h.usage(pool.UsageQuery{By: []pool.Dimension{by}, Since: h.now.Add(time.Millisecond)}), 0, by)
	}
	require.Len(h, h.usage(pool.UsageQuery{}), 1)
}
