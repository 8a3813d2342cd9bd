package pool_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// onShare is a subscription that has used so much of its week, and onDollars one of which only the cost is known.
func onShare(name string, share float64) pool.Candidate {
	return pool.Candidate{
		Subscription: pool.Subscription{Name: name, Enabled: true},
		Windows:      []pool.Window{used(pool.SevenDay, share, now.Add(24*time.Hour), now.Add(-time.Hour))},
	}
}

func onDollars(name string, dollars float64) pool.Candidate {
	return pool.Candidate{Subscription: pool.Subscription{Name: name, Enabled: true}, Week: pool.Usage{Cost: pool.USD(dollars)}}
}

// balance is one whose subscriptions share one place, each with so many idle conversations.
func balance(idle int, candidates ...pool.Candidate) pool.Balance {
	b := pool.Balance{Candidates: candidates, Idle: map[string][]pool.Conversation{}, Place: func(pool.Subscription) string { return "/shared" }}
	for _, c := range candidates {
		for n := range idle {
			name := c.Subscription.Name
			b.Idle[name] = append(b.Idle[name], pool.Conversation{ID: fmt.Sprint(name, n), Subscription: name})
		}
	}
	return b
}

// idleOn is one where only that subscription has an idle conversation.
func idleOn(name string, candidates ...pool.Candidate) pool.Balance {
	b := balance(0, candidates...)
	b.Idle[name] = []pool.Conversation{{ID: name + "0", Subscription: name}}
	return b
}

// inWords is a plan as one text: its moves, or why there are none.
func inWords(moves []pool.Move, why string) string {
	words := why
	for _, m := range moves {
		words += fmt.Sprintf("%s to %s; ", m.Conversation.ID, m.To)
	}
	return words
}

func planned(r pool.Rebalance, b pool.Balance) string {
	return inWords(r.Plan(pool.DefaultPolicy(), b, now))
}

func TestRebalancePlan(t *testing.T) {
	t.Parallel()
	const narrow = "no gap is wide enough: 30 % of the week, or $20.00 where that is not known"
	with := func(c pool.Candidate, change func(*pool.Candidate)) pool.Candidate {
		change(&c)
		return c
	}
	tier := func(c *pool.Candidate) { c.Subscription.Tier = 1 }
	tagged := func(c *pool.Candidate) { c.Subscription.Tags = []string{"x"} }
	off := func(c *pool.Candidate) { c.Subscription.Enabled = false }
	budget := func(c *pool.Candidate) { c.Subscription.WeeklyBudget = pool.USD(100) }
	for name, c := range map[string]struct {
		b    pool.Balance
		want string
	}{
		"one conversation":           {balance(1, onShare("a", 0.9), onShare("b", 0.1)), "a0 to b; "},
		"the latest, three at most":  {balance(9, onShare("a", 0.9), onShare("b", 0.1)), "a0 to b; a1 to b; a2 to b; "},
		"not past the middle":        {balance(2, onShare("a", 0.9), onShare("b", 0.1)), "a0 to b; "},
		"the other way round":        {balance(1, onShare("a", 0.1), onShare("b", 0.9)), "b0 to a; "},
		"from the most to the least": {balance(2, onShare("a", 0.5), onShare("b", 0.1), onShare("c", 0.9)), "c0 to b; "},
		"just wide enough":           {balance(1, onShare("a", 0.5), onShare("b", 0.2)), "a0 to b; "},
		"not wide enough":            {balance(1, onShare("a", 0.499), onShare("b", 0.2)), narrow},
		"equal":                      {balance(1, onShare("a", 0.5), onShare("b", 0.5)), narrow},
		"dollars":                    {balance(9, onDollars("a", 30), onDollars("b", 5)), "a0 to b; "},
		"too few dollars":            {balance(1, onDollars("a", 24.99), onDollars("b", 5)), narrow},
		"no use at all":              {balance(1, onDollars("a", 0), onDollars("b", 0)), narrow},
		"unknown is not free":        {balance(1, onShare("a", 1), onDollars("b", 0)), narrow},
		"unknown is not full":        {balance(1, onDollars("a", 1000), onShare("b", 0)), narrow},
		"a budget is a week too":     {balance(1, onShare("a", 0.9), with(onDollars("b", 10), budget)), "a0 to b; "},
		"of a budget that is spent":  {balance(1, onShare("a", 0.1), with(onDollars("b", 1000), budget)), "b0 to a; "},
		"NaN is unknown":             {balance(1, onShare("a", math.NaN()), onShare("b", 0)), narrow},
		"beyond full is full":        {balance(1, onShare("a", 7), onShare("b", -3)), "a0 to b; "},
		"already there":              {idleOn("b", onShare("a", 0.9), onShare("b", 0.1)), "all idle conversations are on the subscription that is used least"},
		"another tier":               {balance(1, onShare("a", 0.9), with(onShare("b", 0), tier)), "no subscription that is used less has the same tier and all the tags"},
		"a tag is missing":           {balance(1, with(onShare("a", 0.9), tagged), onShare("b", 0.4)), "no subscription that is used less has the same tier and all the tags"},
		"a tag more":                 {balance(1, onShare("a", 0.9), with(onShare("b", 0), tagged)), "a0 to b; "},
		"may not be picked":          {balance(1, onShare("a", 0.9), with(onShare("b", 0), off)), "no subscription that is used less may be picked now"},
		"from one that may not":      {balance(1, with(onShare("a", 0.9), off), onShare("b", 0)), "a0 to b; "},
		"nothing is idle":            {balance(0, onShare("a", 0.9), onShare("b", 0)), "no conversation of the last 7 days is idle"},
		"alone":                      {balance(1, onShare("a", 0.9)), "no two subscriptions share conversations"},
		"nobody":                     {balance(1), "no conversation of the last 7 days is idle"},
	} {
		require.Equal(t, c.want, planned(pool.DefaultRebalance(), c.b), name)
	}
}

// One that is isolated has its conversations in a place of its own; where nobody knows the place, nobody shares it.
func TestRebalanceLeavesTheIsolatedAlone(t *testing.T) {
	t.Parallel()
	b := balance(1, onShare("a", 0.9), onShare("b", 0), onShare("c", 0.2))
	for _, isolated := range []string{"/b", ""} {
		b.Place = func(s pool.Subscription) string {
			if s.Name == "b" {
				return isolated
			}
			return "/shared"
		}
		require.Equal(t, "a0 to c; ", planned(pool.DefaultRebalance(), b))
	}
	b.Place = func(pool.Subscription) string { return "" }
	require.Equal(t, "no two subscriptions share conversations", planned(pool.DefaultRebalance(), b))
}

func TestRebalanceOfSettings(t *testing.T) {
	t.Parallel()
	b := balance(9, onShare("a", 0.9), onShare("b", 0.1))
	for r, want := range map[pool.Rebalance]int{
		{Gap: 0.3, Moves: 2}: 2, {Gap: 0.3}: 0, {Gap: 0.3, Moves: -1}: 0, {Gap: 0.81, Moves: 3}: 0, {Gap: math.NaN(), Moves: 3}: 0,
		{Gap: math.Inf(1), Moves: 3}: 0, {Gap: -1, Moves: 3}: 3, {Moves: 100}: 5,
	} {
		moves, _ := r.Plan(pool.DefaultPolicy(), b, now)
		require.Len(t, moves, want, "%+v", r)
	}
}

func TestRebalanceSaysWhy(t *testing.T) {
	t.Parallel()
	for want, b := range map[string]pool.Balance{
		"a has used 90 % of its week, b has used 10 % of its week": balance(4, onShare("a", 0.9), onShare("b", 0.1)),
		"a has used $50.00 this week, b has used $10.00 this week": balance(4, onDollars("a", 50), onDollars("b", 10)),
	} {
		moves, why := pool.DefaultRebalance().Plan(pool.DefaultPolicy(), b, now)
		require.NotEmpty(t, moves)
		require.Empty(t, why)
		for _, m := range moves {
			require.Equal(t, want, m.Reason, "by the figures as they are, also for the later moves")
		}
	}
}
