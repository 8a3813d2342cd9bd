package pool

import (
	"fmt"
	"slices"
	"time"
)

// VerdictCode says in one word what the choice found of a subscription.
type VerdictCode string

const (
	Available     VerdictCode = "available"
	Disabled      VerdictCode = "disabled"
	NotAskedFor   VerdictCode = "not_asked_for"
	AlreadyTried  VerdictCode = "already_tried"
	NotUsableHere VerdictCode = "not_usable_here"
	SignedOut     VerdictCode = "signed_out"
	Refused       VerdictCode = "refused"
	CoolingDown   VerdictCode = "cooling_down"
	BackingOff    VerdictCode = "backing_off"
	Limited       VerdictCode = "limited"
	AtReserve     VerdictCode = "at_reserve"
	OverBudget    VerdictCode = "over_budget"
	Full          VerdictCode = "full"
)

// Verdict is what the choice says of one subscription.
type Verdict struct {
	Subscription string
	Code         VerdictCode
	// Reason is the verdict in words.
	Reason string
	// FreeAt is when the verdict ends by itself; zero where that is not known.
	FreeAt time.Time
}

// Judge applies the hard rules to one candidate.
func (p Policy) Judge(req Request, c Candidate, now time.Time) Verdict {
	v, settled := judgeAsked(req, c.Subscription)
	if !settled {
		v, settled = judgeLogin(req, c, now)
	}
	if !settled {
		v, settled = judgeWindows(req, c, now)
	}
	if !settled {
		v = p.judgeLoad(c, now)
	}
	v.Subscription = c.Subscription.Name
	return v
}

// verdict makes one that ends by itself at freeAt, or is not known to where that is zero.
func verdict(code VerdictCode, freeAt time.Time, format string, args ...any) (Verdict, bool) {
	return Verdict{Code: code, Reason: fmt.Sprintf(format, args...), FreeAt: freeAt}, true
}

var never time.Time

// judgeAsked judges by what was asked for.
func judgeAsked(req Request, s Subscription) (Verdict, bool) {
	switch missing := missingTag(req.Tags, s.Tags); {
	case req.Forced == s.Name && req.Forced != "":
		return verdict(Available, never, "the run is on it already")
	case req.Forced != "":
		return verdict(NotAskedFor, never, "the run is on %s already", req.Forced)
	case len(req.Names) > 0 && !slices.Contains(req.Names, s.Name):
		return verdict(NotAskedFor, never, "pinned to another subscription")
	case missing != "":
		return verdict(NotAskedFor, never, "has no tag %s", missing)
	case !s.Enabled:
		return verdict(Disabled, never, "disabled")
	case slices.Contains(req.Tried, s.Name):
		return verdict(AlreadyTried, never, "the run has met its limit already")
	}
	if req.Unfit != nil {
		if why := req.Unfit(s); why != "" {
			return verdict(NotUsableHere, never, "%s", why)
		}
	}
	return Verdict{}, false
}

// judgeLogin judges by the login, and by what a person or a throttled key asked for: to be left alone. A
// login that does not work is tried all the same where the run is for this subscription only: it may work by
// now, or a person wants to sign in.
func judgeLogin(req Request, c Candidate, now time.Time) (Verdict, bool) {
	standing := c.Standing
	renewed := req.SignedIn != nil && req.SignedIn(c.Subscription).After(standing.HeardAt)
	broken := !renewed && len(req.Names) != 1
	switch {
	case broken && standing.Login == LoginSignedOut:
		return verdict(SignedOut, never, "signed out")
	case broken && standing.Login == LoginRefused:
		return verdict(Refused, never, "the API refuses its login")
	case standing.CooldownUntil.After(now):
		return verdict(CoolingDown, standing.CooldownUntil, "cooling down, as set by hand")
	case standing.BackoffUntil.After(now):
		return verdict(BackingOff, standing.BackoffUntil, "throttled, %d in a row", standing.Throttles)
	}
	return Verdict{}, false
}

// judgeWindows judges by the windows that the model counts in.
func judgeWindows(req Request, c Candidate, now time.Time) (Verdict, bool) {
	if w, until, closed := closedBy(c, req.modelFor(c), now); closed {
		if w.coveredByOverage(c.Windows) {
			return verdict(Limited, until, "at its %s limit, and paid overage is not allowed", w.Kind)
		}
		return verdict(Limited, until, "at its %s limit", w.Kind)
	}
	if w, used, reserved := reservedBy(c, req.modelFor(c), now); reserved {
		return verdict(AtReserve, w.ResetsAt, "%s of its %s window used, and %s are in reserve",
			percent(used), windowWords(w.Kind), percent(c.Subscription.Reserve))
	}
	return Verdict{}, false
}

// judgeLoad judges by what is used and running.
func (p Policy) judgeLoad(c Candidate, now time.Time) Verdict {
	s := c.Subscription
	most, day := p.cap(s, now)
	var v Verdict
	switch {
	case s.WeeklyBudget > 0 && float64(c.Week.Cost) >= p.BudgetThreshold*float64(s.WeeklyBudget):
		v, _ = verdict(OverBudget, never, "used $%.2f of its weekly budget of $%.2f", c.Week.Cost.Dollars(), s.WeeklyBudget.Dollars())
	case most > 0 && c.Running >= most && day > 0:
		v, _ = verdict(Full, never, "%d of %d sessions are running, which is the most on day %d", c.Running, most, day)
	case most > 0 && c.Running >= most:
		v, _ = verdict(Full, never, "%d of %d sessions are running", c.Running, most)
	default:
		v, _ = verdict(Available, never, "%d sessions running, $%.2f this week", c.Running, c.Week.Cost.Dollars())
	}
	return v
}

// closedBy returns the window that keeps the subscription closed the longest. One beyond which paid use
// goes on closes nothing where that is allowed.
func closedBy(c Candidate, model string, now time.Time) (closing Window, until time.Time, closed bool) {
	for _, w := range c.Windows {
		if c.Subscription.AllowOverage && w.coveredByOverage(c.Windows) {
			continue
		}
		if t, yes := w.ClosedUntil(model, now); yes && t.After(until) {
			closing, until, closed = w, t, true
		}
	}
	return closing, until, closed
}

// reservedBy returns the window that has no more than the reserve left the longest, and its use. One whose
// reset is not known outlasts all others.
func reservedBy(c Candidate, model string, now time.Time) (reserving Window, use float64, reserved bool) {
	reserve := c.Subscription.Reserve
	if !(reserve > 0) { // NaN is not
		return Window{}, 0, false
	}
	for _, w := range c.Windows {
		used, known := w.Used(now)
		if !known || w.Kind == Overage || !w.AppliesTo(model) || used < 1-reserve {
			continue
		}
		if !reserved || !reserving.ResetsAt.IsZero() && (w.ResetsAt.IsZero() || w.ResetsAt.After(reserving.ResetsAt)) {
			reserving, use, reserved = w, used, true
		}
	}
	return reserving, use, reserved
}

func missingTag(want, have []string) string {
	for _, tag := range want {
		if !slices.Contains(have, tag) {
			return tag
		}
	}
	return ""
}
