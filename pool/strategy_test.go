package pool_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// ranked returns the names of the candidates in the order in which a strategy picks them.
func ranked(t *testing.T, strategy pool.Strategy, candidates ...pool.Candidate) []string {
	t.Helper()
	p := pool.DefaultPolicy()
	p.Strategy = strategy
	var names []string
	for len(candidates) > 0 {
		picked, _, err := p.Choose(pool.Request{}, candidates, now)
		require.NoError(t, err)
		names = append(names, picked.Subscription.Name)
		candidates = slices.DeleteFunc(slices.Clone(candidates), func(c pool.Candidate) bool {
			return c.Subscription.Name == picked.Subscription.Name
		})
	}
	return names
}

// like is a candidate with changes.
func like(name string, changes ...func(*pool.Candidate)) pool.Candidate {
	c := candidate(name)
	for _, change := range changes {
		change(&c)
	}
	return c
}

func week(share float64, resetsIn time.Duration) func(*pool.Candidate) {
	return func(c *pool.Candidate) {
		c.Windows = append(c.Windows, used(pool.SevenDay, share, now.Add(resetsIn), now))
	}
}

func fiveHour(share float64) func(*pool.Candidate) {
	return func(c *pool.Candidate) {
		c.Windows = append(c.Windows, used(pool.FiveHour, share, now.Add(time.Hour), now))
	}
}

func runs(sessions int) func(*pool.Candidate) {
	return func(c *pool.Candidate) { c.Running = sessions }
}

func prior(priority int) func(*pool.Candidate) {
	return func(c *pool.Candidate) { c.Subscription.Priority = priority }
}

func started(ago time.Duration) func(*pool.Candidate) {
	return func(c *pool.Candidate) { c.LastStarted = now.Add(-ago) }
}

const hour = time.Hour

func TestStrategies(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		strategy   pool.Strategy
		candidates []pool.Candidate
		want       []string
	}{
		"health: by the use of both windows": {pool.ByHealth, []pool.Candidate{
			like("a", week(0.5, hour), fiveHour(0.9)), like("b", week(0.9, hour), fiveHour(0)), like("c", week(0.5, hour), fiveHour(0.1)),
		}, []string{"c", "b", "a"}},
		"health: by what runs":                {pool.ByHealth, []pool.Candidate{like("a", runs(2)), like("b", runs(1)), like("c", runs(3))}, []string{"b", "a", "c"}},
		"health: even where all are worn out": {pool.ByHealth, []pool.Candidate{like("a", runs(50)), like("b", runs(40))}, []string{"b", "a"}},
		"health: unknown is in the middle": {pool.ByHealth, []pool.Candidate{
			like("full", week(0.9, hour), fiveHour(0.9)), like("unknown"), like("free", week(0.1, hour), fiveHour(0.1)),
		}, []string{"free", "unknown", "full"}},
		"one that is not known is health": {"best", []pool.Candidate{like("a", runs(2)), like("b", runs(1))}, []string{"b", "a"}},

		"drain: the soonest reset": {pool.ByDrain, []pool.Candidate{
			like("a", week(0, 100*hour)), like("b", week(0.9, hour)), like("c", week(0.1, 50*hour)),
		}, []string{"b", "c", "a"}},
		"drain: then health": {pool.ByDrain, []pool.Candidate{like("a", week(0.9, hour)), like("b", week(0.1, hour))}, []string{"b", "a"}},
		"drain: unknown is in the middle": {pool.ByDrain, []pool.Candidate{
			like("late", week(0, 120*hour)), like("unknown"), like("soon", week(0.5, 24*hour)),
		}, []string{"soon", "unknown", "late"}},

		"least used: of the week": {pool.ByLeastUsed, []pool.Candidate{
			like("a", week(0.5, hour)), like("b", week(0.2, hour), runs(9), fiveHour(0.9)), like("c", week(0.9, hour)),
		}, []string{"b", "a", "c"}},
		"least used: then cost": {pool.ByLeastUsed, []pool.Candidate{
			like("a", func(c *pool.Candidate) { c.Week.Cost = 2 }), like("b", func(c *pool.Candidate) { c.Week.Cost = 1 }, runs(9)),
		}, []string{"b", "a"}},
		"least used: unknown is in the middle": {pool.ByLeastUsed, []pool.Candidate{
			like("full", week(0.9, hour)), like("unknown"), like("free", week(0.1, hour)),
		}, []string{"free", "unknown", "full"}},

		"round robin: the longest unused": {pool.ByRoundRobin, []pool.Candidate{
			like("a", started(hour)), like("b", started(3*hour), runs(9)), like("never"), like("c", started(2*hour)),
		}, []string{"never", "b", "c", "a"}},

		"priority: the highest": {pool.ByPriority, []pool.Candidate{
			like("a"), like("b", prior(5), runs(9)), like("c", prior(-1)),
		}, []string{"b", "a", "c"}},
		"priority: then health": {pool.ByPriority, []pool.Candidate{like("a", prior(1), runs(3)), like("b", prior(1))}, []string{"b", "a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, ranked(t, c.strategy, c.candidates...))
			slices.Reverse(c.candidates)
			require.Equal(t, c.want, ranked(t, c.strategy, c.candidates...), "in whatever order they come")
		})
	}
}

func TestEveryStrategyGoesByHomeThenTier(t *testing.T) {
	t.Parallel()
	tier := func(n int) func(*pool.Candidate) {
		return func(c *pool.Candidate) { c.Subscription.Tier = n }
	}
	home := func(c *pool.Candidate) { c.Home = true }
	worn := []func(*pool.Candidate){runs(50), week(0.99, 150*hour), fiveHour(0.99), prior(-5), started(0)}
	fresh := []func(*pool.Candidate){week(0, hour), fiveHour(0), prior(5)}
	for _, strategy := range pool.Strategies {
		require.Equal(t, []string{"first", "second", "third"}, ranked(t, strategy,
			like("third", append(fresh, tier(2))...), like("second", append(worn[:2:2], tier(1))...), like("first", append(worn, tier(0))...),
		), strategy)
		require.Equal(t, []string{"home", "first"}, ranked(t, strategy,
			like("first", append(fresh, tier(0))...), like("home", append(worn, tier(3), home)...),
		), strategy)
	}
}

// A fall-back is used only where the tiers before it have no room, and at once then.
func TestATierIsUsedWhereThoseBeforeHaveNoRoom(t *testing.T) {
	t.Parallel()
	key := like("key", func(c *pool.Candidate) { c.Subscription.Tier, c.Subscription.API = 1, true })
	for name, change := range map[string]func(*pool.Candidate){
		"limited": func(c *pool.Candidate) { c.Windows = []pool.Window{rejected(pool.FiveHour, now.Add(hour))} },
		"full":    func(c *pool.Candidate) { c.Subscription.MaxSessions, c.Running = 1, 1 },
	} {
		picked, _, err := pool.DefaultPolicy().Choose(pool.Request{}, []pool.Candidate{key, like("plan", change)}, now)
		require.NoError(t, err)
		require.Equal(t, "key", picked.Subscription.Name, name)
	}
}
