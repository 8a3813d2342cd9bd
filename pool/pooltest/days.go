package pooltest

import (
	"time"
	_ "time/tzdata" // the zones, wherever the tests run

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var dayTests = suite{
	"AreUTCByDefault":          daysAreUTCByDefault,
	"BeginAtLocalMidnight":     daysBeginAtLocalMidnight,
	"WhenTheClocksChange":      daysWhenTheClocksChange,
	"AcrossManyClockChanges":   daysAcrossManyClockChanges,
	"OfASpanInsideOfTheirs":    daysOfASpan,
	"ThatAreSkippedAltogether": daysThatAreSkipped,
	"OfAWrongDate":             daysOfAWrongDate,
}

func zone(h *harness, name string) *time.Location {
	h.Helper()
	loc, err := time.LoadLocation(name)
	require.NoError(h, err)
	return loc
}

func (h *harness) byDay(loc *time.Location) map[string]int64 {
	h.Helper()
	return h.inputs(pool.UsageQuery{By: []pool.Dimension{pool.ByDay}, Location: loc})
}

func daysAreUTCByDefault(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	midnight := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	h.book(s.ID, midnight.Add(-time.Millisecond), 1)
	h.book(s.ID, midnight, 10)
	want := map[string]int64{"2026-11-23": 1, "2026-11-24": 10}
	require.Equal(h, want, h.byDay(nil))
	require.Equal(h, want, h.byDay(time.UTC))
}

func daysBeginAtLocalMidnight(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	zones := []string{
		"Asia/Kathmandu", "Asia/Kolkata", "Pacific/Chatham", "Australia/Eucla", "America/St_Johns",
		"Pacific/Kiritimati", "Pacific/Pago_Pago", "Australia/Lord_Howe", "Pacific/Marquesas",
	}
	// Every zone has a week of its own, so that its midnight is not in the middle of another's entries.
	for i, name := range zones {
		loc := zone(h, name)
		midnight := time.Date(2026, 7, 1+7*i, 0, 0, 0, 0, loc)
		h.book(s.ID, midnight.Add(-time.Millisecond), 1)
		h.book(s.ID, midnight, 10)
		h.book(s.ID, midnight.AddDate(0, 0, 1).Add(-time.Millisecond), 100)
		days := h.byDay(loc)
		require.Equal(h, int64(1), days[midnight.AddDate(0, 0, -1).Format(time.DateOnly)], name)
		require.Equal(h, int64(110), days[midnight.Format(time.DateOnly)], name)
	}
}

// daysWhenTheClocksChange: a day of 23 hours, one of 25, one that begins at 1 o'clock.
func daysWhenTheClocksChange(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	for _, c := range []struct {
		zone        string
		year, month int
		day, hours  int
	}{
		{"Europe/Berlin", 2026, 3, 29, 23},
		{"Europe/Berlin", 2026, 10, 25, 25},
		{"America/New_York", 2025, 3, 9, 23},
		{"America/New_York", 2025, 11, 2, 25},
		{"Asia/Beirut", 2024, 3, 31, 23}, // no midnight: the clocks go from 0:00 to 1:00
	} {
		loc := zone(h, c.zone)
		first := time.Date(c.year, time.Month(c.month), c.day, 0, 0, 0, 0, loc)
		next := time.Date(c.year, time.Month(c.month), c.day+1, 0, 0, 0, 0, loc)
		require.Equal(h, time.Duration(c.hours)*time.Hour, next.Sub(first), "the case is what it says")
		h.book(s.ID, first.Add(-time.Millisecond), 1)
		for hour := range c.hours {
			h.book(s.ID, first.Add(time.Duration(hour)*time.Hour), 100)
		}
		h.book(s.ID, next, 10)
		days := h.byDay(loc)
		require.Equal(h, int64(c.hours*100), days[first.Format(time.DateOnly)], c.zone)
		require.Equal(h, int64(1), days[first.Add(-time.Millisecond).Format(time.DateOnly)], c.zone)
		require.Equal(h, int64(10), days[next.Format(time.DateOnly)], c.zone)
	}
}

func daysAcrossManyClockChanges(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	loc := zone(h, "Europe/Berlin")
	want := map[string]int64{}
	for at := time.Date(2023, 1, 1, 22, 30, 0, 0, time.UTC); at.Year() < 2026; at = at.AddDate(0, 0, 9) {
		h.book(s.ID, at, 3)
		want[at.In(loc).Format(time.DateOnly)] += 3
	}
	require.Equal(h, want, h.byDay(loc))
}

func daysOfASpan(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	loc := zone(h, "Asia/Kathmandu")
	for hour := range 48 {
		h.book(s.ID, h.now.Add(time.Duration(hour)*time.Hour), 1)
	}
	since := time.Date(2026, 11, 25, 0, 0, 0, 0, loc)
	require.Equal(h, map[string]int64{"2026-11-25": 24}, h.inputs(pool.UsageQuery{
		By: []pool.Dimension{pool.ByDay}, Location: loc, Since: since, Until: since.AddDate(0, 0, 1),
	}))
}

// daysThatAreSkipped: Samoa had no 30 December in 2011.
func daysThatAreSkipped(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	loc := zone(h, "Pacific/Apia")
	before := time.Date(2011, 12, 29, 23, 59, 0, 0, loc)
	h.book(s.ID, before, 1)
	h.book(s.ID, before.Add(time.Minute), 10)
	require.Equal(h, map[string]int64{"2011-12-29": 1, "2011-12-31": 10}, h.byDay(loc))
}

// daysOfAWrongDate: a transcript may have any date, and a report still comes to its end, soon.
func daysOfAWrongDate(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	h.book(s.ID, time.Date(2040, 12, 31, 0, 0, 0, 0, time.UTC), 1) // when Go says that clocks change in Berlin; see pool.ZoneEnd
	h.book(s.ID, time.Date(9999, 12, 30, 0, 0, 0, 0, time.UTC), 2)
	h.book(s.ID, h.now, 4)
	h.book(s.ID, time.Time{}, 8)
	began := time.Now()
	for _, name := range []string{"Europe/Berlin", "Pacific/Chatham", "America/New_York", "UTC"} {
		days := h.byDay(zone(h, name))
		require.Len(h, days, 4, name)
		require.Equal(h, int64(1), days["2040-12-31"]+days["2040-12-30"], name)
		require.Equal(h, int64(2), days["9999-12-30"]+days["9999-12-29"], name)
	}
	require.Less(h, time.Since(began), 10*time.Second)
}
