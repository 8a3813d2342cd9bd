package pool

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// BudgetThreshold is the share of the weekly budget from which on a subscription is no longer picked.
const BudgetThreshold = 0.85

// Request says what a launch asks of the pool.
type Request struct {
	// Names pins the choice to these subscriptions; empty leaves it free.
	Names []string
	// Tags must all be on the subscription.
	Tags []string
	// Model is what the run will use, "" where unknown.
	Model string
	// Conversation is the conversation that the run resumes, "" where it begins a new one or none is named.
	Conversation string
	// Continues is set where the run goes on with the latest conversation of its directory.
	Continues bool
	// Forced names the one subscription that the run is on already (a nested run, or a config
	// directory that the user set by hand): no rule refuses it. "" leaves the choice to the pool.
	Forced string
	// Unfit says why a subscription can't be used from here (its directory or variable is missing),
	// "" where it can. Nil finds all of them fit.
	Unfit   func(Subscription) string
	Process Process
	CWD     string
}

// Candidate is a subscription with what the choice looks at.
type Candidate struct {
	Subscription Subscription
	// Running counts its running sessions.
	Running int
	// Week is its use over the last seven UTC days, today included; see UTCDay.
	Week Usage
	// LastStarted is when its latest session started; zero where it never had one.
	LastStarted time.Time
	Windows     []Window
	// Home is set where the conversation that the request goes on with was last on this subscription.
	Home bool
}

// VerdictCode says in one word what the choice found of a subscription.
type VerdictCode string

const (
	Available     VerdictCode = "available"
	Disabled      VerdictCode = "disabled"
	NotAskedFor   VerdictCode = "not_asked_for"
	NotUsableHere VerdictCode = "not_usable_here"
	Limited       VerdictCode = "limited"
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

// Ranking orders candidates that may be picked, the best first, as slices.SortFunc wants it.
type Ranking func(a, b Candidate) int

// ByLoad ranks by fewest running sessions, then least used this week, then longest unused, then name.
func ByLoad(a, b Candidate) int {
	return cmp.Or(
		cmp.Compare(a.Running, b.Running),
		cmp.Compare(a.Week.Cost, b.Week.Cost),
		cmp.Compare(a.Week.Tokens.Total(), b.Week.Tokens.Total()),
		a.LastStarted.Compare(b.LastStarted),
		cmp.Compare(a.Subscription.Name, b.Subscription.Name),
	)
}

// Choose picks the subscription for a request. It returns the picked candidate and a verdict for
// every candidate in their order. Errors: ErrNoPool where there is no candidate at all, and an
// *ExhaustedError where none may be picked.
func Choose(req Request, candidates []Candidate, rank Ranking, now time.Time) (Candidate, []Verdict, error) {
	if len(candidates) == 0 {
		return Candidate{}, nil, ErrNoPool
	}
	verdicts := make([]Verdict, len(candidates))
	var picked *Candidate
	for i := range candidates {
		c := &candidates[i]
		verdicts[i] = Judge(req, *c, now)
		if verdicts[i].Code == Available && (picked == nil || better(*c, *picked, rank)) {
			picked = c
		}
	}
	if picked == nil {
		return Candidate{}, verdicts, &ExhaustedError{FreeAt: firstFree(verdicts), Verdicts: verdicts}
	}
	return *picked, verdicts, nil
}

// CheckNames returns ErrNotFound, with the name, where the request names a subscription that is not
// among the candidates. Of an empty pool it says nothing: Choose does.
func CheckNames(req Request, candidates []Candidate) error {
	named := req.Names
	if req.Forced != "" {
		named = append([]string{req.Forced}, named...)
	}
	for _, name := range named {
		known := slices.ContainsFunc(candidates, func(c Candidate) bool { return c.Subscription.Name == name })
		if !known && len(candidates) > 0 {
			return fmt.Errorf("subscription %s: %w", name, ErrNotFound)
		}
	}
	return nil
}

// better puts the home of a conversation before every ranking.
func better(a, b Candidate, rank Ranking) bool {
	if a.Home != b.Home {
		return a.Home
	}
	return rank(a, b) < 0
}

// Judge applies the hard rules to one candidate.
func Judge(req Request, c Candidate, now time.Time) Verdict {
	s := c.Subscription
	verdict := func(code VerdictCode, freeAt time.Time, format string, args ...any) Verdict {
		return Verdict{Subscription: s.Name, Code: code, Reason: fmt.Sprintf(format, args...), FreeAt: freeAt}
	}
	never := time.Time{}
	if req.Forced != "" {
		if s.Name == req.Forced {
			return verdict(Available, never, "the run is on it already")
		}
		return verdict(NotAskedFor, never, "the run is on %s already", req.Forced)
	}
	if len(req.Names) > 0 && !slices.Contains(req.Names, s.Name) {
		return verdict(NotAskedFor, never, "pinned to another subscription")
	}
	if missing := missingTag(req.Tags, s.Tags); missing != "" {
		return verdict(NotAskedFor, never, "has no tag %s", missing)
	}
	if !s.Enabled {
		return verdict(Disabled, never, "disabled")
	}
	if req.Unfit != nil {
		if why := req.Unfit(s); why != "" {
			return verdict(NotUsableHere, never, "%s", why)
		}
	}
	if w, until, closed := closedBy(c.Windows, req.Model, now); closed {
		return verdict(Limited, until, "at its %s limit", w.Kind)
	}
	if overBudget(s, c.Week) {
		return verdict(OverBudget, never, "used $%.2f of its weekly budget of $%.2f", c.Week.Cost.Dollars(), s.WeeklyBudget.Dollars())
	}
	if s.MaxSessions > 0 && c.Running >= s.MaxSessions {
		return verdict(Full, never, "%d of %d sessions are running", c.Running, s.MaxSessions)
	}
	return verdict(Available, never, "%d sessions running, $%.2f this week", c.Running, c.Week.Cost.Dollars())
}

func overBudget(s Subscription, week Usage) bool {
	return s.WeeklyBudget > 0 && float64(week.Cost) >= BudgetThreshold*float64(s.WeeklyBudget)
}

// closedBy returns the window that keeps the subscription closed the longest.
func closedBy(windows []Window, model string, now time.Time) (closing Window, until time.Time, closed bool) {
	for _, w := range windows {
		if t, yes := w.ClosedUntil(model, now); yes && t.After(until) {
			closing, until, closed = w, t, true
		}
	}
	return closing, until, closed
}

func missingTag(want, have []string) string {
	for _, tag := range want {
		if !slices.Contains(have, tag) {
			return tag
		}
	}
	return ""
}

func firstFree(verdicts []Verdict) time.Time {
	var first time.Time
	for _, v := range verdicts {
		if !v.FreeAt.IsZero() && (first.IsZero() || v.FreeAt.Before(first)) {
			first = v.FreeAt
		}
	}
	return first
}
