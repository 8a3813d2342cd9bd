package pool

import (
	"slices"
	"strings"
	"time"
)

// UsageKey is where an entry stands in each dimension.
type UsageKey struct {
	Subscription string
	// Tags are those of the subscription.
	Tags  []string
	Model string
	// Day is the day of the query's location, numbered like UTCDay.
	Day int64
	// Hour and Block are when they begin.
	Hour, Block           time.Time
	Project               string
	Conversation, Session string
}

// UsageSum collects the rows of a usage query. Stores use it, so that all group and sort alike.
type UsageSum struct {
	query UsageQuery
	rows  []sumRow
	at    map[string]int // index into rows, by their order
}

type sumRow struct {
	UsageRow
	// order sorts as the keys do, and times as such.
	order []string
}

// NewUsageSum returns an empty sum for the query.
func NewUsageSum(q UsageQuery) *UsageSum {
	s := &UsageSum{query: q, at: map[string]int{}}
	if len(q.By) == 0 {
		s.Add(UsageKey{}, Usage{})
	}
	return s
}

// Add adds usage to the row of its key, or to the row of each tag. Dimensions that the query does not
// group by do not count.
func (s *UsageSum) Add(key UsageKey, u Usage) {
	if !s.query.Has(ByTag) || len(key.Tags) == 0 {
		s.add(key, "", u)
		return
	}
	for _, tag := range key.Tags {
		s.add(key, tag, u)
	}
}

func (s *UsageSum) add(key UsageKey, tag string, u Usage) {
	order := make([]string, len(s.query.By))
	for i, d := range s.query.By {
		order[i] = key.order(d, tag)
	}
	joined := strings.Join(order, "\x00")
	i, known := s.at[joined]
	if !known {
		keys := slices.Clone(order)
		for j, d := range s.query.By {
			switch d {
			case ByHour:
				keys[j] = in(key.Hour, s.query.Location).Format(time.RFC3339)
			case ByBlock:
				keys[j] = in(key.Block, s.query.Location).Format(time.RFC3339)
			}
		}
		i = len(s.rows)
		s.at[joined] = i
		s.rows = append(s.rows, sumRow{UsageRow{Keys: keys}, order})
	}
	s.rows[i].Usage = s.rows[i].Plus(u)
}

// order is the value of a dimension; of a time, one that sorts.
func (k UsageKey) order(d Dimension, tag string) string {
	switch d {
	case BySubscription:
		return k.Subscription
	case ByModel:
		return k.Model
	case ByDay:
		return k.day().Format(time.DateOnly)
	case ByWeek:
		day := k.day()
		return day.AddDate(0, 0, -(int(day.Weekday())+6)%7).Format(time.DateOnly)
	case ByMonth:
		return k.day().Format("2006-01")
	case ByHour:
		return k.Hour.UTC().Format(sortable)
	case ByBlock:
		return k.Block.UTC().Format(sortable)
	case ByProject:
		return k.Project
	case ByConversation:
		return k.Conversation
	case BySession:
		return k.Session
	case ByTag:
		return tag
	}
	return ""
}

const sortable = "2006-01-02T15:04:05.000"

func (k UsageKey) day() time.Time { return time.Unix(k.Day*secondsPerDay, 0).UTC() }

// Rows returns the rows, sorted by their keys.
func (s *UsageSum) Rows() []UsageRow {
	slices.SortFunc(s.rows, func(a, b sumRow) int { return slices.Compare(a.order, b.order) })
	var rows []UsageRow
	for _, row := range s.rows {
		if len(s.query.By) == 0 || row.Usage != (Usage{}) {
			rows = append(rows, row.UsageRow)
		}
	}
	return rows
}
