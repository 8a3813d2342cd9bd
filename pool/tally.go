package pool

import "regexp"

// Tally compares what is known from two sides of one stay of a session on a conversation with one
// model: what the CLI said was used, and the messages themselves. docs/ledger.md has the rule.
type Tally struct {
	// Printed is what standard output told, and Stated what the transcript's cost-state lines did: the
	// same figures of the same process, where both are there.
	Printed Usage `json:"printed,omitzero"`
	Stated  Usage `json:"stated,omitzero"`
	// Messages are those of the transcript.
	Messages Usage `json:"read,omitzero"`
}

// OneSided tells whether only standard output told anything: then that is what is booked, as it is.
func (t Tally) OneSided() bool {
	return t.Printed != (Usage{}) && t.Stated == (Usage{}) && t.Messages == (Usage{})
}

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
	r.CostEstimated = told.CostEstimated + (whole - told.Cost) - t.Messages.CostEstimated
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
		Cost: p.Cost, CostEstimated: p.CostEstimated,
	}
	if s.Cost > p.Cost {
		u.Cost, u.CostEstimated = s.Cost, s.CostEstimated
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

// Without returns u less what v has, kind by kind, where u has that much, and else nothing.
func (u Usage) Without(v Usage) Usage {
	return Usage{
		Messages: max(u.Messages-v.Messages, 0), Tokens: u.Tokens.less(v.Tokens), Cost: max(u.Cost-v.Cost, 0), CostEstimated: u.CostEstimated, CostUnknown: u.CostUnknown,
	}
}

// Settle changes rows, the oldest first, so that they add up to want: what was booked too much comes off
// the oldest rows, what is missing goes onto the last. Nothing becomes negative but a cost. It returns
// false where something is missing and there is no row.
func Settle(rows []Usage, want Usage) bool {
	if len(rows) == 0 {
		return want == (Usage{})
	}
	split := make([]parts, len(rows))
	for i, row := range rows {
		split[i] = partsOf(row)
	}
	for kind, n := range partsOf(want) {
		settlePart(split, kind, n)
	}
	for i := range rows {
		split[i].putInto(&rows[i])
		if rows[i].Tokens == (Tokens{}) {
			rows[i].CostUnknown = 0 // nothing is left of which the cost could be unknown
		}
	}
	settleCost(rows, want)
	return true
}

// parts are the figures that Settle moves, one by one. What was written to the cache for five minutes
// stands apart from what was for an hour, so that none is part of another.
type parts [6]int64

func partsOf(u Usage) parts {
	t := u.Tokens
	return parts{u.Messages, t.Input, t.Output, t.CacheCreation - t.CacheCreation1h, t.CacheCreation1h, t.CacheRead}
}

func (p parts) putInto(u *Usage) {
	u.Messages = p[0]
	u.Tokens = Tokens{Input: p[1], Output: p[2], CacheCreation: p[3] + p[4], CacheCreation1h: p[4], CacheRead: p[5]}
}

func settlePart(rows []parts, kind int, want int64) {
	surplus := -want
	for _, row := range rows {
		surplus += row[kind]
	}
	if surplus < 0 {
		rows[len(rows)-1][kind] -= surplus
	}
	for i := range rows {
		if surplus <= 0 {
			return
		}
		taken := min(rows[i][kind], surplus)
		rows[i][kind] -= taken
		surplus -= taken
	}
}

// settleCost does for the cost what settlePart does for the rest. What is more than all rows have makes
// the last one negative. A row whose cost is unknown takes part only where all are unknown: then the cost
// of the whole is known after all.
func settleCost(rows []Usage, want Usage) {
	last := -1
	surplus, estimated := -want.Cost, want.CostEstimated
	for i, row := range rows {
		surplus += row.Cost
		estimated -= row.CostEstimated
		if row.CostUnknown == 0 {
			last = i
		}
	}
	for i := range rows {
		taken := max(min(rows[i].Cost, surplus), 0)
		rows[i].Cost -= taken
		surplus -= taken
	}
	if surplus == 0 && (last < 0 || estimated == 0) {
		return
	}
	if last < 0 {
		last = len(rows) - 1
		rows[last].CostUnknown = 0
	}
	rows[last].Cost -= surplus
	rows[last].CostEstimated += estimated
}

var dateSuffix = regexp.MustCompile(`-20\d{6}$`)

// BaseModel is a model's name without its date: the CLI may count under one and the API answer under the
// other.
func BaseModel(model string) string { return dateSuffix.ReplaceAllString(model, "") }
