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

// CostSource says where a cost came from.
type CostSource string

const (
	CostUnknown CostSource = ""
	// CostFromCLI is the CLI's own figure.
	CostFromCLI CostSource = "cli"
)

// Observation is what the output of a session told in one moment. It is booked in one transaction.
type Observation struct {
	// Conversation is the CLI's session id, "" where not told.
	Conversation string   `json:"conversation,omitempty"`
	Entries      []Entry  `json:"entries,omitempty"`
	Windows      []Window `json:"windows,omitempty"`
}

// Empty tells whether there is nothing to book.
func (o Observation) Empty() bool {
	return o.Conversation == "" && len(o.Entries) == 0 && len(o.Windows) == 0
}

// Dimension is something that usage can be grouped by.
type Dimension string

const (
	BySubscription Dimension = "subscription"
	ByModel        Dimension = "model"
	ByDay          Dimension = "day"
	ByProject      Dimension = "project"
)

// UsageQuery asks for sums over the ledger.
type UsageQuery struct {
	// By groups, in this order; none gives a single row.
	By []Dimension
	// Since is inclusive and Until exclusive; zero means unbounded.
	Since, Until time.Time
	// Location decides where a day begins; nil means UTC.
	Location *time.Location
}

// UsageRow is one group of a usage query. Rows come sorted by their keys.
type UsageRow struct {
	// Keys are the values of the query's dimensions, in its order: a name, a model, a day as
	// 2026-11-24, a directory. "" stands for what could not be attributed.
	Keys []string
	Usage
}

// Usage is a sum over ledger entries.
type Usage struct {
	Messages int64
	Tokens   Tokens
	Cost     NanoUSD
	// CostUnknown is how many entries of the sum had no known cost: Cost is a lower bound unless it is 0.
	CostUnknown int64
}

// Plus returns the sum of both.
func (u Usage) Plus(v Usage) Usage {
	return Usage{
		Messages:    u.Messages + v.Messages,
		Tokens:      u.Tokens.Plus(v.Tokens),
		Cost:        u.Cost + v.Cost,
		CostUnknown: u.CostUnknown + v.CostUnknown,
	}
}
