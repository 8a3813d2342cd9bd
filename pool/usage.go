package pool

import (
	"slices"
	"time"
)

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
	// By groups, in this order; none gives a single row, also where there is no entry.
	By []Dimension
	// Since is inclusive and Until exclusive, both as Moment has them; zero means unbounded.
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

// Minus returns the difference, which may be negative.
func (u Usage) Minus(v Usage) Usage {
	return Usage{
		Messages: u.Messages - v.Messages,
		Tokens: Tokens{
			Input: u.Tokens.Input - v.Tokens.Input, Output: u.Tokens.Output - v.Tokens.Output,
			CacheCreation:   u.Tokens.CacheCreation - v.Tokens.CacheCreation,
			CacheCreation1h: u.Tokens.CacheCreation1h - v.Tokens.CacheCreation1h,
			CacheRead:       u.Tokens.CacheRead - v.Tokens.CacheRead,
		},
		Cost:        u.Cost - v.Cost,
		CostUnknown: u.CostUnknown - v.CostUnknown,
	}
}

// UsageKey is where an entry stands in each dimension.
type UsageKey struct {
	Subscription string
	Model        string
	// Day is the day of the query's location, numbered like UTCDay.
	Day     int64
	Project string
}

// UsageSum collects the rows of a usage query. Stores use it, so that all group and sort alike.
type UsageSum struct {
	by   []Dimension
	rows []UsageRow
	at   map[UsageKey]int
}

// NewUsageSum returns an empty sum for the query.
func NewUsageSum(q UsageQuery) *UsageSum {
	s := &UsageSum{by: q.By, at: map[UsageKey]int{}}
	if len(q.By) == 0 {
		s.Add(UsageKey{}, Usage{})
	}
	return s
}

// Add adds usage to the row of its key. Dimensions that the query does not group by do not count.
func (s *UsageSum) Add(key UsageKey, u Usage) {
	keys := make([]string, 0, len(s.by))
	var group UsageKey
	for _, d := range s.by {
		switch d {
		case BySubscription:
			group.Subscription = key.Subscription
			keys = append(keys, key.Subscription)
		case ByModel:
			group.Model = key.Model
			keys = append(keys, key.Model)
		case ByDay:
			group.Day = key.Day
			keys = append(keys, time.Unix(key.Day*secondsPerDay, 0).UTC().Format(time.DateOnly))
		case ByProject:
			group.Project = key.Project
			keys = append(keys, key.Project)
		}
	}
	i, known := s.at[group]
	if !known {
		i = len(s.rows)
		s.at[group] = i
		s.rows = append(s.rows, UsageRow{Keys: keys})
	}
	s.rows[i].Usage = s.rows[i].Plus(u)
}

// Rows returns the rows, sorted by their keys.
func (s *UsageSum) Rows() []UsageRow {
	slices.SortFunc(s.rows, func(a, b UsageRow) int { return slices.Compare(a.Keys, b.Keys) })
	return s.rows
}

const secondsPerDay = 24 * 60 * 60

// WeekDays is how many UTC days a subscription's week has, today included.
const WeekDays = 7

// UTCDay numbers the days since 1970 in UTC. A subscription's week is counted in whole days of it, so
// that all machines that share a pool mean the same days, and a launch need not add up hours.
func UTCDay(t time.Time) int64 {
	seconds := t.Unix()
	return (seconds - seconds%secondsPerDay) / secondsPerDay
}
