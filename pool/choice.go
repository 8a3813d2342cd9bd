package pool

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Request says what a launch asks of the pool.
type Request struct {
	// Names pins the choice to these subscriptions; empty leaves it free.
	Names []string
	// Tags must all be on the subscription.
	Tags []string
	// Model is what the run will use, "" where unknown.
	Model string
	// ModelOn says what it will use on a subscription, where Model does not: settings may differ. It is asked
	// only where that matters. Nil knows nothing.
	ModelOn func(Subscription) string
	// Conversation is the conversation that the run resumes, "" where it begins a new one or none is named.
	Conversation string
	// Continues is set where the run goes on with the latest conversation of its directory.
	Continues bool
	// Forced names the one subscription that the run is on already (a nested run, or a config
	// directory that the user set by hand): no rule refuses it. "" leaves the choice to the pool.
	Forced string
	// Unfit says why a subscription can't be used from here (its directory or variable is missing),
	// "" where it can. Nil finds all of them fit.
	Unfit func(Subscription) string
	// SignedIn says when the login of a subscription was last renewed, as far as that can be seen from here;
	// zero where it can't. Nil sees none.
	SignedIn func(Subscription) time.Time
	// Tried are subscriptions that the run has been on already, and has met a limit of.
	Tried []string
	// Follows is the session that met the limit, "" for a run that begins.
	Follows string
	// Ticket is the place in the queue that the run waits with, 0 where it does not wait.
	Ticket  int64
	Process Process
	CWD     string
}

// modelFor is what the run will use on a candidate, "" where that is unknown or makes no difference.
func (r Request) modelFor(c Candidate) string {
	if r.Model != "" || r.ModelOn == nil || !slices.ContainsFunc(c.Windows, Window.isOfFamily) {
		return r.Model
	}
	return r.ModelOn(c.Subscription)
}

// Candidate is a subscription with what the choice looks at.
type Candidate struct {
	Subscription Subscription
	// Running counts its running sessions.
	Running int
	// Week is its use over the last seven UTC days, today included; see UTCDay.
	Week Usage
	// HourCost is what it used since the quarter hour before the last hour began.
	HourCost NanoUSD
	// LastStarted is when its latest session started; zero where it never had one.
	LastStarted time.Time
	Windows     []Window
	Standing    Standing
	// Home is set where the conversation that the request goes on with was last on this subscription.
	Home bool
}

// Choose picks the subscription for a request. It returns the picked candidate and a verdict for
// every candidate in their order. Errors: ErrNoPool where there is no candidate at all, and an
// *ExhaustedError where none may be picked.
func (p Policy) Choose(req Request, candidates []Candidate, now time.Time) (Candidate, []Verdict, error) {
	if len(candidates) == 0 {
		return Candidate{}, nil, ErrNoPool
	}
	verdicts := make([]Verdict, len(candidates))
	var picked contender
	found := false
	for i, c := range candidates {
		verdicts[i] = p.Judge(req, c, now)
		if verdicts[i].Code != Available {
			continue
		}
		if may := p.contender(c, req.modelFor(c), now); !found || p.compare(may, picked) < 0 {
			picked, found = may, true
		}
	}
	if !found {
		return Candidate{}, verdicts, &ExhaustedError{
			FreeAt: firstFree(verdicts), Verdicts: verdicts, Told: p.untried(req, candidates, verdicts, now),
		}
	}
	return picked.Candidate, verdicts, nil
}

// ChooseInTurn is Choose for a request that comes after others that wait: what these would get now is not
// to be had.
func (p Policy) ChooseInTurn(req Request, ahead []Request, candidates []Candidate, now time.Time) (Candidate, []Verdict, error) {
	if len(ahead) == 0 {
		return p.Choose(req, candidates, now)
	}
	theirs := slices.Clone(candidates)
	for i := range theirs {
		theirs[i].Home = false // what is at home there is the conversation of req
	}
	for _, waiting := range ahead {
		picked, _, err := p.Choose(waiting, theirs, now)
		if err != nil {
			continue
		}
		for i := range theirs {
			if theirs[i].Subscription.Name == picked.Subscription.Name {
				theirs[i].Running++
			}
		}
	}
	for i := range theirs {
		theirs[i].Home = candidates[i].Home
	}
	picked, verdicts, err := p.Choose(req, theirs, now)
	var exhausted *ExhaustedError
	if errors.As(err, &exhausted) {
		exhausted.Ahead = len(ahead)
	}
	return picked, verdicts, err
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

// untried are the verdicts with, in the place of that the run has tried a subscription, what keeps other runs from it.
func (p Policy) untried(req Request, candidates []Candidate, verdicts []Verdict, now time.Time) []Verdict {
	told := slices.Clone(verdicts)
	req.Tried = nil
	for i, c := range candidates {
		if told[i].Code != AlreadyTried {
			continue
		}
		if v := p.Judge(req, c, now); v.Code != Available {
			told[i] = v
		}
	}
	return told
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
