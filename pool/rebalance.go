package pool

import (
	"fmt"
	"slices"
	"time"
)

// Rebalance says when a conversation is moved to a subscription that is used less.
type Rebalance struct {
	// Gap is by how much of its week, 0 to 1, the one must be used more than the other.
	Gap float64
	// GapUSD is the same in US dollars of the last seven days, where of neither is known how much of its week is used.
	GapUSD float64
	// Moves is the most that are planned at once; 0 for none.
	Moves int
}

// DefaultRebalance is what counts unless the configuration says otherwise.
func DefaultRebalance() Rebalance { return Rebalance{Gap: 0.30, GapUSD: 20, Moves: 3} }

// RebalanceWithin is how long ago a conversation was heard of that is still moved: nobody may go on with an older one.
const RebalanceWithin = 7 * 24 * time.Hour

// IdleConversations asks for those of a subscription that may be moved at now, the latest first. So many are enough to
// tell by how much each counts.
func IdleConversations(subscription string, now time.Time) ConversationQuery {
	return ConversationQuery{Subscription: subscription, Since: now.Add(-RebalanceWithin), Until: now.Add(-IdleAfter), Limit: 100}
}

// Balance is what a plan goes by.
type Balance struct {
	Candidates []Candidate
	// Idle are the conversations of each subscription that may be moved, the latest first, by its name; see
	// IdleConversations.
	Idle map[string][]Conversation
	// Place says where a subscription's conversations lie, "" where that is not known. Only those that share a place
	// exchange conversations.
	Place func(Subscription) string
	// Request is what the target is judged for: what runs from here may not use all of them.
	Request Request
}

// Plan returns the moves that would bring the use of subscriptions closer together, from the most used to the least
// used of those that may exchange conversations, and where there are none, why. What a conversation will use nobody
// knows: each counts as an equal part of what its subscription has used, and never as more than half of the gap, so that
// no move makes the source the one that is used less.
func (r Rebalance) Plan(p Policy, b Balance, now time.Time) (moves []Move, why string) {
	plan := r.newPlan(p, b, now)
	why = plan.obstacle()
	for len(moves) < r.Moves {
		from, to := plan.widest()
		if from == nil {
			return moves, why
		}
		moves = append(moves, plan.move(from, to))
	}
	return moves, why
}

// plan is one being made.
type plan struct {
	rules Rebalance
	loads []*load
}

// load is how much a subscription is used, as a plan goes on.
type load struct {
	Subscription
	place    string
	idle     []Conversation
	mayTake  bool
	inShares bool // used is a share of the week, and not US dollars
	used     float64
	// known is used as it was before any move was planned.
	known float64
	// each is what a conversation counts as.
	each float64
}

func (r Rebalance) newPlan(p Policy, b Balance, now time.Time) *plan {
	made := &plan{rules: r}
	for _, c := range b.Candidates {
		l := &load{
			Subscription: c.Subscription, place: b.Place(c.Subscription), idle: b.Idle[c.Subscription.Name],
			mayTake: p.Judge(b.Request, c, now).Code == Available,
		}
		if l.used, l.inShares = weekShare(c, now); !l.inShares {
			l.used = max(c.Week.Cost, 0).Dollars()
		}
		l.known, l.each = l.used, l.used/float64(max(len(l.idle), 1))
		made.loads = append(made.loads, l)
	}
	return made
}

// weekShare is how much of its week a subscription has used, as it was observed or, where no window was, by its budget;
// false where neither is known.
func weekShare(c Candidate, now time.Time) (share float64, known bool) {
	for _, w := range c.Windows {
		if w.Kind == FiveHour || w.Kind == Overage {
			continue
		}
		if used, seen := w.Used(now); seen {
			share, known = max(share, used), true
		}
	}
	if u := budgetUse(c); !known && u.basis == onBudget {
		return u.share, true
	}
	return share, known
}

// widest returns the two with the widest gap between them of those that may exchange a conversation, nil where none
// is wide enough. One in shares of the week counts more than one in dollars.
func (p *plan) widest() (from, to *load) {
	var widest float64
	for _, a := range p.loads {
		for _, b := range p.loads {
			gap := p.gap(a, b)
			wider := from == nil || a.inShares && !from.inShares || a.inShares == from.inShares && gap > widest
			if p.isWide(a, gap) && len(a.idle) > 0 && exchange(a, b) && b.mayTake && wider {
				from, to, widest = a, b, gap
			}
		}
	}
	return from, to
}

// gap is by how much a is used more than b; 0 where they can't be compared.
func (p *plan) gap(a, b *load) float64 {
	if a.inShares != b.inShares {
		return 0
	}
	return finite(a.used - b.used)
}

// isWide tells whether a gap between a and another is wide enough.
func (p *plan) isWide(a *load, gap float64) bool {
	least := p.rules.GapUSD
	if a.inShares {
		least = p.rules.Gap
	}
	return gap > 0 && gap >= least // NaN is passed by none
}

// exchange tells whether conversations of a may go on with b.
func exchange(a, b *load) bool {
	return a != b && a.Tier == b.Tier && a.place != "" && a.place == b.place && missingTag(a.Tags, b.Tags) == ""
}

// move plans one, and counts it.
func (p *plan) move(from, to *load) Move {
	gap := p.gap(from, to)
	m := Move{Conversation: from.idle[0], From: from.Name, To: to.Name, Reason: from.words() + ", " + to.words()}
	counts := min(from.each, gap/2)
	from.idle, from.used, to.used = from.idle[1:], from.used-counts, to.used+counts
	return m
}

// words say how much a subscription is used.
func (l *load) words() string {
	if l.inShares {
		return fmt.Sprintf("%s has used %s of its week", l.Name, percent(l.known))
	}
	return fmt.Sprintf("%s has used $%.2f this week", l.Name, l.known)
}

// obstacle says why nothing may be moved, "" where something may.
func (p *plan) obstacle() string {
	if from, _ := p.widest(); from != nil {
		return ""
	}
	hasIdle := func(l *load) bool { return len(l.idle) > 0 }
	pairs := func(may func(a, b *load) bool) bool {
		return slices.ContainsFunc(p.loads, func(a *load) bool {
			return hasIdle(a) && slices.ContainsFunc(p.loads, func(b *load) bool { return a != b && may(a, b) })
		})
	}
	wide := func(a, b *load) bool { return p.isWide(a, p.gap(a, b)) }
	switch {
	case !slices.ContainsFunc(p.loads, hasIdle):
		return "no conversation of the last 7 days is idle"
	case !pairs(func(a, b *load) bool { return a.place != "" && a.place == b.place }):
		return "no two subscriptions share conversations"
	case !pairs(func(a, b *load) bool { return a.place == b.place && p.gap(a, b) >= 0 }):
		return "all idle conversations are on the subscription that is used least"
	case !pairs(func(a, b *load) bool { return exchange(a, b) && p.gap(a, b) >= 0 }):
		return "no subscription that is used less has the same tier and all the tags"
	case !pairs(func(a, b *load) bool { return exchange(a, b) && wide(a, b) }):
		return fmt.Sprintf("no gap is wide enough: %s of the week, or $%.2f where that is not known", percent(p.rules.Gap), p.rules.GapUSD)
	}
	return "no subscription that is used less may be picked now"
}
