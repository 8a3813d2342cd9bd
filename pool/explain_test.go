package pool_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// What is explained is what is chosen, and for everyone else there is a reason.
func TestExplainAgreesWithChoose(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	rnd := random{rand.New(rand.NewPCG(seed, 0))}
	by := map[string]int{}
	for round := range 10_000 {
		policy, req, candidates, at := rnd.policy(), rnd.request(), rnd.candidates(), rnd.moment()
		picked, verdicts, _ := policy.Choose(req, candidates, at)
		e := policy.Explain(req, candidates, at)
		require.Equal(t, picked.Subscription.Name, e.Picked, "seed %d, round %d", seed, round)
		require.Len(t, e.Candidates, len(candidates))
		for i, explained := range e.Candidates {
			name := explained.Candidate.Subscription.Name
			require.Contains(t, verdicts, explained.Verdict)
			require.Equal(t, name, explained.Verdict.Subscription)
			require.Equal(t, policy.Health(explained.Candidate, req.Model, at), explained.Health)
			mayBe := explained.Verdict.Code == pool.Available
			require.Equal(t, i == 0 && mayBe, name == e.Picked, "who is picked comes first, seed %d, round %d", seed, round)
			require.Equal(t, mayBe && name != e.Picked, explained.Behind.Words != "", "seed %d, round %d: %+v", seed, round, explained)
			by[explained.Behind.By]++
		}
	}
	for _, criterion := range []string{"home", "tier", "health", "drain", "least-used", "round-robin", "priority", "sessions", "week"} {
		require.NotZero(t, by[criterion], "%s: %v", criterion, by)
	}
}

func TestBehindWords(t *testing.T) {
	t.Parallel()
	used := func(ago time.Duration) func(*pool.Candidate) {
		return func(c *pool.Candidate) { c.LastStarted = now.Add(-ago) }
	}
	spent := func(dollars float64) func(*pool.Candidate) {
		return func(c *pool.Candidate) { c.Week.Cost = pool.USD(dollars) }
	}
	for _, c := range []struct {
		strategy pool.Strategy
		worse    []func(*pool.Candidate)
		better   []func(*pool.Candidate)
		want     pool.Behind
	}{
		{pool.ByHealth, nil, []func(*pool.Candidate){func(c *pool.Candidate) { c.Home = true }}, pool.Behind{By: "home", Words: "the conversation was on b last"}},
		{pool.ByHealth, []func(*pool.Candidate){func(c *pool.Candidate) { c.Subscription.Tier = 2 }}, nil, pool.Behind{By: "tier", Words: "tier 2 comes after tier 0, that of b"}},
		{pool.ByHealth, []func(*pool.Candidate){week(0.8, time.Hour)}, []func(*pool.Candidate){week(0.4, time.Hour)}, pool.Behind{By: "health", Words: "health 55, and b has 75"}},
		{pool.ByHealth, []func(*pool.Candidate){week(0.801, time.Hour)}, []func(*pool.Candidate){week(0.8, time.Hour)}, pool.Behind{By: "health", Words: "health 54.9, and b has 55.0"}},
		{
			pool.ByHealth, []func(*pool.Candidate){week(0, time.Hour), fiveHour(0.1)}, []func(*pool.Candidate){week(0, time.Hour), fiveHour(0)},
			pool.Behind{By: "health", Words: "health 107 before it is cut to 0 to 100, and b has 110"},
		},
		{
			pool.ByDrain, []func(*pool.Candidate){week(0.1, 120*time.Hour)}, []func(*pool.Candidate){week(0.9, 3*time.Hour)},
			pool.Behind{By: "drain", Words: "its week starts anew in 5 days, and that of b in 3 h"},
		},
		{
			pool.ByDrain, nil, []func(*pool.Candidate){week(0.9, 3*time.Hour)},
			pool.Behind{By: "drain", Words: "its week starts anew at a time that is not known, which counts as in 3 days, and that of b in 3 h"},
		},
		{pool.ByDrain, []func(*pool.Candidate){runs(1)}, nil, pool.Behind{By: "health", Words: "health 55, and b has 70"}},
		{pool.ByLeastUsed, []func(*pool.Candidate){week(0.7, time.Hour)}, []func(*pool.Candidate){week(0.1, time.Hour)}, pool.Behind{By: "least-used", Words: "70 % of its week used, and 10 % of that of b"}},
		{pool.ByLeastUsed, []func(*pool.Candidate){spent(12.5)}, []func(*pool.Candidate){spent(3)}, pool.Behind{By: "week", Words: "used $12.50 this week, and b $3.00"}},
		{pool.ByRoundRobin, []func(*pool.Candidate){used(time.Minute)}, []func(*pool.Candidate){used(3 * time.Hour)}, pool.Behind{By: "round-robin", Words: "used 1 min ago, and b 3 h ago"}},
		{pool.ByRoundRobin, []func(*pool.Candidate){used(-time.Minute)}, nil, pool.Behind{By: "round-robin", Words: "b was never used"}},
		{pool.ByPriority, []func(*pool.Candidate){prior(-1)}, []func(*pool.Candidate){prior(3)}, pool.Behind{By: "priority", Words: "priority -1, and b has 3"}},
		{pool.ByRoundRobin, []func(*pool.Candidate){runs(2)}, []func(*pool.Candidate){runs(1)}, pool.Behind{By: "sessions", Words: "2 sessions running, and 1 on b"}},
		{
			pool.ByHealth, []func(*pool.Candidate){func(c *pool.Candidate) { c.Week.Tokens.Input = 7 }}, nil,
			pool.Behind{By: "week", Words: "used 7 tokens this week, and b 0"},
		},
		{pool.ByHealth, []func(*pool.Candidate){func(c *pool.Candidate) { c.Subscription.Name = "z" }}, nil, pool.Behind{By: "name", Words: "all else is equal, and b comes first by name"}},
	} {
		p := pool.DefaultPolicy()
		p.Strategy = c.strategy
		e := p.Explain(pool.Request{}, []pool.Candidate{like("a", c.worse...), like("b", c.better...)}, now)
		require.Equal(t, "b", e.Picked, c.want.Words)
		require.Equal(t, c.want, e.Candidates[1].Behind)
	}
}

func TestExplainOfAnExhaustedPool(t *testing.T) {
	t.Parallel()
	cooling := func(d time.Duration) func(*pool.Candidate) {
		return func(c *pool.Candidate) { c.Standing.CooldownUntil = now.Add(d) }
	}
	e := pool.DefaultPolicy().Explain(pool.Request{}, []pool.Candidate{like("a", cooling(2*time.Hour)), like("b", cooling(time.Hour))}, now)
	require.Empty(t, e.Picked)
	require.Equal(t, now.Add(time.Hour), e.FreeAt)
	require.Len(t, e.Candidates, 2)
	require.Empty(t, pool.DefaultPolicy().Explain(pool.Request{}, nil, now))
}
