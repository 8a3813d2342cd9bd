package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func at(day, hour, minute int) time.Time { return clock(day*minutesPerDay + hour*60 + minute) }

func testPlan(name string, week, fiveHour int) plan {
	return plan{name: name, week: cents(week), fiveHour: cents(fiveHour), weekResets: 34 * time.Hour}
}

func TestFiveHoursBeginWithTheFirstUse(t *testing.T) {
	t.Parallel()
	a := newAccount(testPlan("a", 1000, 100), monday)
	require.Empty(t, a.serve(cents(60), at(0, 9, 17)))
	require.Equal(t, at(0, 14, 10), a.fiveHourly.resets)
	require.Empty(t, a.serve(cents(60), at(0, 9, 18)), "the request that passes the limit")
	require.Equal(t, pool.FiveHour, a.serve(cents(1), at(0, 14, 9)))
	require.Empty(t, a.serve(cents(25), at(0, 16, 5)))
	require.Equal(t, at(0, 21, 0), a.fiveHourly.resets, "of the use that came after the reset")
	require.Equal(t, cents(25), a.fiveHourly.used)
}

func TestAWeekHasItsOwnBeginning(t *testing.T) {
	t.Parallel()
	a := newAccount(testPlan("a", 100, 1000), monday)
	require.Empty(t, a.serve(cents(100), at(0, 9, 0)))
	require.Equal(t, pool.SevenDay, a.serve(cents(1), at(1, 9, 59)))
	require.Empty(t, a.serve(cents(25), at(1, 10, 0)))
	a.pass(at(8, 10, 0))
	require.Equal(t, 2, a.weekly.ended)
	require.InDelta(t, 0.75, a.weekly.left, 1e-9, "nothing of the first week, and three quarters of the second")
}

func TestAnAnswerTellsBothWindows(t *testing.T) {
	t.Parallel()
	a := newAccount(testPlan("a", 200, 100), monday)
	require.Empty(t, a.serve(cents(100), at(0, 9, 0)))
	now := at(0, 9, 1)
	told := a.windows(a.serve(cents(1), now), now)
	require.Len(t, told, 2)
	require.Equal(t, []pool.WindowStatus{pool.StatusRejected, pool.StatusAllowed}, []pool.WindowStatus{told[0].Status, told[1].Status})
	require.Equal(t, []float64{1, 0.5}, []float64{*told[0].Utilization, *told[1].Utilization})
	require.Equal(t, at(0, 14, 0), told[0].ResetsAt)
}

func TestThePoolSeesUseOutsideOnlyInItsNextAnswer(t *testing.T) {
	t.Parallel()
	m := newMember(testPlan("a", 200, 100), monday)
	require.Empty(t, m.ask(cents(10), at(0, 9, 0)))
	require.Empty(t, m.serve(cents(40), at(0, 10, 1)))
	seen := m.candidate(at(0, 10, 2))
	require.InDelta(t, 0.1, *seen.Windows[0].Utilization, 1e-9)
	require.Equal(t, cents(10), seen.Week.Cost)
	require.Equal(t, cents(10), seen.HourCost)

	require.Empty(t, m.ask(cents(10), at(0, 10, 20)))
	seen = m.candidate(at(0, 10, 21))
	require.InDelta(t, 0.6, *seen.Windows[0].Utilization, 1e-9)
	require.Equal(t, cents(20), seen.Week.Cost, "the ledger has what went through the pool")
	require.Equal(t, cents(10), seen.HourCost, "since the quarter hour before the last hour began")
}
