package pool_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func TestBoundedWindow(t *testing.T) {
	t.Parallel()
	for _, share := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		require.Nil(t, pool.Window{Utilization: &share}.Bounded().Utilization, "%v is not known", share)
	}
	negative := math.Copysign(0, -1)
	require.False(t, math.Signbit(*pool.Window{Utilization: &negative}.Bounded().Utilization))
	for _, share := range []float64{0, 0.5, 1.5, -1, 1e300} {
		require.Equal(t, share, *pool.Window{Utilization: &share}.Bounded().Utilization, "it may be wrong, and is told as it came")
	}
	exact := now.Add(time.Millisecond)
	require.Equal(t, exact, pool.Window{ResetsAt: exact.Add(time.Microsecond)}.Bounded().ResetsAt)
	for _, at := range []time.Time{time.UnixMilli(math.MaxInt64), time.UnixMilli(math.MinInt64), time.Unix(1<<40, 0), time.UnixMilli(-1)} {
		w := pool.Window{ResetsAt: at, ObservedAt: at}.Bounded()
		require.True(t, w.ResetsAt.IsZero(), "%v is not known", at)
		_, err := json.Marshal(w)
		require.NoError(t, err)
	}
	require.Equal(t, pool.Window{}, pool.Window{}.Bounded())
}

// Whatever is observed, each event can be written, is of a share that was passed, and is told once.
func TestAlertsAreDefinedForEveryInput(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	rnd := random{rand.New(rand.NewPCG(seed, 2))}
	thresholds := [][]float64{pool.DefaultThresholds, nil, {math.NaN(), math.Inf(1), -1, 0, 0.5}, {0.9, 0.1}, {1e300, 1}}
	budgets := []pool.NanoUSD{0, -1, 1, math.MaxInt64, math.MinInt64, 10}
	told := 0
	for round := range 20_000 {
		s, at, levels := rnd.subscription("a"), rnd.moment(), pick(rnd, thresholds...)
		w, other := rnd.window(pool.SevenDay).Bounded(), rnd.window(pool.Overage).Bounded()
		w.Told, w.Since = pick(rnd, 0, 0.5, math.NaN(), math.Inf(1)), rnd.moment()
		events := w.Alert(s, []pool.Window{w, other}, levels, at)
		requireEvents(t, events, levels, seed, round)
		for _, again := range w.Alert(s, []pool.Window{w, other}, levels, at) {
			require.NotEqual(t, pool.EventThreshold, again.Kind, "seed %d, round %d: told twice", seed, round)
		}

		s.WeeklyBudget = pick(rnd, budgets...)
		before, week := pool.Usage{Cost: pick(rnd, budgets...)}, pool.Usage{Cost: pick(rnd, budgets...)}
		events, level := pool.BudgetAlert(s, before, week, pick(rnd, 0, 0.5, math.NaN(), math.Inf(-1)), levels, at)
		requireEvents(t, events, levels, seed, round)
		require.False(t, math.IsNaN(level) || math.IsInf(level, 0), "seed %d, round %d: %v", seed, round, level)
		told += len(events)
		events, _ = pool.BudgetAlert(s, week, week, level, levels, at)
		require.Empty(t, events, "seed %d, round %d: told twice", seed, round)

		events = rnd.standing().Alert(rnd.standing(), s, at)
		requireEvents(t, events, levels, seed, round)
	}
	require.Greater(t, told, 100)
}

func requireEvents(t *testing.T, events []pool.Event, thresholds []float64, seed uint64, round int) {
	t.Helper()
	for _, e := range events {
		_, err := json.Marshal(e)
		require.NoError(t, err, "seed %d, round %d: %+v", seed, round, e)
		require.NotEmpty(t, e.Cause)
		if e.Kind == pool.EventThreshold {
			require.Contains(t, thresholds, e.Threshold, "seed %d, round %d", seed, round)
			require.GreaterOrEqual(t, *e.Used, e.Threshold, "seed %d, round %d", seed, round)
		}
	}
}

// Go says of some moments that the clocks change right then: who steps from change to change would never come to an end.
func TestZoneEndIsLater(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Asia/Kathmandu", "Europe/Berlin", "Pacific/Chatham", "America/New_York", "Antarctica/Troll"} {
		loc, err := time.LoadLocation(name)
		require.NoError(t, err)
		for at := time.Unix(0, 0).In(loc); at.Year() < 2100; {
			end := pool.ZoneEnd(at)
			if end.IsZero() {
				break
			}
			require.True(t, end.After(at), "%s: %v after %v", name, end, at)
			_, before := at.Zone()
			_, still := end.Add(-time.Second).Zone()
			require.Equal(t, before, still, "%s: they changed before %v", name, end)
			at = end
		}
	}
}
