package pooltest

import (
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var weekTests = suite{
	"IsSevenUTCDays":         weekIsSevenUTCDays,
	"IsOfTheSubscription":    weekIsOfTheSubscription,
	"LeavesOutTheFuture":     weekLeavesOutTheFuture,
	"TakesLateBookings":      weekTakesLateBookings,
	"DaysAreUTCOnEveryClock": weekDaysAreUTCOnEveryClock,
	"HourIsByQuarters":       hourIsByQuarters,
	"HourIsTheSubscriptions": hourIsTheSubscriptions,
}

func (h *harness) week(name string, now time.Time) int64 {
	h.Helper()
	defer func(was time.Time) { h.now = was }(h.now)
	h.now = now
	return h.candidate(name).Week.Tokens.Input
}

func weekIsSevenUTCDays(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	midnight := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	for day := range 10 {
		at := midnight.AddDate(0, 0, -day)
		h.book(s.ID, at, 1<<(2*day))
		h.book(s.ID, at.AddDate(0, 0, 1).Add(-time.Millisecond), 2<<(2*day))
	}
	const week = 1<<14 - 1 // today and six days before it, two bits each
	require.Equal(h, int64(week), h.week("a", midnight))
	require.Equal(h, int64(week), h.week("a", midnight.AddDate(0, 0, 1).Add(-time.Millisecond)))
	require.Equal(h, int64(1<<12-1), h.week("a", midnight.AddDate(0, 0, 1)))
	require.Equal(h, int64(3), h.week("a", midnight.AddDate(0, 0, 6)))
	require.Zero(h, h.week("a", midnight.AddDate(0, 0, 7)))
}

func weekIsOfTheSubscription(h *harness) {
	h.add("a")
	h.add("b")
	h.book(h.acquireOn("a").ID, h.now, 5)
	h.book(h.acquireOn("b").ID, h.now, 7)
	require.Equal(h, int64(5), h.week("a", h.now))
	require.Equal(h, int64(7), h.week("b", h.now))
	h.add("c")
	require.Equal(h, "c", h.acquire(pool.Request{}).Subscription)
}

// weekLeavesOutTheFuture: an entry of a machine whose clock is ahead counts when its day comes.
func weekLeavesOutTheFuture(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	h.book(s.ID, h.now.AddDate(0, 0, 1), 5)
	require.Zero(h, h.week("a", h.now))
	require.Equal(h, int64(5), h.week("a", h.now.AddDate(0, 0, 1)))
}

func weekTakesLateBookings(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	h.book(s.ID, h.now, 5)
	h.book(s.ID, h.now.AddDate(0, 0, -6), 7)
	h.book(s.ID, h.now.AddDate(0, 0, -7), 11)
	require.Equal(h, int64(12), h.week("a", h.now))
}

func weekDaysAreUTCOnEveryClock(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	tokyo := zone(h, "Asia/Tokyo")
	h.book(s.ID, time.Date(2026, 11, 18, 8, 0, 0, 0, tokyo), 5) // the 17th, in UTC
	require.Zero(h, h.week("a", time.Date(2026, 11, 24, 9, 0, 0, 0, tokyo)))
	require.Equal(h, int64(5), h.week("a", time.Date(2026, 11, 24, 8, 59, 0, 0, tokyo)))
}

// hourCost is what the candidate used in the last hour at a time.
func (h *harness) hourCost(name string, now time.Time) pool.NanoUSD {
	h.Helper()
	defer func(was time.Time) { h.now = was }(h.now)
	h.now = now
	return h.candidate(name).HourCost
}

// hourIsByQuarters: it begins with the quarter hour in which the last hour began, and ends with that of now.
func hourIsByQuarters(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	const quarter = 15 * time.Minute
	for n := range 8 { // each costs its power of ten
		cost := int64(1)
		for range n {
			cost *= 10
		}
		h.book(s.ID, h.now.Add(-time.Duration(n)*quarter), cost)
	}
	for after, want := range map[time.Duration]pool.NanoUSD{
		0: 11111, quarter - 1: 11111, quarter: 1111, 4 * quarter: 1, 5*quarter - 1: 1, 5 * quarter: 0,
		-1: 111110, -3 * quarter: 11111000, -100 * quarter: 0,
	} {
		require.Equal(h, want, h.hourCost("a", h.now.Add(after)), "%v", after)
	}
}

func hourIsTheSubscriptions(h *harness) {
	h.add("a")
	h.add("b")
	a := h.acquireOn("a")
	h.book(a.ID, h.now, 5)
	h.observe(a.ID, pool.Observation{Entries: []pool.Entry{
		{ID: "other", At: h.now, Model: "m", Cost: 2, CostSource: pool.CostFromCLI},
		{ID: "unknown", At: h.now, Model: "m", Cost: 99, CostSource: pool.CostUnknown},
	}})
	h.book(h.acquireOn("b").ID, h.now, 100)
	h.restored("lost")
	h.book("lost", h.now, 1000)
	require.Equal(h, pool.NanoUSD(7), h.hourCost("a", h.now))
	require.Equal(h, pool.NanoUSD(100), h.hourCost("b", h.now))
}
