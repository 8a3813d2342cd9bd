package pool

import (
	"slices"
	"time"
)

// Explanation is a choice with its reasons.
type Explanation struct {
	// Picked is who would be picked, "" where nobody may be.
	Picked string
	// FreeAt is when the first one frees up by itself, where nobody may be picked and that is known.
	FreeAt time.Time
	// Candidates are all, in the order in which they would be picked; those that may not be come last.
	Candidates []Explained
}

// Explained is what a choice finds of one candidate.
type Explained struct {
	Candidate Candidate
	Verdict   Verdict
	Health    Health
	// Behind says by what the picked one comes before this one, where both may be picked; it is the zero
	// Behind for all others.
	Behind Behind
}

// Behind is the first criterion by which one candidate comes before another.
type Behind struct {
	// By is home, tier, health, drain, least-used, round-robin, priority, sessions, week, last_started or name.
	By string
	// Words compare the one that is behind with the other.
	Words string
}

// Explain says whom Choose would pick, and why not each of the others. Of an empty pool it says nothing.
func (p Policy) Explain(req Request, candidates []Candidate, now time.Time) Explanation {
	var may, rest []Explained
	var contenders []contender
	for _, c := range candidates {
		e := Explained{Candidate: c, Verdict: p.Judge(req, c, now), Health: p.Health(c, req.modelFor(c), now)}
		if e.Verdict.Code == Available {
			may, contenders = append(may, e), append(contenders, p.contender(c, req.modelFor(c), now))
		} else {
			rest = append(rest, e)
		}
	}
	if len(may) == 0 {
		return Explanation{FreeAt: firstFree(verdictsOf(rest)), Candidates: rest}
	}
	picked := slices.MinFunc(contenders, p.compare)
	for i, c := range contenders {
		if c.Subscription.Name != picked.Subscription.Name {
			may[i].Behind = p.behind(c, picked, now)
		}
	}
	slices.SortStableFunc(may, func(a, b Explained) int {
		return p.compare(p.contender(a.Candidate, req.modelFor(a.Candidate), now), p.contender(b.Candidate, req.modelFor(b.Candidate), now))
	})
	return Explanation{Picked: picked.Subscription.Name, Candidates: append(may, rest...)}
}

func verdictsOf(explained []Explained) []Verdict {
	verdicts := make([]Verdict, len(explained))
	for i, e := range explained {
		verdicts[i] = e.Verdict
	}
	return verdicts
}
