package pool

import "time"

// Tokens counts tokens by kind, as the API bills them. None is ever negative.
type Tokens struct {
	Input  int64 `json:"input"`
	Output int64 `json:"output"`
	// CacheCreation is everything written to the cache; CacheCreation1h is the part of it that was
	// written for an hour, which has a price of its own. The rest was written for five minutes.
	CacheCreation   int64 `json:"cache_creation"`
	CacheCreation1h int64 `json:"cache_creation_1h"`
	CacheRead       int64 `json:"cache_read"`
}

// Total is the number of tokens of all kinds.
func (t Tokens) Total() int64 { return t.Input + t.Output + t.CacheCreation + t.CacheRead }

// Plus returns the sum, kind by kind.
func (t Tokens) Plus(u Tokens) Tokens {
	return Tokens{
		Input:           t.Input + u.Input,
		Output:          t.Output + u.Output,
		CacheCreation:   t.CacheCreation + u.CacheCreation,
		CacheCreation1h: t.CacheCreation1h + u.CacheCreation1h,
		CacheRead:       t.CacheRead + u.CacheRead,
	}
}

// Entry is one booking in the ledger: what one model used in one stretch of a conversation.
type Entry struct {
	// ID is unique for good. Booking an id again changes nothing, so a booking may be repeated
	// whenever it is not known to have succeeded.
	ID           string    `json:"id"`
	At           time.Time `json:"at"`
	Conversation string    `json:"conversation"`
	Model        string    `json:"model"`
	// Messages is how many API messages the entry stands for, as far as that is known.
	Messages int    `json:"messages"`
	Tokens   Tokens `json:"tokens"`
	// Cost is only meaningful where CostSource is not CostUnknown.
	Cost       NanoUSD    `json:"cost_nanousd"`
	CostSource CostSource `json:"cost_source"`
}

// The largest figures of one entry: far beyond any real one, and small enough for sums to stay exact.
const (
	MaxMessages int     = 1e9
	MaxTokens   int64   = 1e12
	MaxCost     NanoUSD = 1e15
)

// The times that an entry can have: days that are four-digit years, numbered from 0 on.
var earliest, latest = time.UnixMilli(0).UTC(), time.Date(9999, 12, 30, 0, 0, 0, 0, time.UTC)

// Bounded returns the entry as stores book it: a figure outside of its range can only come from
// damaged output, and counts as the nearest one inside, so that it never costs the whole booking.
func (e Entry) Bounded() Entry {
	e.Messages = min(max(e.Messages, 0), MaxMessages)
	for _, n := range []*int64{&e.Tokens.Input, &e.Tokens.Output, &e.Tokens.CacheCreation, &e.Tokens.CacheRead} {
		*n = min(max(*n, 0), MaxTokens)
	}
	e.Tokens.CacheCreation1h = min(max(e.Tokens.CacheCreation1h, 0), e.Tokens.CacheCreation)
	e.Cost = min(max(e.Cost, 0), MaxCost)
	e.At = Moment(e.At)
	if e.At.Before(earliest) {
		e.At = earliest
	} else if e.At.After(latest) {
		e.At = latest
	}
	return e
}

// Usage is what the entry adds to a sum.
func (e Entry) Usage() Usage {
	u := Usage{Messages: int64(e.Messages), Tokens: e.Tokens, Cost: e.Cost}
	switch e.CostSource {
	case CostUnknown:
		u.Cost, u.CostUnknown = 0, 1
	case CostEstimated:
		u.CostEstimated = u.Cost
	}
	return u
}

// CostSource says where a cost came from.
type CostSource string

const (
	CostUnknown CostSource = ""
	// CostFromCLI is the CLI's own figure.
	CostFromCLI CostSource = "cli"
	// CostEstimated is a list price times the tokens.
	CostEstimated CostSource = "estimated"
)

// Observation is what the output of a session told in one moment. It is booked in one transaction.
type Observation struct {
	// At is when it was observed.
	At time.Time `json:"at,omitzero"`
	// Conversation is the CLI's session id, "" where not told.
	Conversation string   `json:"conversation,omitempty"`
	Entries      []Entry  `json:"entries,omitempty"`
	Windows      []Window `json:"windows,omitempty"`
	// Met is the window whose limit the run met, "" where it met none.
	Met WindowKind `json:"met,omitempty"`
	// Outcome is what the API said of the login.
	Outcome Outcome `json:"outcome,omitempty"`
	// State is what the CLI says of itself: StateRunning or StateIdle, "" where it says nothing.
	State SessionState `json:"state,omitempty"`
}

// Empty tells whether there is nothing to book.
func (o Observation) Empty() bool {
	return o.Conversation == "" && len(o.Entries) == 0 && len(o.Windows) == 0 && o.Met == "" && o.Outcome == NoOutcome && o.State == ""
}
