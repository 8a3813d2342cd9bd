package main

import (
	"cmp"
	"strings"
	"time"
)

// failoverMode says what becomes of a run whose subscription turns out to be at its limit.
type failoverMode string

const (
	// failoverOn: a headless run goes on elsewhere, a person is asked.
	failoverOn failoverMode = "on"
	// failoverAuto: both go on elsewhere.
	failoverAuto failoverMode = "auto"
	// failoverOff: the limit is the answer.
	failoverOff failoverMode = "off"
)

// setting is a value with the name of where it was set.
type setting struct{ name, value string }

func parseFailover(s setting) (failoverMode, error) {
	switch mode := failoverMode(strings.ToLower(cmp.Or(s.value, string(failoverOn)))); mode {
	case failoverOn, failoverAuto, failoverOff:
		return mode, nil
	}
	return failoverOn, &settingError{s.name, s.value, "on, auto or off"}
}

// parseWait reads how long a run waits for room; a number alone is of seconds.
func parseWait(s setting) (time.Duration, error) {
	if s.value == "" || s.value == "0" {
		return 0, nil
	}
	text := s.value
	if strings.Trim(text, "0123456789") == "" {
		text += "s"
	}
	if wait, ok := parseAgo(text); ok {
		return wait, nil
	}
	return 0, &settingError{s.name, s.value, "a time to wait, as in 10m"}
}
