package pool

import "regexp"

// Tally compares what is known from two sides of one stay of a session on a conversation with one
// model: what the CLI said was used, and the messages themselves. docs/ledger.md has the rule.
type Tally struct {
	// Printed is what standard output told, and Stated what the transcript's cost-state lines did: the
	// same figures of the same process, where both are there.
	Printed, Stated Usage
	// Messages are those of the transcript.
	Messages Usage
}

// OneSided tells whether only standard output told anything: then that is what is booked, as it is.
func (t Tally) OneSided() bool { return t.Stated == (Usage{}) && t.Messages == (Usage{}) }

// Remainder is what is to be booked beside the messages, so that all is booked once: what the CLI told
// of and the transcript does not hold. Its cost makes the whole cost what the CLI said, where the
// transcript holds no more than the CLI told of, and so can be negative.
func (t Tally) Remainder() Usage {
	told := t.told()
	r := Usage{Tokens: told.Tokens.less(t.Messages.Tokens), Messages: max(told.Messages-t.Messages.Messages, 0)}
	if r.Tokens == (Tokens{}) {
		r.Messages = 0
	}
	if told.Cost == 0 { // not told, or nothing: the messages' own cost stands
		return r
	}
	whole := told.Cost
	if t.Messages.Tokens.less(told.Tokens) != (Tokens{}) { // the CLI forgot some
		whole = max(whole, t.Messages.Cost)
	}
	r.Cost = whole - t.Messages.Cost
	return r
}

// told is the larger of the CLI's two figures, kind by kind.
func (t Tally) told() Usage {
	p, s := t.Printed, t.Stated
	u := Usage{
		Messages: max(p.Messages, s.Messages),
		Tokens: Tokens{
			Input: max(p.Tokens.Input, s.Tokens.Input), Output: max(p.Tokens.Output, s.Tokens.Output),
			CacheCreation:   max(p.Tokens.CacheCreation, s.Tokens.CacheCreation),
			CacheCreation1h: max(p.Tokens.CacheCreation1h, s.Tokens.CacheCreation1h),
			CacheRead:       max(p.Tokens.CacheRead, s.Tokens.CacheRead),
		},
		Cost: max(p.Cost, s.Cost),
	}
	return u
}

// less returns what t has more than u, kind by kind.
func (t Tokens) less(u Tokens) Tokens {
	d := Tokens{
		Input: max(t.Input-u.Input, 0), Output: max(t.Output-u.Output, 0),
		CacheCreation: max(t.CacheCreation-u.CacheCreation, 0), CacheCreation1h: max(t.CacheCreation1h-u.CacheCreation1h, 0),
		CacheRead: max(t.CacheRead-u.CacheRead, 0),
	}
	d.CacheCreation1h = min(d.CacheCreation1h, d.CacheCreation)
	return d
}

// Settle changes rows, the oldest first, so that they add up to want: what was booked too much comes off
// the oldest rows, what is missing goes onto the last. It returns false where something is missing and
// there is no row.
func Settle(rows []Usage, want Usage) bool {
	var have Usage
	for _, r := range rows {
		have = have.Plus(r)
	}
	if len(rows) == 0 {
		return want == (Usage{})
	}
	last := &rows[len(rows)-1]
	for kind := range tokenKinds {
		surplus := *tokenKinds[kind](&have.Tokens) - *tokenKinds[kind](&want.Tokens)
		if surplus < 0 {
			*tokenKinds[kind](&last.Tokens) -= surplus
		}
		for i := range rows {
			if surplus <= 0 {
				break
			}
			n := tokenKinds[kind](&rows[i].Tokens)
			taken := min(*n, surplus)
			*n -= taken
			surplus -= taken
		}
	}
	settleMessages(rows, have.Messages-want.Messages)
	last.Cost += want.Cost - have.Cost
	for i := range rows {
		t := &rows[i].Tokens
		t.CacheCreation1h = min(t.CacheCreation1h, t.CacheCreation)
		if *t == (Tokens{}) {
			rows[i].CostUnknown = 0 // nothing is left of which the cost could be unknown
		}
	}
	return true
}

func settleMessages(rows []Usage, surplus int64) {
	if surplus < 0 {
		rows[len(rows)-1].Messages -= surplus
	}
	for i := range rows {
		if surplus <= 0 {
			return
		}
		taken := min(rows[i].Messages, surplus)
		rows[i].Messages -= taken
		surplus -= taken
	}
}

// tokenKinds are the kinds of tokens that Settle moves, one by one.
var tokenKinds = []func(*Tokens) *int64{
	func(t *Tokens) *int64 { return &t.Input },
	func(t *Tokens) *int64 { return &t.Output },
	func(t *Tokens) *int64 { return &t.CacheCreation },
	func(t *Tokens) *int64 { return &t.CacheCreation1h },
	func(t *Tokens) *int64 { return &t.CacheRead },
}

var dateSuffix = regexp.MustCompile(`-20\d{6}$`)

// BaseModel is a model's name without its date: the CLI may count under one and the API answer under the
// other.
func BaseModel(model string) string { return dateSuffix.ReplaceAllString(model, "") }
