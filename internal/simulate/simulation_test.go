package main

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func jobOf(start int, requests ...int) job {
	j := job{start: start, every: 1}
	for _, n := range requests {
		j.costs = append(j.costs, cents(n))
	}
	return j
}

func TestASessionAtALimitGoesOnElsewhere(t *testing.T) {
	t.Parallel()
	first, second := testPlan("first", 1000, 100), testPlan("second", 1000, 100)
	first.priority = 1
	policy := pool.DefaultPolicy()
	policy.Strategy = pool.ByPriority
	s := newSimulation(policy, []plan{second, first})
	s.run(0, 60, []job{jobOf(0, 100, 30), jobOf(5, 10)}, nil)
	r := s.finish(60)
	require.Equal(t, cents(140), r.served)
	require.Equal(t, cents(140), r.beforeExhausted)
	require.Equal(t, 1, r.failovers, "the second session began elsewhere")
	require.Equal(t, cents(100), s.members[1].served)
	require.Equal(t, cents(40), s.members[0].served)
	require.Zero(t, s.members[0].running+s.members[1].running)
}

func TestWhatFindsNoSubscriptionIsRefused(t *testing.T) {
	t.Parallel()
	s := newSimulation(pool.DefaultPolicy(), []plan{testPlan("only", 1000, 100)})
	s.run(0, 400, []job{jobOf(0, 100, 30, 5), jobOf(10, 7), jobOf(350, 20)}, nil)
	r := s.finish(400)
	require.Equal(t, cents(120), r.served, "the third session comes after the reset")
	require.Equal(t, cents(100), r.beforeExhausted)
	require.Equal(t, cents(42), r.refused)
	require.Zero(t, r.failovers)
	require.Zero(t, s.members[0].running)
}

func TestWhatIsAskedForIsServedOrRefused(t *testing.T) {
	t.Parallel()
	jobs := demand(rand.New(rand.NewPCG(7, 1)), 1, 1)
	var asked pool.NanoUSD
	for _, j := range jobs {
		for _, cost := range j.costs {
			asked += cost
		}
	}
	for _, c := range strategies() {
		s := newSimulation(c.policy, plans)
		s.run(0, 3*minutesPerWeek, jobs, nil)
		r := s.finish(3 * minutesPerWeek)
		require.Equal(t, asked, r.served+r.refused, c.name)
		require.Equal(t, len(jobs), r.sessions, c.name)
		require.Positive(t, r.refused, c.name)
	}
}

// The work must be about what the plans allow, or the table compares nothing.
func TestTheDemandIsAboutWhatThePlansAllow(t *testing.T) {
	t.Parallel()
	var asked, budget pool.NanoUSD
	for seed := range uint64(40) {
		jobs := demand(rand.New(rand.NewPCG(seed, 1)), 2, 1)
		require.True(t, slices.IsSortedFunc(jobs, func(a, b job) int { return a.start - b.start }))
		for _, j := range jobs {
			for _, cost := range j.costs {
				asked += cost
			}
		}
		for _, cost := range outsideUse(rand.New(rand.NewPCG(seed, 2)), 2) {
			asked += cost
		}
		for _, p := range plans {
			budget += 2 * p.week
		}
	}
	require.InDelta(t, 1, float64(asked)/float64(budget), 0.1)
}
