package claudecli

import (
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // limit sentences name zones that the machine may not know
)

// resetForm is the moment of a reset in words: "3pm", "3:45pm", "Nov 26, 2:50pm", "Apr 23 at 4pm",
// "Mon 12:00am", each with or without " (Area/City)".
const resetForm = `(?:[A-Z][a-z]{2} )?(?:\d{1,2}(?:, \d{4})?(?:,| at) )?\d{1,2}(?::\d\d)?\s?[ap]m(?: \([\w+/ :-]+\))?`

var resetWords = lazily(
	`^(?:([A-Z][a-z]{2}) )?(?:(\d{1,2})(?:, (\d{4}))?(?:,| at) )?(\d{1,2})(?::(\d\d))?\s?([ap]m)(?: \(([\w+/ :-]+)\))?$`)

// parseResets returns the next moment after now that the words fit, or zero where they make no sense.
func parseResets(text string, now time.Time, local *time.Location) time.Time {
	m := resetWords().FindStringSubmatch(strings.TrimSpace(text))
	if m == nil {
		return time.Time{}
	}
	zone := local
	if zone == nil {
		zone = time.UTC
	}
	if m[7] != "" {
		var err error
		if zone, err = time.LoadLocation(m[7]); err != nil {
			return time.Time{}
		}
	}
	hour, _ := strconv.Atoi(m[4])
	minute, _ := strconv.Atoi(m[5])
	if hour < 1 || hour > 12 || minute > 59 {
		return time.Time{}
	}
	hour %= 12
	if m[6] == "pm" {
		hour += 12
	}
	now = now.In(zone)
	on := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, hour, minute, 0, 0, zone)
	}
	switch {
	case m[2] != "":
		return onDate(m[1], m[2], m[3], now, on)
	case m[1] != "":
		return onWeekday(m[1], now, on)
	}
	return nextOf(now, func(days int) time.Time { return on(now.Year(), now.Month(), now.Day()+days) }, 1)
}

type dateMaker func(year int, month time.Month, day int) time.Time

func onDate(month, day, year string, now time.Time, on dateMaker) time.Time {
	m, err := time.Parse("Jan", month)
	if err != nil {
		return time.Time{}
	}
	d, _ := strconv.Atoi(day)
	if d < 1 || d > 31 {
		return time.Time{}
	}
	if y, err := strconv.Atoi(year); err == nil {
		return on(y, m.Month(), d)
	}
	// Without a year: the one that is next, but for a reset of yesterday, which has passed.
	at := on(now.Year(), m.Month(), d)
	if at.Before(now.AddDate(0, -6, 0)) {
		at = on(now.Year()+1, m.Month(), d)
	}
	return at
}

func onWeekday(name string, now time.Time, on dateMaker) time.Time {
	for days := range 8 {
		at := on(now.Year(), now.Month(), now.Day()+days)
		if at.Format("Mon") == name && at.After(now) {
			return at
		}
	}
	return time.Time{}
}

// nextOf returns the first of the days from today on that is not over: a time of this very minute is
// taken as now.
func nextOf(now time.Time, at func(days int) time.Time, most int) time.Time {
	for days := range most {
		if t := at(days); t.After(now.Add(-time.Minute)) {
			return t
		}
	}
	return at(most)
}
