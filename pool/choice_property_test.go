package pool_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// Whatever the pool looks like, no hard rule is broken by what Choose picks, and none who may be
// picked is better. The rules are written here anew, from DESIGN, one by one.
func TestChooseBreaksNoRule(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	rnd := rand.New(rand.NewPCG(seed, 0))
	for round := range 20_000 {
		req, candidates := randomRequest(rnd), randomCandidates(rnd)
		picked, verdicts, err := pool.Choose(req, candidates, pool.ByLoad, now)
		require.Len(t, verdicts, len(candidates))
		var allowed []pool.Candidate
		for i, c := range candidates {
			require.Equal(t, c.Subscription.Name, verdicts[i].Subscription)
			require.NotEmpty(t, verdicts[i].Reason)
			may := mayBePicked(req, c)
			require.Equal(t, may, verdicts[i].Code == pool.Available, "seed %d, round %d: %+v for %+v", seed, round, c, req)
			require.True(t, verdicts[i].FreeAt.IsZero() || verdicts[i].FreeAt.After(now), "what is free already is free")
			if may {
				allowed = append(allowed, c)
			}
		}
		if len(allowed) == 0 {
			require.True(t, errors.Is(err, pool.ErrExhausted) || len(candidates) == 0, "seed %d, round %d", seed, round)
			continue
		}
		require.NoError(t, err)
		best := slices.MinFunc(allowed, func(a, b pool.Candidate) int {
			if a.Home != b.Home {
				if a.Home {
					return -1
				}
				return 1
			}
			return pool.ByLoad(a, b)
		})
		require.Equal(t, best, picked, "seed %d, round %d", seed, round)
	}
}

func mayBePicked(req pool.Request, c pool.Candidate) bool {
	s := c.Subscription
	if req.Forced != "" {
		return s.Name == req.Forced
	}
	for _, tag := range req.Tags {
		if !slices.Contains(s.Tags, tag) {
			return false
		}
	}
	for _, w := range c.Windows {
		applies := w.Kind != pool.SevenDayOpus && w.Kind != pool.SevenDaySonnet || req.Model == "" ||
			w.Kind == pool.SevenDayOpus && req.Model == "claude-Opus-4" || w.Kind == pool.SevenDaySonnet && req.Model == "sonnet"
		until := w.ResetsAt
		if until.IsZero() {
			until = w.ObservedAt.Add(time.Hour)
		}
		if w.Status == pool.StatusRejected && applies && now.Before(until) {
			return false
		}
	}
	return s.Enabled &&
		(len(req.Names) == 0 || slices.Contains(req.Names, s.Name)) &&
		(req.Unfit == nil || req.Unfit(s) == "") &&
		(s.WeeklyBudget == 0 || c.Week.Cost.Dollars() < 0.85*s.WeeklyBudget.Dollars()) &&
		(s.MaxSessions == 0 || c.Running < s.MaxSessions)
}

func one[T any](rnd *rand.Rand, of ...T) T { return of[rnd.IntN(len(of))] }

func randomRequest(rnd *rand.Rand) pool.Request {
	return pool.Request{
		Names:  one(rnd, nil, nil, []string{"a"}, []string{"b", "c"}),
		Tags:   one(rnd, nil, nil, []string{"x"}, []string{"x", "y"}),
		Model:  one(rnd, "", "claude-Opus-4", "sonnet", "haiku"),
		Forced: one(rnd, "", "", "", "", "a"),
		Unfit: one(rnd, nil, func(s pool.Subscription) string {
			if s.Name == "b" {
				return "unfit"
			}
			return ""
		}),
	}
}

func randomCandidates(rnd *rand.Rand) (candidates []pool.Candidate) {
	for _, name := range []string{"a", "b", "c", "d"}[:rnd.IntN(5)] {
		c := pool.Candidate{
			Subscription: pool.Subscription{
				Name: name, Enabled: rnd.IntN(5) > 0, Tags: one(rnd, nil, []string{"x"}, []string{"x", "y"}),
				MaxSessions: rnd.IntN(3), WeeklyBudget: one(rnd, pool.NanoUSD(0), pool.USD(10)),
			},
			Running: rnd.IntN(4), Week: pool.Usage{Cost: one(rnd, 0, pool.USD(3), pool.USD(8.4), pool.USD(8.6), pool.USD(100))},
			Home: rnd.IntN(6) == 0,
		}
		for range rnd.IntN(3) {
			c.Windows = append(c.Windows, randomWindow(rnd))
		}
		candidates = append(candidates, c)
	}
	return candidates
}

func randomWindow(rnd *rand.Rand) pool.Window {
	nan := math.NaN()
	full := 1.0
	return pool.Window{
		Kind:        one(rnd, pool.FiveHour, pool.SevenDay, pool.SevenDayOpus, pool.SevenDaySonnet, pool.Overage, "new"),
		Status:      one(rnd, pool.StatusUnknown, pool.StatusAllowed, pool.StatusWarning, pool.StatusRejected, "new"),
		Utilization: one(rnd, nil, &full, &nan), // of itself it closes nothing
		ResetsAt:    one(rnd, time.Time{}, now.Add(-time.Hour), now, now.Add(time.Millisecond), now.Add(time.Hour)),
		ObservedAt:  one(rnd, time.Time{}, now.Add(-2*time.Hour), now.Add(-time.Hour), now, now.Add(time.Hour)),
	}
}
