package pool

import (
	"cmp"
	"time"
)

// contender is a candidate that may be picked, with what the strategies look at.
type contender struct {
	Candidate
	points   float64
	week     float64
	resetsAt time.Time
}

func (p Policy) contender(c Candidate, model string, now time.Time) contender {
	week := p.weekUse(c, model, now)
	return contender{
		Candidate: c, points: p.points(c, week.share, p.fiveHourUse(c, now).share).sum(), week: week.share,
		resetsAt: drainTime(week.resetsAt, now),
	}
}

// drainTime is when a week starts anew; one that is not known is taken for the middle of what can be.
func drainTime(resets, now time.Time) time.Time {
	if resets.IsZero() || !resets.After(now) {
		return now.Add(7 * 24 * time.Hour / 2)
	}
	return resets
}

// compare orders contenders, the best first: the home of a conversation, then by tier, by strategy, and
// by load.
func (p Policy) compare(a, b contender) int {
	return cmp.Or(
		homeFirst(a.Home, b.Home),
		cmp.Compare(a.Subscription.Tier, b.Subscription.Tier),
		p.byStrategy(a, b),
		byLoad(a.Candidate, b.Candidate),
	)
}

func homeFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// byStrategy orders by the strategy alone; one that is not known counts as health.
func (p Policy) byStrategy(a, b contender) int {
	healthier := cmp.Compare(b.points, a.points)
	switch p.Strategy {
	case ByDrain:
		return cmp.Or(a.resetsAt.Compare(b.resetsAt), healthier)
	case ByLeastUsed:
		return cmp.Or(cmp.Compare(a.week, b.week), cmp.Compare(a.Week.Cost, b.Week.Cost))
	case ByRoundRobin:
		return a.LastStarted.Compare(b.LastStarted)
	case ByPriority:
		return cmp.Or(cmp.Compare(b.Subscription.Priority, a.Subscription.Priority), healthier)
	default:
		return healthier
	}
}

// byLoad orders by fewest running sessions, then least used this week, then longest unused, then name.
func byLoad(a, b Candidate) int {
	return cmp.Or(
		cmp.Compare(a.Running, b.Running),
		cmp.Compare(a.Week.Cost, b.Week.Cost),
		cmp.Compare(a.Week.Tokens.Total(), b.Week.Tokens.Total()),
		a.LastStarted.Compare(b.LastStarted),
		cmp.Compare(a.Subscription.Name, b.Subscription.Name),
	)
}
