package pool

import (
	"fmt"
	"math"
	"time"
)

// use is what is assumed of a window, and why.
type use struct {
	// share is 0 to 1.
	share float64
	// resetsAt is when the window starts anew, zero where unknown.
	resetsAt time.Time
	basis    basis
	// kind, seen and age are of the observation: of what window, what share, and how long ago.
	kind WindowKind
	seen float64
	age  time.Duration
}

// basis is what an assumption rests on.
type basis int

const (
	// nothing: the window was never observed.
	nothing basis = iota
	// onBudget: no window was observed, but there is a budget.
	onBudget
	// onReset: the window has started anew since it was observed.
	onReset
	// onObservation: the window as it was observed.
	onObservation
	// onNoFigure: the window was observed, but not its use, or too long ago.
	onNoFigure
)

// middling is what is assumed of a window of which nothing is known: neither free nor full.
const middling = 0.5

// fiveHourUse is the use of the five-hour window.
func (p Policy) fiveHourUse(c Candidate, now time.Time) use {
	for i := range c.Windows {
		if c.Windows[i].Kind == FiveHour {
			return observed(&c.Windows[i], p.Weights.FiveHourHalfLife, middling, now)
		}
	}
	return use{share: middling, kind: FiveHour}
}

// weekUse is the use of the fullest of the weekly windows that the model counts in, else what the budget
// tells.
func (p Policy) weekUse(c Candidate, model string, now time.Time) use {
	assumed := budgetUse(c)
	var fullest use
	found := false
	for i := range c.Windows {
		w := &c.Windows[i]
		if w.Kind == FiveHour || w.Kind == Overage || !w.AppliesTo(model) {
			continue
		}
		u := observed(w, p.Weights.WeekHalfLife, assumed.share, now)
		if !found || u.share > fullest.share {
			fullest, found = u, true
		}
	}
	if !found {
		return assumed
	}
	return fullest
}

// budgetUse estimates the week by the budget.
func budgetUse(c Candidate) use {
	budget := c.Subscription.WeeklyBudget
	if budget <= 0 {
		return use{share: middling, kind: SevenDay}
	}
	return use{share: min(max(float64(c.Week.Cost)/float64(budget), 0), 1), basis: onBudget}
}

// observed is what an observation of a window tells now. The older it is, the more of `assumed` goes into
// it; but a window does not empty before it resets, so it is never taken for emptier than it was. When it
// has reset, it was empty then.
func observed(w *Window, halfLife time.Duration, assumed float64, now time.Time) use {
	u := use{share: assumed, kind: w.Kind, basis: onNoFigure}
	used, known := w.Used(now)
	switch {
	case known:
		u.basis, u.seen, u.age, u.resetsAt = onObservation, used, now.Sub(w.ObservedAt), w.ResetsAt
	case w.StartedAnew(now):
		if w.ResetsAt.IsZero() || now.Sub(w.ResetsAt) > w.Kind.period() {
			return u // nothing is known of the windows since
		}
		u.basis, u.age = onReset, now.Sub(w.ResetsAt)
	case w.Status == StatusRejected:
		u.basis, u.seen, u.age, u.resetsAt = onObservation, 1, now.Sub(w.ObservedAt), w.ResetsAt
	default:
		u.resetsAt = w.ResetsAt
		return u
	}
	u.age = max(u.age, 0) // a clock that was set back is no reason to doubt
	weight := trust(u.age, halfLife)
	u.share = max(u.seen, u.seen*weight+assumed*(1-weight))
	return u
}

// trust is how much an observation of that age counts, 0 to 1.
func trust(age, halfLife time.Duration) float64 {
	if halfLife <= 0 {
		return 1 // observations do not age
	}
	return math.Exp2(-float64(age) / float64(halfLife))
}

// words say what the assumption rests on.
func (u use) words() string {
	name := windowWords(u.kind) + " window"
	switch u.basis {
	case onBudget:
		return fmt.Sprintf("%s of the weekly budget used", percent(u.share))
	case onReset:
		return fmt.Sprintf("%s started anew %s ago: counts as %s", name, ago(u.age), percent(u.share))
	case onObservation:
		return fmt.Sprintf("%s of the %s used, %s ago: counts as %s", percent(u.seen), name, ago(u.age), percent(u.share))
	case onNoFigure:
		return "nothing known of the use of the " + name
	case nothing:
		if u.kind == SevenDay {
			return "nothing known of the week"
		}
	}
	return "nothing known of the " + name
}

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }

func ago(age time.Duration) string {
	switch {
	case age < time.Minute:
		return fmt.Sprintf("%d s", age/time.Second)
	case age < 2*time.Hour:
		return fmt.Sprintf("%d min", age/time.Minute)
	case age < 48*time.Hour:
		return fmt.Sprintf("%d h", age/time.Hour)
	}
	return fmt.Sprintf("%d days", age/(24*time.Hour))
}

// windowWords is a window as people call it.
func windowWords(kind WindowKind) string {
	switch kind {
	case FiveHour:
		return "5-hour"
	case SevenDay:
		return "weekly"
	}
	return string(kind)
}
