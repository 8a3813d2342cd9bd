package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"claudepool/pool"
)

type statusCommand struct {
	JSON bool `name:"json" help:"Print one JSON document."`
}

func (c statusCommand) Run(a *app) error {
	return a.withCurrentStore(func(ctx context.Context, store pool.Store) error {
		candidates, err := store.Candidates(ctx, a.now())
		if err != nil {
			return err
		}
		if c.JSON {
			return a.printJSON(a.statusDocument(candidates))
		}
		if len(candidates) == 0 {
			a.warn(emptyPool)
		}
		a.printTable(a.statusTable(candidates))
		return nil
	})
}

// emptyPool is what tables say where no subscription is in the pool.
const emptyPool = "the pool is empty; to add a subscription: claudepool add NAME"

type subscriptionStatus struct {
	Name            string         `json:"name"`
	State           string         `json:"state"`
	Enabled         bool           `json:"enabled"`
	SessionsRunning int            `json:"sessions_running"`
	MaxSessions     *int           `json:"max_sessions"`
	Week            usageFigures   `json:"week"`
	Windows         []windowStatus `json:"windows"`
}

type windowStatus struct {
	Kind        string     `json:"kind"`
	Utilization *float64   `json:"utilization"`
	Status      *string    `json:"status"`
	ResetsAt    *time.Time `json:"resets_at"`
	ObservedAt  *time.Time `json:"observed_at"`
	Source      *string    `json:"source"`
}

func (a *app) statusDocument(candidates []pool.Candidate) object {
	rows := []subscriptionStatus{}
	for _, c := range candidates {
		windows := []windowStatus{}
		for _, w := range c.Windows {
			windows = append(windows, windowStatus{
				Kind: string(w.Kind), Utilization: w.Utilization, Status: orNull(string(w.Status)),
				ResetsAt: timeOrNull(w.ResetsAt), ObservedAt: timeOrNull(w.ObservedAt), Source: orNull(string(w.Source)),
			})
		}
		rows = append(rows, subscriptionStatus{
			Name: c.Subscription.Name, State: string(a.judge(c).Code), Enabled: c.Subscription.Enabled,
			SessionsRunning: c.Running, MaxSessions: orNull(c.Subscription.MaxSessions),
			Week: figuresOf(c.Week), Windows: windows,
		})
	}
	return object{{"subscriptions", rows}}
}

// judge says what a launch here and now would find that asks for nothing in particular.
func (a *app) judge(c pool.Candidate) pool.Verdict {
	return pool.DefaultPolicy().Judge(pool.Request{Unfit: a.unfit}, c, a.now())
}

func (a *app) statusTable(candidates []pool.Candidate) table {
	t := table{columns: []column{
		{title: "NAME"}, {title: "STATE"}, {title: "RUNNING", right: true},
		{title: "5-HOUR", right: true}, {title: "RESETS", spare: 3},
		{title: "7-DAY", right: true}, {title: "RESETS", spare: 4},
		{title: "TOKENS/WEEK", right: true, spare: 1}, {title: "COST/WEEK", right: true, spare: 2},
		{title: "OTHER WINDOWS", spare: 5}, {title: "WHY", spare: 6},
	}}
	for _, c := range candidates {
		verdict := a.judge(c)
		fiveHour, fiveHourResets := windowWords(c.Windows, pool.FiveHour, a.now())
		sevenDay, sevenDayResets := windowWords(c.Windows, pool.SevenDay, a.now())
		t.add(c.Subscription.Name, stateWords(verdict, a.now()), runningWords(c),
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
	if v.Code == pool.Available || v.Code == pool.Disabled {
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
	switch {
	case !w.ResetsAt.IsZero() && !w.ResetsAt.After(now):
		return unknown
	case w.Utilization != nil:
		return fmt.Sprintf("%.0f%%", *w.Utilization*100)
	case w.Status == pool.StatusRejected:
		return "full"
	}
	return unknown
}

func otherWindows(windows []pool.Window, now time.Time) string {
	var words []string
	for _, w := range windows {
		if w.Kind != pool.FiveHour && w.Kind != pool.SevenDay {
			words = append(words, string(w.Kind)+" "+utilizationWords(w, now))
		}
	}
	return strings.Join(words, ", ")
}
