package main

import (
	"bytes"
	"encoding/json"
	"time"

	"claudepool/pool"
)

// What --json prints is one document with stable names. Times are RFC 3339 in UTC, what is not known
// is null, and lists are never null. Only the hours and blocks of usage have the zone that was asked for.

// printJSON prints a document.
func (a *app) printJSON(document any) error {
	e := json.NewEncoder(a.stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(document)
}

// usageFigures are the sums that several documents hold.
type usageFigures struct {
	Messages            *int64   `json:"messages"`
	InputTokens         int64    `json:"input_tokens"`
	OutputTokens        int64    `json:"output_tokens"`
	CacheCreationTokens int64    `json:"cache_creation_tokens"`
	CacheReadTokens     int64    `json:"cache_read_tokens"`
	CostUSD             *float64 `json:"cost_usd"`
}

func figuresOf(u pool.Usage) usageFigures {
	f := usageFigures{
		InputTokens: u.Tokens.Input, OutputTokens: u.Tokens.Output,
		CacheCreationTokens: u.Tokens.CacheCreation, CacheReadTokens: u.Tokens.CacheRead,
	}
	if messagesKnown(u) {
		f.Messages = &u.Messages
	}
	if costKnown(u) {
		dollars := u.Cost.Dollars()
		f.CostUSD = &dollars
	}
	return f
}

// costKnown tells whether a sum's cost says anything: entries without a known cost alone do not.
func costKnown(u pool.Usage) bool { return u.Cost > 0 || u.CostUnknown == 0 }

// estimatedOf is the part of a sum's cost that is a list price. In a part of a conversation it can come
// out below nothing or above the cost, where the CLI's own figure was booked in another.
func estimatedOf(u pool.Usage) pool.NanoUSD { return min(max(u.CostEstimated, 0), max(u.Cost, 0)) }

// costSourceOf is cli, estimated, or mixed where a part is estimated; "" where no cost is known.
func costSourceOf(u pool.Usage) string {
	switch estimated := estimatedOf(u); {
	case !costKnown(u) || u.Cost == 0:
		return ""
	case estimated == 0:
		return "cli"
	case estimated == u.Cost:
		return "estimated"
	}
	return "mixed"
}

// messagesKnown: the CLI does not always tell how many messages its tokens are of.
func messagesKnown(u pool.Usage) bool { return u.Messages > 0 || u.Tokens.Total() == 0 }

// orNull makes what stands for unknown null.
func orNull[T comparable](value T) *T {
	var zero T
	if value == zero {
		return nil
	}
	return &value
}

func timeOrNull(t time.Time) *time.Time {
	t = t.UTC()
	if t.IsZero() {
		return nil
	}
	return &t
}

// object is a JSON object that keeps the order of its fields.
type object []field

type field struct {
	name  string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	b.WriteByte('{')
	for i, f := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		if err := e.Encode(f.name); err != nil {
			return nil, err
		}
		b.WriteByte(':')
		if err := e.Encode(f.value); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
