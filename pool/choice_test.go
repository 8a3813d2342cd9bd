package pool_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var now = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func candidate(name string) pool.Candidate {
	return pool.Candidate{Subscription: pool.Subscription{Name: name, Enabled: true}}
}

func rejected(kind pool.WindowKind, resets time.Time) pool.Window {
	return pool.Window{Kind: kind, Status: pool.StatusRejected, ResetsAt: resets, ObservedAt: now}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	reset := now.Add(time.Hour)
	for name, c := range map[string]struct {
		change func(*pool.Candidate)
		req    pool.Request
		code   pool.VerdictCode
		reason string
		freeAt time.Time
	}{
		"free": {code: pool.Available, reason: "0 sessions running, $0.00 this week"},
		"busy": {
			change: func(c *pool.Candidate) { c.Running, c.Week.Cost = 3, pool.USD(1.256) },
			code:   pool.Available, reason: "3 sessions running, $1.26 this week",
		},
		"disabled": {
			change: func(c *pool.Candidate) { c.Subscription.Enabled = false },
			code:   pool.Disabled, reason: "disabled",
		},
		"pinned here":   {req: pool.Request{Names: []string{"b", "a"}}, code: pool.Available, reason: "0 sessions running, $0.00 this week"},
		"pinned away":   {req: pool.Request{Names: []string{"b"}}, code: pool.NotAskedFor, reason: "pinned to another subscription"},
		"without a tag": {req: pool.Request{Tags: []string{"ci"}}, code: pool.NotAskedFor, reason: "has no tag ci"},
		"with one of two tags": {
			change: func(c *pool.Candidate) { c.Subscription.Tags = []string{"ci"} },
			req:    pool.Request{Tags: []string{"ci", "gpu"}}, code: pool.NotAskedFor, reason: "has no tag gpu",
		},
		"unfit": {
			req:  pool.Request{Unfit: func(pool.Subscription) string { return "100% gone" }},
			code: pool.NotUsableHere, reason: "100% gone",
		},
		"limited": {
			change: func(c *pool.Candidate) { c.Windows = []pool.Window{rejected(pool.FiveHour, reset)} },
			code:   pool.Limited, reason: "at its five_hour limit", freeAt: reset,
		},
		"limited twice": {
			change: func(c *pool.Candidate) {
				c.Windows = []pool.Window{rejected(pool.SevenDay, reset.Add(time.Hour)), rejected(pool.FiveHour, reset)}
			},
			code: pool.Limited, reason: "at its seven_day limit", freeAt: reset.Add(time.Hour),
		},
		"over budget": {
			change: func(c *pool.Candidate) { c.Subscription.WeeklyBudget, c.Week.Cost = pool.USD(10), pool.USD(8.5) },
			code:   pool.OverBudget, reason: "used $8.50 of its weekly budget of $10.00",
		},
		"just below its budget": {
			change: func(c *pool.Candidate) { c.Subscription.WeeklyBudget, c.Week.Cost = pool.USD(10), pool.USD(8.5)-1 },
			code:   pool.Available, reason: "0 sessions running, $8.50 this week",
		},
		"full": {
			change: func(c *pool.Candidate) { c.Subscription.MaxSessions, c.Running = 2, 2 },
			code:   pool.Full, reason: "2 of 2 sessions are running",
		},
		"forced": {
			change: func(c *pool.Candidate) {
				c.Subscription.Enabled, c.Subscription.MaxSessions, c.Running = false, 1, 5
				c.Windows = []pool.Window{rejected(pool.FiveHour, reset)}
			},
			req: pool.Request{Forced: "a"}, code: pool.Available, reason: "the run is on it already",
		},
		"another forced": {req: pool.Request{Forced: "b"}, code: pool.NotAskedFor, reason: "the run is on b already"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := candidate("a")
			if c.change != nil {
				c.change(&a)
			}
			require.Equal(t, pool.Verdict{Subscription: "a", Code: c.code, Reason: c.reason, FreeAt: c.freeAt}, pool.DefaultPolicy().Judge(c.req, a, now))
		})
	}
}

func TestChooseWithoutCandidates(t *testing.T) {
	t.Parallel()
	_, verdicts, err := pool.DefaultPolicy().Choose(pool.Request{}, nil, now)
	require.ErrorIs(t, err, pool.ErrNoPool)
	require.Empty(t, verdicts)
}

func TestChooseOfTheExhausted(t *testing.T) {
	t.Parallel()
	soon, late := now.Add(time.Minute), now.Add(time.Hour)
	a, b, c := candidate("a"), candidate("b"), candidate("c")
	a.Windows = []pool.Window{rejected(pool.FiveHour, late)}
	b.Windows = []pool.Window{rejected(pool.FiveHour, soon)}
	c.Subscription.Enabled = false
	_, verdicts, err := pool.DefaultPolicy().Choose(pool.Request{}, []pool.Candidate{a, b, c}, now)
	var exhausted *pool.ExhaustedError
	require.ErrorAs(t, err, &exhausted)
	require.ErrorIs(t, err, pool.ErrExhausted)
	require.NotErrorIs(t, err, pool.ErrNoPool)
	require.Equal(t, soon, exhausted.FreeAt)
	require.Equal(t, verdicts, exhausted.Verdicts)
	require.EqualError(t, err, "pool is exhausted: none of 3 subscriptions may be picked")

	_, _, err = pool.DefaultPolicy().Choose(pool.Request{}, []pool.Candidate{c}, now)
	require.ErrorAs(t, err, &exhausted)
	require.True(t, exhausted.FreeAt.IsZero(), "nobody knows when")
}

func TestChoosePrefersHomeToAnyRanking(t *testing.T) {
	t.Parallel()
	a, b, c := candidate("a"), candidate("b"), candidate("c")
	b.Home, b.Running = true, 100
	picked, _, err := pool.DefaultPolicy().Choose(pool.Request{}, []pool.Candidate{a, b, c}, now)
	require.NoError(t, err)
	require.Equal(t, "b", picked.Subscription.Name)

	b.Subscription.Enabled = false
	picked, _, err = pool.DefaultPolicy().Choose(pool.Request{}, []pool.Candidate{a, b, c}, now)
	require.NoError(t, err)
	require.Equal(t, "a", picked.Subscription.Name)
}

func TestCheckNames(t *testing.T) {
	t.Parallel()
	some := []pool.Candidate{candidate("a"), candidate("b")}
	for _, c := range []struct {
		req        pool.Request
		candidates []pool.Candidate
		unknown    string
	}{
		{pool.Request{}, some, ""},
		{pool.Request{Names: []string{"a", "b"}, Forced: "b"}, some, ""},
		{pool.Request{Names: []string{"a", "x"}}, some, "x"},
		{pool.Request{Forced: "x"}, some, "x"},
		{pool.Request{Forced: "y", Names: []string{"x"}}, some, "y"},
		{pool.Request{Names: []string{""}}, some, ""},
		{pool.Request{Names: []string{"x"}}, nil, ""}, // of an empty pool Choose tells
	} {
		err := pool.CheckNames(c.req, c.candidates)
		if c.unknown == "" && !slices.Contains(c.req.Names, "") {
			require.NoError(t, err, "%+v", c.req)
			continue
		}
		require.ErrorIs(t, err, pool.ErrNotFound, "%+v", c.req)
		require.ErrorContains(t, err, "subscription "+c.unknown)
	}
}

func TestEqualsAreRankedByLoad(t *testing.T) {
	t.Parallel()
	// Each is better than all after it, by the first thing that differs.
	ordered := []pool.Candidate{
		{Subscription: pool.Subscription{Name: "z"}},
		{Subscription: pool.Subscription{Name: "y"}, LastStarted: now},
		{Subscription: pool.Subscription{Name: "a"}, LastStarted: now.Add(1)},
		{Subscription: pool.Subscription{Name: "b"}, LastStarted: now.Add(1)},
		{Subscription: pool.Subscription{Name: "a"}, Week: pool.Usage{Tokens: pool.Tokens{CacheRead: 1}}},
		{Subscription: pool.Subscription{Name: "a"}, Week: pool.Usage{Cost: 1}},
		{Subscription: pool.Subscription{Name: "a"}, Running: 1},
	}
	for i := range ordered {
		ordered[i].Subscription.Enabled = true
	}
	noWeights := pool.Policy{Strategy: pool.ByHealth} // everyone is as healthy as all others
	for i, a := range ordered {
		for j, b := range ordered {
			picked, _, err := noWeights.Choose(pool.Request{}, []pool.Candidate{a, b}, now)
			require.NoError(t, err)
			require.Equal(t, ordered[min(i, j)], picked, fmt.Sprint(i, j))
		}
	}
}
