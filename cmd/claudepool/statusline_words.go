package main

import (
	"fmt"
	"strings"
	"time"

	"claudepool/pool"
)

// statusLine is what the line tells; what could not be had is left out.
type statusLine struct {
	// name is that of the subscription; without one there is no line.
	name string
	// api is set for an API key, which has no windows.
	api     bool
	windows []pool.Window
	// running counts the sessions on it; nil where the pool did not tell.
	running *int
	// today is what was used on this day, as the user's clock has it; nil as above.
	today *pool.Usage
}

// words is the line, without its end; "" where there is nothing to tell.
func (s statusLine) words(now time.Time) string {
	if s.name == "" {
		return ""
	}
	words := []string{s.name}
	if !s.api {
		words = append(words, "5h "+useWords(s.windows, pool.FiveHour, now), "7d "+useWords(s.windows, pool.SevenDay, now))
	}
	if s.running != nil {
		words = append(words, fmt.Sprintf("%d running", *s.running))
	}
	if s.today != nil {
		words = append(words, costWords(*s.today)+" today")
	}
	return strings.Join(words, " · ")
}

// useWords is the use of a window, with the time to its reset.
func useWords(windows []pool.Window, kind pool.WindowKind, now time.Time) string {
	for _, w := range windows {
		if w.Kind != kind {
			continue
		}
		if left := w.ResetsAt.Sub(now); left > 0 {
			return fmt.Sprintf("%s (%s)", utilizationWords(w, now), timeLeft(left))
		}
		return utilizationWords(w, now)
	}
	return unknown
}

// timeLeft is a time to wait, to the minute: seconds would have the line change all the time.
func timeLeft(d time.Duration) string {
	switch d = d.Truncate(time.Minute); {
	case d < time.Minute:
		return "<1m"
	case d < time.Hour:
		return fmt.Sprintf("%dm", int(d.Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("%dh%dm", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%dd%dh", int(d.Hours())/24, int(d.Hours())%24)
}
