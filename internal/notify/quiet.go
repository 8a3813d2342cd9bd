package notify

import (
	"strings"
	"time"
)

// Quiet is a time of day in which nothing is delivered, in minutes since midnight by the clock on the wall. Where From
// is later than To it goes over midnight.
type Quiet struct{ From, To int }

// ParseQuiet reads quiet hours as 22:00-07:00.
func ParseQuiet(text string) (q Quiet, ok bool) {
	from, to, _ := strings.Cut(text, "-")
	begin, wrong := time.Parse("15:04", strings.TrimSpace(from))
	end, wrongToo := time.Parse("15:04", strings.TrimSpace(to))
	q = Quiet{minuteOf(begin), minuteOf(end)}
	return q, wrong == nil && wrongToo == nil && q.From != q.To
}

func minuteOf(t time.Time) int { return t.Hour()*60 + t.Minute() }

// Until returns when the quiet hours end that it is in, in now's location; false where it is in none. It goes from minute to
// minute: on the days on which clocks are changed a time of day may not be there, or be there twice.
func (q *Quiet) Until(now time.Time) (end time.Time, quiet bool) {
	if q == nil || !q.holds(now) {
		return time.Time{}, false
	}
	end = now.Truncate(time.Minute)
	for q.holds(end) {
		end = end.Add(time.Minute)
	}
	return end, true
}

func (q *Quiet) holds(t time.Time) bool {
	minute := minuteOf(t)
	if q.From < q.To {
		return q.From <= minute && minute < q.To
	}
	return minute >= q.From || minute < q.To
}

// String shows quiet hours as they are written.
func (q Quiet) String() string {
	clock := func(minute int) string {
		return time.Date(2000, 1, 1, 0, minute, 0, 0, time.UTC).Format("15:04")
	}
	return clock(q.From) + "-" + clock(q.To)
}
