package main

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"claudepool/pool"
)

// parseWhen reads a moment or a stretch of time, as a person writes it: where it begins and where it
// ends, which for a moment is the same. The empty text is no bound. Days are those of now's location.
func parseWhen(flag, text string, now time.Time) (begin, end time.Time, err error) {
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch text {
	case "":
		return time.Time{}, time.Time{}, nil
	case "now":
		return now, now, nil
	case "today":
		return today, today.AddDate(0, 0, 1), nil
	case "yesterday":
		return today.AddDate(0, 0, -1), today, nil
	case "this-week": // from Monday
		monday := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
		return monday, monday.AddDate(0, 0, 7), nil
	case "this-month":
		first := today.AddDate(0, 0, 1-today.Day())
		return first, first.AddDate(0, 1, 0), nil
	}
	if day, err := time.ParseInLocation(time.DateOnly, text, now.Location()); err == nil {
		return day, day.AddDate(0, 0, 1), nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, t, nil
	}
	if ago, ok := parseAgo(text); ok {
		t := now.Add(-ago)
		return t, t, nil
	}
	return time.Time{}, time.Time{}, withHint(
		&pool.InvalidError{Field: flag, Value: text, Want: "be a day, a time, or how long ago"},
		"for example: --%s 2026-11-24, 2026-11-24T15:04:05Z, 7d, 24h, today, yesterday, this-week or this-month", flag)
}

// parseUntil reads a moment in the future as a person writes it: a time of day is the next of that kind, and a
// day begins at midnight. Days are those of now's location.
func parseUntil(flag, text string, now time.Time) (time.Time, error) {
	until, ok := moment(text, now)
	switch {
	case !ok:
		return time.Time{}, untilError(flag, text, "be a time or a day")
	case !until.After(now):
		return time.Time{}, untilError(flag, text, "be in the future")
	}
	return until, nil
}

func untilError(flag, text, want string) error {
	return withHint(&pool.InvalidError{Field: flag, Value: text, Want: want},
		"for example: --%s 15:30, tomorrow, 'tomorrow 9:00', 2026-11-24, '2026-11-24 15:30' or 2026-11-24T15:04:05Z", flag)
}

func moment(text string, now time.Time) (time.Time, bool) {
	if rest, found := strings.CutPrefix(text, "tomorrow"); found {
		clock, ok := parseClock(cmp.Or(strings.TrimSpace(rest), "0:00"))
		return onDay(now, 1, clock), ok
	}
	if clock, ok := parseClock(text); ok {
		if today := onDay(now, 0, clock); today.After(now) {
			return today, true
		}
		return onDay(now, 1, clock), true
	}
	for _, form := range []string{time.DateOnly, "2006-01-02 15:04", "2006-01-02T15:04", time.DateTime, "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(form, text, now.Location()); err == nil {
			return t, true
		}
	}
	t, err := time.Parse(time.RFC3339, text)
	return t, err == nil
}

// parseClock reads a time of day.
func parseClock(text string) (clock time.Time, ok bool) {
	for _, form := range []string{"15:04", "15:04:05"} {
		if clock, err := time.Parse(form, text); err == nil {
			return clock, true
		}
	}
	return time.Time{}, false
}

// onDay is a time of day so many days from now's.
func onDay(now time.Time, days int, clock time.Time) time.Time {
	return time.Date(now.Year(), now.Month(), now.Day()+days, clock.Hour(), clock.Minute(), clock.Second(), 0, now.Location())
}

// parseAgo reads 7d, 2w and what Go calls a duration.
func parseAgo(text string) (time.Duration, bool) {
	const most = 100 * 365 * 24 * time.Hour
	for suffix, unit := range map[string]time.Duration{"d": 24 * time.Hour, "w": 7 * 24 * time.Hour} {
		if number, found := strings.CutSuffix(text, suffix); found {
			n, err := strconv.ParseUint(number, 10, 16)
			return time.Duration(n) * unit, err == nil && time.Duration(n)*unit <= most
		}
	}
	d, err := time.ParseDuration(text)
	return d, err == nil && d >= 0 && d <= most
}
