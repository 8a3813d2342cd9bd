package main

import (
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
