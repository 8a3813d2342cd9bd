package pool_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// Whatever the pool, the settings and the clock are like, a plan breaks no rule, and no move of it makes the source the
// one that is used less. The rules are written anew here.
func TestRebalanceBreaksNoRule(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	rnd := random{rand.New(rand.NewPCG(seed, 1))}
	count := 0
	for round := range 20_000 {
		r, policy, b, at := rnd.rebalance(), rnd.policy(), rnd.balance(), rnd.moment()
		moves, why := r.Plan(policy, b, at)
		require.LessOrEqual(t, len(moves), max(r.Moves, 0))
		if len(moves) > 0 {
			require.Empty(t, why)
		} else if r.Moves > 0 {
			require.NotEmpty(t, why)
		}
		count += len(moves)
		checkMoves(t, r, policy, b, moves, at, fmt.Sprintf("seed %d, round %d", seed, round))
	}
	require.Greater(t, count, 150)
}

func (r random) rebalance() pool.Rebalance {
	return pool.Rebalance{
		Gap:    pick(r, 0.3, 0.1, 0, -1, 2, math.NaN(), math.Inf(1)),
		GapUSD: pick(r, 20, 0.000001, 0, -1, math.NaN(), math.Inf(-1)), Moves: r.IntN(6) - 1,
	}
}

// balance is one of few names, tiers and places, so that some exchange conversations.
func (r random) balance() pool.Balance {
	b := pool.Balance{Candidates: r.candidates(), Idle: map[string][]pool.Conversation{}, Request: pool.Request{}}
	place := map[string]string{}
	for i := range b.Candidates {
		c := &b.Candidates[i]
		c.Subscription.Name = fmt.Sprint("s", i)
		place[c.Subscription.Name] = pick(r, "/shared", "/shared", "/own", "")
		for n := range r.IntN(5) {
			b.Idle[c.Subscription.Name] = append(b.Idle[c.Subscription.Name], pool.Conversation{ID: fmt.Sprint(i, "-", n)})
		}
	}
	b.Place = func(s pool.Subscription) string { return place[s.Name] }
	return b
}

func checkMoves(t *testing.T, r pool.Rebalance, policy pool.Policy, b pool.Balance, moves []pool.Move, at time.Time, where string) {
	t.Helper()
	figures, shares, named, moved := map[string]float64{}, map[string]bool{}, map[string]pool.Candidate{}, map[string]bool{}
	for _, c := range b.Candidates {
		named[c.Subscription.Name] = c
		figures[c.Subscription.Name], shares[c.Subscription.Name] = weekOf(c, at)
	}
	for _, m := range moves {
		from, to := named[m.From], named[m.To]
		require.False(t, moved[m.Conversation.ID], where)
		moved[m.Conversation.ID] = true
		require.True(t, slices.ContainsFunc(b.Idle[m.From], func(c pool.Conversation) bool { return c.ID == m.Conversation.ID }), where)
		require.NotEmpty(t, m.Reason, where)
		require.NotEqual(t, m.From, m.To, where)
		require.Equal(t, from.Subscription.Tier, to.Subscription.Tier, where)
		require.Equal(t, b.Place(from.Subscription), b.Place(to.Subscription), where)
		require.NotEmpty(t, b.Place(to.Subscription), where)
		require.Subset(t, to.Subscription.Tags, from.Subscription.Tags, where)
		require.True(t, mayBePicked(policy, b.Request, to, at), where)
		require.Equal(t, shares[m.From], shares[m.To], "%s: a figure that is unknown is compared with none", where)
		gap, least := figures[m.From]-figures[m.To], r.GapUSD
		if shares[m.From] {
			least = r.Gap
		}
		require.Greater(t, gap, 0.0, where)
		require.GreaterOrEqual(t, gap, least, where)
		first, _ := weekOf(from, at)
		counts := min(first/float64(len(b.Idle[m.From])), gap/2)
		figures[m.From], figures[m.To] = figures[m.From]-counts, figures[m.To]+counts
		require.GreaterOrEqual(t, figures[m.From], figures[m.To]-1e-9, where)
	}
}

// weekOf is the share of the week that is used or, where that is not known, the dollars.
func weekOf(c pool.Candidate, at time.Time) (figure float64, isShare bool) {
	for _, w := range c.Windows {
		over := !w.ResetsAt.IsZero() && !w.ResetsAt.After(at) || w.ResetsAt.IsZero() && at.Sub(w.ObservedAt) >= 7*24*time.Hour
		if w.Kind == pool.FiveHour || w.Kind == pool.Overage || w.Utilization == nil || math.IsNaN(*w.Utilization) || over {
			continue
		}
		figure, isShare = max(figure, min(max(*w.Utilization, 0), 1)), true
	}
	if budget := float64(c.Subscription.WeeklyBudget); !isShare && budget > 0 {
		return min(max(float64(c.Week.Cost)/budget, 0), 1), true
	}
	if !isShare {
		return max(float64(c.Week.Cost), 0) / 1e9, false
	}
	return figure, true
}
