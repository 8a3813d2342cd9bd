package main

import (
	"fmt"
	"strconv"
	"time"

	"claudepool/pool"
)

// unknown is what tables say where JSON has null.
const unknown = "unknown"

// localTime shows a time with its zone, and only as much of the date as is needed.
func localTime(t, now time.Time) string {
	if t.IsZero() {
		return unknown
	}
	t, now = t.Local(), now.Local()
	if t.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return t.Format("15:04 MST")
	}
	if t.After(now) && t.Sub(now) < 6*24*time.Hour {
		return t.Format("Mon 15:04 MST")
	}
	return t.Format("2006-01-02 15:04 MST")
}

// count shows a number with its thousands apart.
func count(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// short shows a large number in three or four digits.
func short(n int64) string {
	switch {
	case n < 10_000:
		return strconv.FormatInt(n, 10)
	case n < 9_999_500:
		return fmt.Sprintf("%dk", (n+500)/1000)
	case n < 9_999_500_000:
		return fmt.Sprintf("%dM", (n+500_000)/1_000_000)
	}
	return fmt.Sprintf("%dG", (n+500_000_000)/1_000_000_000)
}

// costWords shows a sum's cost; one of which a part is not known is a lower bound, and one of which a
// part is a list price has a ~.
func costWords(u pool.Usage) string {
	switch {
	case !costKnown(u):
		return unknown
	case u.CostUnknown > 0:
		return fmt.Sprintf("≥$%.2f", u.Cost.Dollars())
	case u.Cost > 0 && u.Cost < pool.USD(0.005):
		return "<$0.01"
	}
	return estimatedMark(u) + fmt.Sprintf("$%.2f", u.Cost.Dollars())
}

func estimatedMark(u pool.Usage) string {
	if estimatedOf(u) > 0 {
		return "~"
	}
	return ""
}

// span shows how long something took, in its two largest units.
func span(d time.Duration) string {
	switch d = d.Round(time.Second); {
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd%02dh", int(d.Hours())/24, int(d.Hours())%24)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}
