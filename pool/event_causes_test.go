package pool_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func kindsOf(events []pool.Event) (kinds []pool.EventKind) {
	for _, e := range events {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

func TestWindowAlert(t *testing.T) {
	t.Parallel()
	share := func(x float64) *float64 { return &x }
	overage := pool.Window{Kind: pool.Overage, Status: pool.StatusAllowed, ObservedAt: now}
	for name, test := range map[string]struct {
		window  pool.Window
		others  []pool.Window
		allowed bool
		late    time.Duration
		want    []pool.EventKind
		told    float64
	}{
		"little":            {window: pool.Window{Utilization: share(0.79)}},
		"much":              {window: pool.Window{Utilization: share(0.80)}, want: []pool.EventKind{pool.EventThreshold}, told: 0.80},
		"both at once":      {window: pool.Window{Utilization: share(1)}, want: []pool.EventKind{pool.EventThreshold}, told: 0.95},
		"told":              {window: pool.Window{Utilization: share(0.90), Told: 0.80}, told: 0.80},
		"the next":          {window: pool.Window{Utilization: share(0.96), Told: 0.80}, want: []pool.EventKind{pool.EventThreshold}, told: 0.95},
		"unknown":           {window: pool.Window{}},
		"no number":         {window: pool.Window{Utilization: share(math.NaN())}},
		"beyond any number": {window: pool.Window{Utilization: share(math.Inf(1))}, want: []pool.EventKind{pool.EventThreshold}, told: 0.95},
		"negative":          {window: pool.Window{Utilization: share(-1)}},
		"full":              {window: pool.Window{Status: pool.StatusRejected, Utilization: share(1)}, want: []pool.EventKind{pool.EventLimit}, told: 1},
		"full, paid": {
			window: pool.Window{Status: pool.StatusRejected}, others: []pool.Window{overage},
			want: []pool.EventKind{pool.EventOverage, pool.EventLimit}, told: 1,
		},
		"full, paid as allowed": {
			window: pool.Window{Status: pool.StatusRejected}, others: []pool.Window{overage}, allowed: true, want: []pool.EventKind{pool.EventOverage},
		},
		"full, but over":    {window: pool.Window{Status: pool.StatusRejected, ResetsAt: now}},
		"an hour ago":       {window: pool.Window{Status: pool.StatusRejected}, late: time.Hour, want: []pool.EventKind{pool.EventLimit}, told: 1},
		"longer ago":        {window: pool.Window{Status: pool.StatusRejected}, late: time.Hour + time.Millisecond},
		"clock turned back": {window: pool.Window{Status: pool.StatusRejected}, late: -7 * 24 * time.Hour, want: []pool.EventKind{pool.EventLimit}, told: 1},
	} {
		w := test.window
		w.Kind, w.ObservedAt, w.Since = pool.FiveHour, now, now
		if w.ResetsAt.IsZero() {
			w.ResetsAt = now.Add(time.Hour)
		}
		sub := pool.Subscription{ID: 1, Name: "a", AllowOverage: test.allowed}
		events := w.Alert(sub, append([]pool.Window{w}, test.others...), pool.DefaultThresholds, now.Add(test.late))
		require.Equal(t, test.want, kindsOf(events), name)
		require.InDelta(t, test.told, w.Told, 0, name)
		for _, e := range events {
			require.Equal(t, now, e.At, name)
		}
	}
}

// What no threshold can be is passed by nobody.
func TestThresholdsThatMakeNoSense(t *testing.T) {
	t.Parallel()
	used := 1.0
	for _, thresholds := range [][]float64{nil, {}, {0}, {-1}, {math.NaN()}, {math.Inf(1)}, {math.Inf(-1)}, {2}} {
		w := pool.Window{Kind: pool.SevenDay, Utilization: &used, ObservedAt: now, ResetsAt: now.Add(time.Hour)}
		require.Empty(t, w.Alert(pool.Subscription{}, nil, thresholds, now), "%v", thresholds)
	}
}

func TestBudgetAlert(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		budget, before, week pool.NanoUSD
		told                 float64
		events               int
		want                 float64
	}{
		"none":              {before: 1, week: 2, told: 0.8},
		"negative":          {budget: -1, before: 1, week: 2},
		"little":            {budget: 100, week: 79},
		"much":              {budget: 100, week: 80, events: 1, want: 0.80},
		"told":              {budget: 100, before: 85, week: 86, told: 0.80, want: 0.80},
		"more":              {budget: 100, before: 85, week: 200, told: 0.80, events: 1, want: 0.95},
		"less":              {budget: 100, before: 85, week: 20, told: 0.80},
		"another week":      {budget: 100, before: 0, week: 85, told: 0.80, events: 1, want: 0.80},
		"told of nothing":   {budget: 100, before: 90, week: 91, events: 1, want: 0.80},
		"told of no number": {budget: 100, before: 90, week: 91, told: math.NaN(), events: 1, want: 0.80},
		"a sum below zero":  {budget: 100, before: -50, week: -20},
		"the largest":       {budget: 1, week: math.MaxInt64, events: 1, want: 0.95},
	} {
		sub := pool.Subscription{ID: 1, Name: "a", WeeklyBudget: test.budget}
		events, told := pool.BudgetAlert(sub, pool.Usage{Cost: test.before}, pool.Usage{Cost: test.week}, test.told, pool.DefaultThresholds, now)
		require.Len(t, events, test.events, name)
		require.InDelta(t, test.want, told, 0, name)
	}
}

func TestStandingAlert(t *testing.T) {
	t.Parallel()
	works, out, refused := pool.Standing{HeardAt: now}, pool.Standing{Login: pool.LoginSignedOut, HeardAt: now}, pool.Standing{Login: pool.LoginRefused, HeardAt: now}
	sub := pool.Subscription{ID: 1, Name: "a"}
	require.Empty(t, works.Alert(out, sub, now))
	require.Empty(t, out.Alert(out, sub, now), "it was before")
	require.Equal(t, "a is signed out", out.Alert(works, sub, now)[0].Text)
	require.Equal(t, "the API refuses the login of a", refused.Alert(out, sub, now)[0].Text)
	require.Empty(t, out.Alert(works, sub, now.Add(2*time.Hour)), "it is long over")
}

func TestFailoverEvent(t *testing.T) {
	t.Parallel()
	sub := pool.Subscription{ID: 2, Name: "b"}
	on := func(id int64, name string) pool.Session {
		return pool.Session{SubscriptionID: id, Subscription: name, StartedAt: now}
	}
	require.Equal(t, "a run went on with b, after a met a limit", pool.FailoverEvent(on(2, "b"), sub, on(1, "a"))[0].Text)
	require.Empty(t, pool.FailoverEvent(on(2, "b"), sub, on(2, "b")), "it has waited for its own")
	require.Empty(t, pool.FailoverEvent(on(2, "b"), sub, on(0, "")))
}

func TestScope(t *testing.T) {
	t.Parallel()
	require.Empty(t, pool.Request{Model: "opus"}.Scope())
	require.Equal(t, "a,b/", pool.Request{Names: []string{"b", "a"}}.Scope())
	require.Equal(t, "/x,y", pool.Request{Tags: []string{"y", "x"}}.Scope())
}

func TestEventsHaveALevel(t *testing.T) {
	t.Parallel()
	for _, e := range exampleEvents() {
		require.Contains(t, pool.Levels, e.Level, e.Kind)
	}
	require.True(t, pool.LevelError.AtLeast(pool.LevelWarning))
	require.True(t, pool.LevelWarning.AtLeast(pool.LevelWarning))
	require.False(t, pool.LevelInfo.AtLeast(pool.LevelWarning))
}
