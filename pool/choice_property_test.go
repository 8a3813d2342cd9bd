package pool_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// Whatever the policy, the pool, the request and the clock are like, no hard rule is broken by what Choose
// picks, and none who may be picked is better. The rules are written anew in rules_test.go.
func TestChooseBreaksNoRule(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	rnd := random{rand.New(rand.NewPCG(seed, 0))}
	outcomes := map[pool.VerdictCode]int{}
	for round := range 20_000 {
		policy, req, candidates, at := rnd.policy(), rnd.request(), rnd.candidates(), rnd.moment()
		picked, verdicts, err := policy.Choose(req, candidates, at)
		require.Len(t, verdicts, len(candidates))
		var allowed []pool.Candidate
		for i, c := range candidates {
			require.Equal(t, c.Subscription.Name, verdicts[i].Subscription)
			require.NotEmpty(t, verdicts[i].Reason)
			may := mayBePicked(policy, req, c, at)
			require.Equal(t, may, verdicts[i].Code == pool.Available, "seed %d, round %d: %+v of %+v for %+v", seed, round, verdicts[i], c, req)
			requireFreeAt(t, policy, req, c, verdicts[i], at)
			outcomes[verdicts[i].Code]++
			if may {
				allowed = append(allowed, c)
			}
		}
		if len(allowed) == 0 {
			require.True(t, errors.Is(err, pool.ErrExhausted) || len(candidates) == 0, "seed %d, round %d", seed, round)
			continue
		}
		require.NoError(t, err)
		require.Contains(t, namesOf(allowed), picked.Subscription.Name, "seed %d, round %d", seed, round)
		for _, other := range allowed {
			require.False(t, isBetter(policy, req, other, picked, at), "seed %d, round %d: %+v before %+v", seed, round, other, picked)
		}
	}
	require.Len(t, outcomes, 13, "every verdict has been seen")
}

func namesOf(candidates []pool.Candidate) (names []string) {
	for _, c := range candidates {
		names = append(names, c.Subscription.Name)
	}
	return names
}

// requireFreeAt: what ends by itself ends in the future, and has ended then.
func requireFreeAt(t *testing.T, p pool.Policy, req pool.Request, c pool.Candidate, v pool.Verdict, at time.Time) {
	t.Helper()
	if v.FreeAt.IsZero() {
		return
	}
	require.True(t, v.FreeAt.After(at), "%+v", v)
	require.NotEqual(t, v.Code, p.Judge(req, c, v.FreeAt).Code, "%+v", v)
}

// isBetter tells whether a is clearly better than b, as far as DESIGN says it in so many words.
func isBetter(p pool.Policy, req pool.Request, a, b pool.Candidate, at time.Time) bool {
	switch s, other := a.Subscription, b.Subscription; {
	case a.Home != b.Home:
		return a.Home
	case s.Tier != other.Tier:
		return s.Tier < other.Tier
	case p.Strategy == pool.ByPriority:
		return s.Priority > other.Priority
	case p.Strategy == pool.ByRoundRobin:
		return a.LastStarted.Before(b.LastStarted)
	case p.Strategy == pool.ByHealth:
		return p.Health(a, req.Model, at).Points > p.Health(b, req.Model, at).Points
	}
	return false
}

// A choice among many is the same in whatever order they are listed.
func TestChooseIgnoresTheOrder(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	rnd := random{rand.New(rand.NewPCG(seed, 0))}
	for round := range 5_000 {
		policy, req, candidates, at := rnd.policy(), rnd.request(), rnd.candidates(), rnd.moment()
		picked, _, _ := policy.Choose(req, candidates, at)
		rnd.Shuffle(len(candidates), func(i, j int) { candidates[i], candidates[j] = candidates[j], candidates[i] })
		again, _, _ := policy.Choose(req, candidates, at)
		require.Equal(t, picked.Subscription.Name, again.Subscription.Name, "seed %d, round %d", seed, round)
	}
}

// Who was picked is picked all the same with more room, all else equal.
func TestMoreRoomNeverRanksLower(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	rnd := random{rand.New(rand.NewPCG(seed, 0))}
	tested := 0
	for round := range 30_000 {
		policy, req, candidates, at := rnd.policy(), rnd.request(), rnd.candidates(), rnd.moment()
		policy.Weights = rnd.sensibleWeights()
		if policy.Strategy == pool.ByDrain {
			continue // who has more left to lose goes first: that is another measure
		}
		picked, _, err := policy.Choose(req, candidates, at)
		if err != nil {
			continue
		}
		i := slices.Index(namesOf(candidates), picked.Subscription.Name)
		more, what := rnd.moreRoom(candidates[i])
		candidates[i] = more
		again, _, err := policy.Choose(req, candidates, at)
		require.NoError(t, err)
		require.Equal(t, picked.Subscription.Name, again.Subscription.Name,
			"seed %d, round %d: %s of %+v, now %+v, by %+v", seed, round, what, picked, more, policy)
		tested++
	}
	require.Greater(t, tested, 1000)
}

// moreRoom gives a candidate more room in one respect.
func (r random) moreRoom(c pool.Candidate) (pool.Candidate, string) {
	c.Windows = slices.Clone(c.Windows)
	switch r.IntN(7) {
	case 0:
		for i, w := range c.Windows {
			if w.Utilization != nil {
				less := *w.Utilization * r.Float64()
				c.Windows[i].Utilization = &less
				return c, "less of a window"
			}
		}
	case 1:
		for i, w := range c.Windows {
			if w.Status == pool.StatusRejected && w.Kind != pool.Overage {
				c.Windows[i].Status = pool.StatusAllowed
				return c, "a window that is not rejected"
			}
		}
	case 2:
		c.Running = r.IntN(c.Running + 1)
		return c, "fewer sessions"
	case 3:
		c.Week.Cost = pool.NanoUSD(r.Int64N(int64(c.Week.Cost) + 1))
		return c, "less spent"
	case 4:
		c.HourCost = pool.NanoUSD(r.Int64N(int64(c.HourCost) + 1))
		return c, "less burn"
	case 5:
		c.Subscription.Reserve, c.Subscription.MaxSessions = 0, 0
		return c, "no reserve and no cap"
	case 6:
		c.Standing = pool.Standing{}
		return c, "a better standing"
	}
	return c, "nothing"
}

// Where little is known of one, it comes neither before those that are known to be free nor after those
// that are known to be full.
func TestUnknownIsNeitherFirstNorLast(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	rnd := random{rand.New(rand.NewPCG(seed, 0))}
	for round := range 2_000 {
		strategy := pick(rnd, pool.ByHealth, pool.ByDrain, pool.ByLeastUsed)
		known := func(name string, share float64, resets time.Duration) pool.Candidate {
			return like(name, week(share, resets), fiveHour(share))
		}
		// Whoever is free has its reset soon, so that every strategy that is tested here prefers it.
		free := known(rnd.name(), 0.4*rnd.Float64(), time.Duration((1+80*rnd.Float64())*float64(hour)))
		full := known(rnd.name(), 0.6+0.4*rnd.Float64(), time.Duration((90+70*rnd.Float64())*float64(hour)))
		unknown := like(rnd.name(), func(c *pool.Candidate) { c.Windows = rnd.tellingNothing() })
		want := []string{free.Subscription.Name, unknown.Subscription.Name, full.Subscription.Name}
		require.Equal(t, want, ranked(t, strategy, full, unknown, free), "seed %d, round %d: %s of %+v", seed, round, strategy, unknown)
	}
}
