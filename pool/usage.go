package pool

import (
	"slices"
	"strings"
	"time"
)

// Dimension is something that usage can be grouped by.
type Dimension string

const (
	BySubscription Dimension = "subscription"
	ByModel        Dimension = "model"
	ByDay          Dimension = "day"
	// ByWeek is named by its Monday.
	ByWeek  Dimension = "week"
	ByMonth Dimension = "month"
	ByHour  Dimension = "hour"
	// ByBlock is by the five-hour windows of each subscription; see Blocks.
	ByBlock   Dimension = "block"
	ByProject Dimension = "project"
	// ByConversation and BySession are of what Prune has left; all that it has turned into totals is one
	// row, Pruned.
	ByConversation Dimension = "conversation"
	BySession      Dimension = "session"
	// ByTag has a row for each tag of a subscription, so that its rows can add up to more than there is.
	ByTag Dimension = "tag"
)

// Dimensions are all of them.
var Dimensions = []Dimension{
	BySubscription, ByModel, ByDay, ByWeek, ByMonth, ByHour, ByBlock, ByProject, ByConversation, BySession, ByTag,
}

// Pruned is the conversation and the session of what Prune has turned into totals.
const Pruned = "pruned"

// UsageQuery asks for sums over the ledger.
type UsageQuery struct {
	// By groups, in this order; none gives a single row, also where there is no entry.
	By []Dimension
	// Since is inclusive and Until exclusive, both as Moment has them; zero means unbounded. What Prune
	// has turned into totals has the time of its quarter hour's beginning.
	Since, Until time.Time
	// Location decides where a day begins; nil means UTC.
	Location *time.Location
	// Subscriptions are the names to look at, removed ones too; "" is what could not be attributed. None
	// means all.
	Subscriptions []string
	// Project is a directory to look at, with all below it; "" means all.
	Project string
}

// Has tells whether the query groups by one of these.
func (q UsageQuery) Has(dimensions ...Dimension) bool {
	return slices.ContainsFunc(dimensions, func(d Dimension) bool { return slices.Contains(q.By, d) })
}

// InDirectory tells whether a project is the directory or below it.
func InDirectory(project, dir string) bool {
	return strings.HasPrefix(project+"/", strings.TrimRight(dir, "/")+"/") && project != ""
}

// UsageRow is one group of a usage query. Rows come sorted by their keys, times from the earliest on.
// A row of nothing is left out, unless it is the only one of a query without dimensions.
type UsageRow struct {
	// Keys are the values of the query's dimensions, in its order: a name, a model, a directory; a day
	// as 2026-11-24, a week as its Monday, a month as 2026-11; when an hour or a block begins, in RFC 3339.
	// "" stands for what could not be attributed, and for no tag.
	Keys []string
	Usage
}

// Usage is a sum over ledger entries.
type Usage struct {
	Messages int64   `json:"messages,omitzero"`
	Tokens   Tokens  `json:"tokens,omitzero"`
	Cost     NanoUSD `json:"cost_nanousd,omitzero"`
	// CostEstimated is the part of Cost that is a list price and not the CLI's own figure.
	CostEstimated NanoUSD `json:"cost_estimated_nanousd,omitzero"`
	// CostUnknown is how many entries of the sum had no known cost: Cost is a lower bound unless it is 0.
	CostUnknown int64 `json:"cost_unknown,omitzero"`
}

// Plus returns the sum of both.
func (u Usage) Plus(v Usage) Usage {
	return Usage{
		Messages:      u.Messages + v.Messages,
		Tokens:        u.Tokens.Plus(v.Tokens),
		Cost:          u.Cost + v.Cost,
		CostEstimated: u.CostEstimated + v.CostEstimated,
		CostUnknown:   u.CostUnknown + v.CostUnknown,
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
		Cost:          u.Cost - v.Cost,
		CostEstimated: u.CostEstimated - v.CostEstimated,
		CostUnknown:   u.CostUnknown - v.CostUnknown,
	}
}

const secondsPerDay = 24 * 60 * 60

// WeekDays is how many UTC days a subscription's week has, today included.
const WeekDays = 7

// UTCDay numbers the days since 1970 in UTC. A subscription's week is counted in whole days of it, so
// that all machines that share a pool mean the same days, and a launch need not add up hours.
func UTCDay(t time.Time) int64 {
	seconds := t.Unix()
	return (seconds - ((seconds%secondsPerDay)+secondsPerDay)%secondsPerDay) / secondsPerDay
}

// LocalDay is the day that it is in a location (nil is UTC), numbered like UTCDay.
func LocalDay(t time.Time, loc *time.Location) int64 {
	year, month, day := in(t, loc).Date()
	return UTCDay(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}

// LocalHour is when the hour began that it is in a location (nil is UTC).
func LocalHour(t time.Time, loc *time.Location) time.Time {
	_, seconds := in(t, loc).Zone()
	offset := time.Duration(seconds) * time.Second
	return t.Add(offset).Truncate(time.Hour).Add(-offset)
}

// ZoneEnd is when the clocks of t's location change next, zero for never.
func ZoneEnd(t time.Time) time.Time {
	for from := t; ; from = from.Add(24 * time.Hour) {
		// At the end of some years, the first in 2040, Go 1.26 says that they change at that very moment.
		if _, end := from.ZoneBounds(); end.IsZero() || end.After(t) {
			return end
		}
	}
}

func in(t time.Time, loc *time.Location) time.Time {
	if loc == nil {
		loc = time.UTC
	}
	return t.In(loc)
}
