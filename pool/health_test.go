package pool_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// used is a window of which so much was used when it was observed.
func used(kind pool.WindowKind, share float64, resets, observed time.Time) pool.Window {
	return pool.Window{Kind: kind, Status: pool.StatusAllowed, Utilization: &share, ResetsAt: resets, ObservedAt: observed}
}

func TestHealthInPointsAndWords(t *testing.T) {
	t.Parallel()
	reset := now.Add(time.Hour)
	for name, c := range map[string]struct {
		change func(*pool.Candidate)
		score  float64
		parts  []pool.HealthPart
	}{
		"nothing known": {score: 70, parts: []pool.HealthPart{
			{Name: "start", Points: 100, Words: "what everyone starts with"},
			{Name: "week", Points: -25, Words: "nothing known of the week"},
			{Name: "five_hour", Points: -15, Words: "nothing known of the 5-hour window"},
			{Name: "sessions", Points: 0, Words: "0 sessions running"},
			{Name: "burn", Points: 0, Words: "$0.00 in the last hour"},
			{Name: "idle", Points: 10, Words: "idle"},
		}},
		"in use": {
			change: func(c *pool.Candidate) {
				c.Running, c.HourCost = 3, pool.USD(5.5)
				c.Windows = []pool.Window{used(pool.FiveHour, 0.5, reset, now), used(pool.SevenDay, 0.1, reset, now)}
			},
			score: 60, parts: []pool.HealthPart{
				{Name: "start", Points: 100, Words: "what everyone starts with"},
				{Name: "week", Points: -5, Words: "10 % of the weekly window used, 0 s ago: counts as 10 %"},
				{Name: "five_hour", Points: -15, Words: "50 % of the 5-hour window used, 0 s ago: counts as 50 %"},
				{Name: "sessions", Points: -15, Words: "3 sessions running"},
				{Name: "burn", Points: -5, Words: "$5.50 in the last hour"},
				{Name: "idle", Points: 0, Words: "in use"},
			},
		},
		"fresh": {
			change: func(c *pool.Candidate) {
				c.HourCost = pool.USD(3)
				c.Windows = []pool.Window{used(pool.FiveHour, 0, reset, now), used(pool.SevenDay, 0, reset, now)}
			},
			score: 100, parts: []pool.HealthPart{
				{Name: "start", Points: 100, Words: "what everyone starts with"},
				{Name: "week", Points: 0, Words: "0 % of the weekly window used, 0 s ago: counts as 0 %"},
				{Name: "five_hour", Points: 0, Words: "0 % of the 5-hour window used, 0 s ago: counts as 0 %"},
				{Name: "sessions", Points: 0, Words: "0 sessions running"},
				{Name: "burn", Points: 0, Words: "$3.00 in the last hour"},
				{Name: "idle", Points: 10, Words: "idle"},
			},
		},
		"worn out": {
			change: func(c *pool.Candidate) {
				c.Running, c.HourCost = 12, pool.USD(40)
				c.Windows = []pool.Window{rejected(pool.FiveHour, reset), rejected(pool.SevenDay, reset)}
			},
			score: 0, parts: []pool.HealthPart{
				{Name: "start", Points: 100, Words: "what everyone starts with"},
				{Name: "week", Points: -50, Words: "100 % of the weekly window used, 0 s ago: counts as 100 %"},
				{Name: "five_hour", Points: -30, Words: "100 % of the 5-hour window used, 0 s ago: counts as 100 %"},
				{Name: "sessions", Points: -60, Words: "12 sessions running"},
				{Name: "burn", Points: -74, Words: "$40.00 in the last hour"},
				{Name: "idle", Points: 0, Words: "in use"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := candidate("a")
			if c.change != nil {
				c.change(&a)
			}
			h := pool.DefaultPolicy().Health(a, "", now)
			require.Equal(t, c.parts, h.Parts)
			require.Equal(t, c.score, h.Score)
		})
	}
}

// share is what the policy takes a window's use for, and why.
func share(t *testing.T, c pool.Candidate, part, model string) (float64, string) {
	t.Helper()
	p := pool.DefaultPolicy()
	p.Weights.Week, p.Weights.FiveHour = 1, 1
	for _, got := range p.Health(c, model, now).Parts {
		if got.Name == part {
			return -got.Points, got.Words
		}
	}
	require.FailNow(t, "no part "+part)
	return 0, ""
}

func TestHealthOfTheFiveHourWindow(t *testing.T) {
	t.Parallel()
	reset := now.Add(time.Hour)
	for name, c := range map[string]struct {
		window pool.Window
		share  float64
		words  string
	}{
		"full by the status alone": {
			window: rejected(pool.FiveHour, reset), share: 1,
			words: "100 % of the 5-hour window used, 0 s ago: counts as 100 %",
		},
		"beyond the end":       {window: used(pool.FiveHour, 7.5, reset, now), share: 1, words: "100 % of the 5-hour window used, 0 s ago: counts as 100 %"},
		"below the end":        {window: used(pool.FiveHour, -3, reset, now), share: 0, words: "0 % of the 5-hour window used, 0 s ago: counts as 0 %"},
		"no number":            {window: used(pool.FiveHour, math.NaN(), reset, now), share: 0.5, words: "nothing known of the use of the 5-hour window"},
		"no figure":            {window: pool.Window{Kind: pool.FiveHour, ResetsAt: reset, ObservedAt: now}, share: 0.5, words: "nothing known of the use of the 5-hour window"},
		"without end":          {window: used(pool.FiveHour, math.Inf(1), reset, now), share: 1, words: "100 % of the 5-hour window used, 0 s ago: counts as 100 %"},
		"little, an hour old":  {window: used(pool.FiveHour, 0.2, reset, now.Add(-time.Hour)), share: 0.35, words: "20 % of the 5-hour window used, 60 min ago: counts as 35 %"},
		"much, an hour old":    {window: used(pool.FiveHour, 0.9, reset, now.Add(-time.Hour)), share: 0.9, words: "90 % of the 5-hour window used, 60 min ago: counts as 90 %"},
		"of a clock ahead":     {window: used(pool.FiveHour, 0.2, reset, now.Add(40*time.Hour)), share: 0.2, words: "20 % of the 5-hour window used, 0 s ago: counts as 20 %"},
		"of nobody knows when": {window: used(pool.FiveHour, 0.2, reset, time.Time{}), share: 0.5, words: "20 % of the 5-hour window used, 106751 days ago: counts as 50 %"},
		"reset just now":       {window: used(pool.FiveHour, 1, now, now.Add(-time.Hour)), share: 0, words: "5-hour window started anew 0 s ago: counts as 0 %"},
		"reset an hour ago":    {window: rejected(pool.FiveHour, now.Add(-time.Hour)), share: 0.25, words: "5-hour window started anew 60 min ago: counts as 25 %"},
		"reset long ago":       {window: used(pool.FiveHour, 1, now.Add(-6*time.Hour), now.Add(-7*time.Hour)), share: 0.5, words: "nothing known of the use of the 5-hour window"},
		"no reset known":       {window: used(pool.FiveHour, 1, time.Time{}, now.Add(-5*time.Hour+1)), share: 1, words: "100 % of the 5-hour window used, 4 h ago: counts as 100 %"},
		"no reset known, old":  {window: used(pool.FiveHour, 1, time.Time{}, now.Add(-5*time.Hour)), share: 0.5, words: "nothing known of the use of the 5-hour window"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := candidate("a")
			a.Windows = []pool.Window{c.window}
			got, words := share(t, a, "five_hour", "")
			require.InDelta(t, c.share, got, 1e-9)
			require.Equal(t, c.words, words)
		})
	}
}

func TestHealthOfTheWeek(t *testing.T) {
	t.Parallel()
	reset, yesterday := now.Add(48*time.Hour), now.Add(-24*time.Hour)
	budget := func(spent float64) func(*pool.Candidate) {
		return func(c *pool.Candidate) { c.Subscription.WeeklyBudget, c.Week.Cost = pool.USD(10), pool.USD(spent) }
	}
	with := func(windows ...pool.Window) func(*pool.Candidate) {
		return func(c *pool.Candidate) { c.Windows = windows }
	}
	for name, c := range map[string]struct {
		change func(*pool.Candidate)
		model  string
		share  float64
		words  string
	}{
		"a budget":                {change: budget(2), share: 0.2, words: "20 % of the weekly budget used"},
		"a budget overdrawn":      {change: budget(20), share: 1, words: "100 % of the weekly budget used"},
		"a budget, less than nil": {change: budget(-20), share: 0, words: "0 % of the weekly budget used"},
		"a negative budget": {
			change: func(c *pool.Candidate) { c.Subscription.WeeklyBudget, c.Week.Cost = -5, 5 },
			share:  0.5, words: "nothing known of the week",
		},
		"the window beats the budget": {
			change: func(c *pool.Candidate) {
				budget(8)(c)
				with(used(pool.SevenDay, 0.2, reset, now))(c)
			},
			share: 0.2, words: "20 % of the weekly window used, 0 s ago: counts as 20 %",
		},
		"less so when it is old": {
			change: func(c *pool.Candidate) {
				budget(8)(c)
				with(used(pool.SevenDay, 0.2, reset, yesterday))(c)
			},
			share: 0.5, words: "20 % of the weekly window used, 24 h ago: counts as 50 %",
		},
		"the fullest counts": {
			change: with(used(pool.SevenDay, 0.2, reset, now), used(pool.SevenDayOpus, 0.7, reset, now), used("new", 0.6, reset, now)),
			model:  "claude-opus-4-5", share: 0.7, words: "70 % of the seven_day_opus window used, 0 s ago: counts as 70 %",
		},
		"not for another model": {
			change: with(used(pool.SevenDay, 0.2, reset, now), used(pool.SevenDayOpus, 0.7, reset, now)),
			model:  "sonnet", share: 0.2, words: "20 % of the weekly window used, 0 s ago: counts as 20 %",
		},
		"paid use is no week": {
			change: with(used(pool.SevenDay, 0.2, reset, now), used(pool.Overage, 0.9, reset, now)),
			share:  0.2, words: "20 % of the weekly window used, 0 s ago: counts as 20 %",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := candidate("a")
			c.change(&a)
			got, words := share(t, a, "week", c.model)
			require.InDelta(t, c.share, got, 1e-9)
			require.Equal(t, c.words, words)
		})
	}
}

// The older an observation, the nearer it counts to the middle, and never as emptier than it was.
func TestHealthTrustsOldObservationsLess(t *testing.T) {
	t.Parallel()
	reset := now.Add(1000 * time.Hour)
	for _, seen := range []float64{0, 0.2, 0.5, 0.8, 1} {
		before := seen
		for hours := range 300 {
			a := candidate("a")
			a.Windows = []pool.Window{used(pool.SevenDay, seen, reset, now.Add(-time.Duration(hours)*time.Hour))}
			got, _ := share(t, a, "week", "")
			require.GreaterOrEqual(t, got, before, "%v used, %d hours ago", seen, hours)
			before = got
		}
		require.InDelta(t, max(seen, 0.5), before, 0.001)
	}
}

func TestHealthWithoutHalfLifeTrustsAll(t *testing.T) {
	t.Parallel()
	a := candidate("a")
	a.Windows = []pool.Window{used(pool.SevenDay, 0.1, now.Add(time.Hour), now.Add(-100*time.Hour))}
	p := pool.DefaultPolicy()
	p.Weights.WeekHalfLife = 0
	require.Equal(t, -5.0, p.Health(a, "", now).Parts[1].Points)
	p.Weights.WeekHalfLife = -time.Hour
	require.Equal(t, -5.0, p.Health(a, "", now).Parts[1].Points)
}

func TestEveryWeightIsRead(t *testing.T) {
	t.Parallel()
	a := candidate("a")
	a.Windows = []pool.Window{
		used(pool.FiveHour, 0.1, now.Add(time.Hour), now.Add(-time.Hour)),
		used(pool.SevenDay, 0.1, now.Add(time.Hour), now.Add(-time.Hour)),
	}
	a.HourCost = pool.USD(10)
	busy := a
	busy.Running = 1
	plain := pool.DefaultPolicy()
	for name, change := range map[string]func(*pool.Weights){
		"start":                  func(w *pool.Weights) { w.Start++ },
		"week":                   func(w *pool.Weights) { w.Week++ },
		"five hour":              func(w *pool.Weights) { w.FiveHour++ },
		"session":                func(w *pool.Weights) { w.Session++ },
		"burn":                   func(w *pool.Weights) { w.Burn++ },
		"burn free":              func(w *pool.Weights) { w.BurnFree++ },
		"idle":                   func(w *pool.Weights) { w.Idle++ },
		"half-life of a week":    func(w *pool.Weights) { w.WeekHalfLife++ },
		"half-life of 5 hours":   func(w *pool.Weights) { w.FiveHourHalfLife++ },
		"half-life, none at all": func(w *pool.Weights) { w.WeekHalfLife, w.FiveHourHalfLife = 0, 0 },
	} {
		p := plain
		change(&p.Weights)
		same := p.Health(a, "", now).Points == plain.Health(a, "", now).Points &&
			p.Health(busy, "", now).Points == plain.Health(busy, "", now).Points
		require.False(t, same, name)
	}
}

// Whatever the weights and the state, there is a score with reasons that add up.
func TestHealthIsDefinedForEveryInput(t *testing.T) {
	t.Parallel()
	absurd := []float64{0, 1, -1, 1e300, -1e300, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64}
	times := []time.Time{{}, now, now.Add(-time.Hour), now.Add(time.Hour), time.UnixMilli(math.MaxInt64), time.UnixMilli(math.MinInt64)}
	for i, x := range absurd {
		y, money := absurd[(i*3+1)%len(absurd)], pool.NanoUSD(1<<62)
		p := pool.Policy{Weights: pool.Weights{
			Start: x, Week: y, FiveHour: x, Session: y, Burn: x, BurnFree: y, Idle: x,
			WeekHalfLife: time.Duration(math.MinInt64), FiveHourHalfLife: 1,
		}}
		for _, at := range times {
			for _, resets := range times {
				for _, running := range []int{0, -5, math.MaxInt} {
					c := candidate("a")
					c.Running, c.HourCost, c.Week.Cost, c.Subscription.WeeklyBudget = running, -money, money, 1
					c.Windows = []pool.Window{used(pool.FiveHour, x, resets, at), used(pool.SevenDay, y, resets, at), used("", x, at, resets)}
					requireScore(t, p.Health(c, "m", now), fmt.Sprint(x, y, at, resets, running))
					requireScore(t, p.Health(c, "m", at), fmt.Sprint(x, y, at, resets, running))
				}
			}
		}
	}
}

func requireScore(t *testing.T, h pool.Health, of string) {
	t.Helper()
	require.True(t, h.Score >= 0 && h.Score <= 100, "%v of %s", h.Score, of)
	sum := 0.0
	for _, part := range h.Parts {
		require.False(t, math.IsNaN(part.Points) || math.IsInf(part.Points, 0), "%+v of %s", part, of)
		require.False(t, part.Points == 0 && math.Signbit(part.Points), "%s is minus zero of %s", part.Name, of)
		require.NotEmpty(t, part.Words)
		sum += part.Points
	}
	require.Equal(t, sum, h.Points, of)
	require.Len(t, h.Parts, 6)
}
