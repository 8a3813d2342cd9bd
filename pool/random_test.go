package pool_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"claudepool/pool"
)

// random makes states, policies and requests, of sense and of none.
type random struct{ *rand.Rand }

func pick[T any](r random, of ...T) T { return of[r.IntN(len(of))] }

// name is one that nobody has, so that ties are broken either way.
func (r random) name() string { return fmt.Sprintf("s%016x", r.Uint64()) }

// moment is a time around now.
func (r random) moment() time.Time {
	return pick(r, now, now.Add(-1), now.Add(1), now.Add(time.Duration(r.Int64N(int64(200*time.Hour)))-100*time.Hour))
}

func (r random) maybe(t time.Time) time.Time { return pick(r, time.Time{}, t) }

func (r random) policy() pool.Policy {
	return pool.Policy{
		Strategy:        pick(r, append(pool.Strategies, "new")...),
		Weights:         pick(r, pool.DefaultPolicy().Weights, pool.Weights{}, r.sensibleWeights(), r.absurdWeights()),
		BudgetThreshold: pick(r, 0.85, 0.85, 0, 1, 5, -1, math.NaN(), math.Inf(1)),
		RampUp:          pick(r, []int{5, 10}, []int{2, 3}, nil, []int{0, 1}, []int{-1, 2, 3}),
	}
}

func (r random) sensibleWeights() pool.Weights {
	return pool.Weights{
		Start: 100 * r.Float64(), Week: 80 * r.Float64(), FiveHour: 80 * r.Float64(), Session: 10 * r.Float64(),
		Burn: 5 * r.Float64(), BurnFree: 5 * r.Float64(), Idle: 20 * r.Float64(),
		WeekHalfLife:     time.Duration(r.Int64N(int64(100 * time.Hour))),
		FiveHourHalfLife: time.Duration(r.Int64N(int64(10 * time.Hour))),
	}
}

func (r random) absurdWeights() pool.Weights {
	absurd := func() float64 {
		return pick(r, math.NaN(), math.Inf(1), math.Inf(-1), -1, 1e308, -1e308, 0, 7)
	}
	return pool.Weights{
		Start: absurd(), Week: absurd(), FiveHour: absurd(), Session: absurd(), Burn: absurd(), BurnFree: absurd(), Idle: absurd(),
		WeekHalfLife: pick(r, -1, 0, 1, time.Duration(math.MaxInt64)), FiveHourHalfLife: pick(r, time.Duration(math.MinInt64), 0, 1),
	}
}

func (r random) request() pool.Request {
	return pool.Request{
		Names:  pick(r, nil, nil, nil, []string{"a"}, []string{"b", "c"}),
		Tags:   pick(r, nil, nil, nil, []string{"x"}, []string{"x", "y"}),
		Model:  pick(r, "", "claude-Opus-4", "sonnet", "haiku", "opusplan"),
		Forced: pick(r, "", "", "", "", "", "a"),
		Tried:  pick(r, nil, nil, []string{"a"}, []string{"b", "d"}),
		Unfit: pick(r, nil, nil, func(s pool.Subscription) string {
			if s.Name == "b" {
				return "unfit"
			}
			return ""
		}),
		SignedIn: pick(r, nil, func(pool.Subscription) time.Time { return now }),
	}
}

func (r random) candidates() (candidates []pool.Candidate) {
	for _, name := range []string{"a", "b", "c", "d"}[:r.IntN(5)] {
		c := pool.Candidate{
			Subscription: r.subscription(name), Running: r.IntN(4),
			Week:        pool.Usage{Cost: pick(r, 0, pool.USD(3), pool.USD(8.4), pool.USD(8.6), pool.USD(100))},
			HourCost:    pick(r, 0, pool.USD(3), pool.USD(30)),
			LastStarted: r.maybe(r.moment()), Standing: r.standing(), Home: r.IntN(6) == 0,
		}
		// One of a kind at most, as stores keep them.
		for _, kind := range []pool.WindowKind{pool.FiveHour, pool.Overage, pool.SevenDay, pool.SevenDayOpus, pool.SevenDaySonnet, "new"} {
			if r.IntN(4) == 0 {
				c.Windows = append(c.Windows, r.window(kind))
			}
		}
		candidates = append(candidates, c)
	}
	return candidates
}

func (r random) subscription(name string) pool.Subscription {
	return pool.Subscription{
		Name: name, Enabled: r.IntN(8) > 0, Tags: pick(r, nil, []string{"x"}, []string{"x", "y"}),
		MaxSessions: pick(r, 0, 0, r.IntN(5)), WeeklyBudget: pick(r, pool.NanoUSD(0), 0, pool.USD(10)),
		Tier: r.IntN(2), Priority: r.IntN(3) - 1, Reserve: pick(r, 0, 0, 0.15, 0.5, math.NaN()),
		AllowOverage: r.IntN(2) == 0, API: r.IntN(5) == 0, RampUp: r.IntN(3) == 0, CreatedAt: r.maybe(r.moment()),
	}
}

func (r random) standing() pool.Standing {
	if r.IntN(2) == 0 {
		return pool.Standing{}
	}
	return pool.Standing{
		Login: pick(r, pool.LoginWorks, pool.LoginWorks, pool.LoginSignedOut, pool.LoginRefused), HeardAt: r.maybe(r.moment()),
		Throttles: r.IntN(3), BackoffUntil: r.maybe(r.moment()), CooldownUntil: r.maybe(r.moment()),
	}
}

func (r random) window(kind pool.WindowKind) pool.Window {
	share := pick(r, r.Float64(), 0, 1, 1.5, -1, math.NaN(), math.Inf(1))
	if r.IntN(2) == 0 {
		share = r.Float64()
	}
	return pool.Window{
		Kind:        kind,
		Status:      pick(r, pool.StatusUnknown, pool.StatusAllowed, pool.StatusWarning, pool.StatusRejected, "new"),
		Utilization: pick(r, nil, &share, &share),
		ResetsAt:    pick(r, time.Time{}, now, now.Add(time.Millisecond), r.moment(), r.moment()),
		ObservedAt:  pick(r, time.Time{}, now, now.Add(-time.Hour), r.moment(), r.moment()),
		Source:      pick(r, pool.FromStream, pool.FromText, pool.FromStatusLine),
	}
}

// tellingNothing are windows that tell nothing of what is used.
func (r random) tellingNothing() (windows []pool.Window) {
	nan, full := math.NaN(), 1.0
	for _, kind := range []pool.WindowKind{pool.FiveHour, pool.SevenDay, pool.SevenDayOpus, "new"} {
		w := pool.Window{Kind: kind, Status: pick(r, pool.StatusUnknown, pool.StatusAllowed), ObservedAt: now}
		switch r.IntN(4) {
		case 0:
			continue
		case 1:
			w.Utilization = pick(r, nil, &nan)
		case 2: // long over
			w.Utilization, w.ObservedAt, w.ResetsAt = &full, now.Add(-900*time.Hour), now.Add(-700*time.Hour)
		case 3: // must be over
			w.Utilization, w.ObservedAt, w.Status = &full, now.Add(-900*time.Hour), pool.StatusRejected
		}
		windows = append(windows, w)
	}
	return windows
}
