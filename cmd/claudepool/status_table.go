package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"claudepool/pool"
)

func (a *app) statusTable(candidates []pool.Candidate, states sessionStates) table {
	t := table{columns: []column{
		{title: "NAME"}, {title: "STATE"}, {title: "HEALTH", right: true}, {title: "RUNNING", right: true, spare: 1},
		{title: "IDLE", right: true, spare: 8},
		{title: "5-HOUR", right: true}, {title: "RESETS", spare: 2},
		{title: "7-DAY", right: true}, {title: "RESETS", spare: 3},
		{title: "TOKENS/WEEK", right: true, spare: 5}, {title: "COST/WEEK", right: true, spare: 4},
		{title: "OTHER WINDOWS", spare: 6}, {title: "WHY", spare: 7},
	}}
	for _, c := range candidates {
		verdict, health := a.judge(c), a.settings.Policy.Health(c, "", a.now())
		fiveHour, fiveHourResets := windowWords(c.Windows, pool.FiveHour, a.now())
		sevenDay, sevenDayResets := windowWords(c.Windows, pool.SevenDay, a.now())
		t.add(c.Subscription.Name, stateWords(verdict, a.now()), fmt.Sprintf("%.0f", health.Score), runningWords(c), strconv.Itoa(states[c.Subscription.Name][pool.StateIdle]),
			fiveHour, fiveHourResets, sevenDay, sevenDayResets,
			short(c.Week.Tokens.Total()), costWords(c.Week), otherWindows(c.Windows, a.now()), verdictWords(verdict))
	}
	return t
}

func stateWords(v pool.Verdict, now time.Time) string {
	state := strings.ReplaceAll(string(v.Code), "_", " ")
	if v.FreeAt.IsZero() {
		return state
	}
	return state + " until " + localTime(v.FreeAt, now)
}

// verdictWords gives the reason where the state does not tell it.
func verdictWords(v pool.Verdict) string {
	switch v.Code {
	case pool.Available, pool.Disabled, pool.SignedOut:
		return ""
	}
	return v.Reason
}

func runningWords(c pool.Candidate) string {
	if c.Subscription.MaxSessions == 0 {
		return strconv.Itoa(c.Running)
	}
	return fmt.Sprintf("%d/%d", c.Running, c.Subscription.MaxSessions)
}

func windowWords(windows []pool.Window, kind pool.WindowKind, now time.Time) (used, resets string) {
	for _, w := range windows {
		if w.Kind != kind {
			continue
		}
		if !w.ResetsAt.After(now) {
			return utilizationWords(w, now), unknown
		}
		return utilizationWords(w, now), localTime(w.ResetsAt, now)
	}
	return unknown, unknown
}

// utilizationWords: a window that has started anew since it was seen tells nothing about now.
func utilizationWords(w pool.Window, now time.Time) string {
	used, known := w.Used(now)
	switch {
	case known:
		return fmt.Sprintf("%.0f%%", used*100)
	case w.Status == pool.StatusRejected && !w.StartedAnew(now):
		return "full"
	}
	return unknown
}

// otherWindows are those without a column. Of paid use counts whether it goes on: it has no share.
func otherWindows(windows []pool.Window, now time.Time) string {
	var words []string
	for _, w := range windows {
		switch {
		case w.Kind == pool.FiveHour || w.Kind == pool.SevenDay:
		case w.Kind == pool.Overage:
			words = append(words, overageWords(overageOf(windows, now)))
		default:
			words = append(words, string(w.Kind)+" "+utilizationWords(w, now))
		}
	}
	return strings.Join(words, ", ")
}

func overageWords(status pool.WindowStatus) string {
	switch status {
	case pool.StatusAllowed, pool.StatusWarning:
		return "paid overage in use"
	case pool.StatusRejected:
		return "overage full"
	}
	return "overage " + unknown
}
