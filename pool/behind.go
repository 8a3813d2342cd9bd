package pool

import (
	"cmp"
	"fmt"
	"strings"
	"time"
)

// criterion is one step of Policy.compare, with words for it.
type criterion struct {
	by string
	// order compares as compare does.
	order func(a, b contender) int
	// words say why a is behind b.
	words func(a, b contender) string
}

// behind says why a is behind b. Both are of one choice at now, and b comes first.
func (p Policy) behind(a, b contender, now time.Time) Behind {
	for _, c := range p.criteria(now) {
		switch order := c.order(a, b); {
		case order > 0:
			return Behind{By: c.by, Words: c.words(a, b)}
		case order < 0:
			return Behind{} // can't be, as b comes first
		}
	}
	return Behind{}
}

// criteria are the steps of compare, in its order.
func (p Policy) criteria(now time.Time) []criterion {
	first := []criterion{
		{"home", func(a, b contender) int { return homeFirst(a.Home, b.Home) }, homeWords},
		{"tier", func(a, b contender) int { return cmp.Compare(a.Subscription.Tier, b.Subscription.Tier) }, tierWords},
	}
	return append(append(first, p.strategyCriteria(now)...), loadCriteria(now)...)
}

// strategyCriteria are the steps of byStrategy.
func (p Policy) strategyCriteria(now time.Time) []criterion {
	health := criterion{"health", func(a, b contender) int { return cmp.Compare(b.points, a.points) }, healthWords}
	switch p.Strategy {
	case ByDrain:
		drain := func(a, b contender) string { return drainWords(a, b, now) }
		return []criterion{{string(ByDrain), func(a, b contender) int { return a.resetsAt.Compare(b.resetsAt) }, drain}, health}
	case ByLeastUsed:
		share := func(a, b contender) int { return cmp.Compare(a.week, b.week) }
		return []criterion{{string(ByLeastUsed), share, shareWords}, {"week", byWeekCost, costWords}}
	case ByRoundRobin:
		return []criterion{lastStarted(string(ByRoundRobin), now)}
	case ByPriority:
		priority := func(a, b contender) int { return cmp.Compare(b.Subscription.Priority, a.Subscription.Priority) }
		return []criterion{{string(ByPriority), priority, priorityWords}, health}
	}
	return []criterion{health}
}

// loadCriteria are the steps of byLoad.
func loadCriteria(now time.Time) []criterion {
	return []criterion{
		{"sessions", func(a, b contender) int { return cmp.Compare(a.Running, b.Running) }, sessionWords},
		{"week", byWeekCost, costWords},
		{"week", func(a, b contender) int { return cmp.Compare(a.Week.Tokens.Total(), b.Week.Tokens.Total()) }, tokenWords},
		lastStarted("last_started", now),
		{"name", func(a, b contender) int { return cmp.Compare(a.Subscription.Name, b.Subscription.Name) }, nameWords},
	}
}

func byWeekCost(a, b contender) int { return cmp.Compare(a.Week.Cost, b.Week.Cost) }

func lastStarted(by string, now time.Time) criterion {
	order := func(a, b contender) int { return a.LastStarted.Compare(b.LastStarted) }
	return criterion{by, order, func(a, b contender) string {
		if b.LastStarted.IsZero() {
			return fmt.Sprintf("%s was never used", b.Subscription.Name)
		}
		return fmt.Sprintf("used %s ago, and %s %s ago",
			since(a.LastStarted, now), b.Subscription.Name, since(b.LastStarted, now))
	}}
}

// since is never negative: clocks may have been set back.
func since(t, now time.Time) string { return ago(max(now.Sub(t), 0)) }

func homeWords(_, b contender) string {
	return fmt.Sprintf("the conversation was on %s last", b.Subscription.Name)
}

func tierWords(a, b contender) string {
	return fmt.Sprintf("tier %d comes after tier %d, that of %s", a.Subscription.Tier, b.Subscription.Tier, b.Subscription.Name)
}

// healthWords compare the points: two scores of 0 or 100 may be of different ones.
func healthWords(a, b contender) string {
	of := func(c contender) float64 { return min(max(c.points, 0), 100) }
	mine, theirs := apart(of(a), of(b), 0)
	if of(a) == of(b) {
		mine, theirs = apart(a.points, b.points, 0)
		mine += " before it is cut to 0 to 100"
	}
	return fmt.Sprintf("health %s, and %s has %s", mine, b.Subscription.Name, theirs)
}

func drainWords(a, b contender, now time.Time) string {
	return fmt.Sprintf("its week starts anew %s, and that of %s %s",
		resetWords(a.resetsAt, now), b.Subscription.Name, resetWords(b.resetsAt, now))
}

func resetWords(resets, now time.Time) string {
	in := "in " + ago(resets.Sub(now))
	if resets.Equal(drainTime(time.Time{}, now)) {
		return "at a time that is not known, which counts as " + in
	}
	return in
}

func shareWords(a, b contender) string {
	mine, theirs := apart(100*a.week, 100*b.week, 0)
	return fmt.Sprintf("%s %% of its week used, and %s %% of that of %s", mine, theirs, b.Subscription.Name)
}

func priorityWords(a, b contender) string {
	return fmt.Sprintf("priority %d, and %s has %d", a.Subscription.Priority, b.Subscription.Name, b.Subscription.Priority)
}

func sessionWords(a, b contender) string {
	return fmt.Sprintf("%d sessions running, and %d on %s", a.Running, b.Running, b.Subscription.Name)
}

func costWords(a, b contender) string {
	mine, theirs := apart(a.Week.Cost.Dollars(), b.Week.Cost.Dollars(), 2)
	return fmt.Sprintf("used $%s this week, and %s $%s", mine, b.Subscription.Name, theirs)
}

func tokenWords(a, b contender) string {
	return fmt.Sprintf("used %d tokens this week, and %s %d", a.Week.Tokens.Total(), b.Subscription.Name, b.Week.Tokens.Total())
}

func nameWords(_, b contender) string {
	return fmt.Sprintf("all else is equal, and %s comes first by name", b.Subscription.Name)
}

// apart shows two numbers with as few decimals as tell them apart, and no fewer than the least.
func apart(a, b float64, least int) (string, string) {
	for decimals := least; decimals < 9; decimals++ {
		mine, theirs := fixed(a, decimals), fixed(b, decimals)
		if mine != theirs {
			return mine, theirs
		}
	}
	return fmt.Sprint(a), fmt.Sprint(b)
}

// fixed shows a number without the sign of one that is rounded to nothing.
func fixed(number float64, decimals int) string {
	text := fmt.Sprintf("%.*f", decimals, number)
	if strings.Trim(text, "-0.") == "" {
		return strings.TrimPrefix(text, "-")
	}
	return text
}
