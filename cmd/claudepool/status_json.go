package main

import (
	"time"

	"claudepool/pool"
)

// subscriptionStatus is a subscription in the document. Login is null where nothing is known against it, and
// Overage where no paid use was seen. SessionsRunning are all that hold a place, the idle and the stale among them.
type subscriptionStatus struct {
	Name            string         `json:"name"`
	State           string         `json:"state"`
	Reason          string         `json:"reason"`
	FreeAt          *time.Time     `json:"free_at"`
	Enabled         bool           `json:"enabled"`
	Health          float64        `json:"health"`
	HealthParts     []healthPart   `json:"health_parts"`
	SessionsRunning int            `json:"sessions_running"`
	SessionsIdle    int            `json:"sessions_idle"`
	SessionsStale   int            `json:"sessions_stale"`
	MaxSessions     *int           `json:"max_sessions"`
	Week            usageFigures   `json:"week"`
	Login           *string        `json:"login"`
	CooldownUntil   *time.Time     `json:"cooldown_until"`
	BackoffUntil    *time.Time     `json:"backoff_until"`
	Overage         *string        `json:"overage"`
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

func (a *app) statusDocument(candidates []pool.Candidate, states sessionStates) object {
	rows := []subscriptionStatus{}
	for _, c := range candidates {
		rows = append(rows, a.statusOf(c, states[c.Subscription.Name]))
	}
	return object{{"subscriptions", rows}}
}

func (a *app) statusOf(c pool.Candidate, does map[pool.SessionState]int) subscriptionStatus {
	verdict, health := a.judge(c), a.settings.Policy.Health(c, "", a.now())
	status := subscriptionStatus{
		Name: c.Subscription.Name, State: string(verdict.Code), Reason: verdict.Reason, FreeAt: timeOrNull(verdict.FreeAt),
		Enabled: c.Subscription.Enabled, Health: tenth(health.Score), HealthParts: healthParts(health),
		SessionsRunning: c.Running, SessionsIdle: does[pool.StateIdle], SessionsStale: does[pool.StateStale], MaxSessions: orNull(c.Subscription.MaxSessions), Week: figuresOf(c.Week),
		Login:         orNull(string(c.Standing.Login)),
		CooldownUntil: a.ahead(c.Standing.CooldownUntil), BackoffUntil: a.ahead(c.Standing.BackoffUntil),
		Overage: orNull(string(overageOf(c.Windows, a.now()))), Windows: []windowStatus{},
	}
	for _, w := range c.Windows {
		status.Windows = append(status.Windows, windowStatus{
			Kind: string(w.Kind), Utilization: w.Utilization, Status: orNull(string(w.Status)),
			ResetsAt: timeOrNull(w.ResetsAt), ObservedAt: timeOrNull(w.ObservedAt), Source: orNull(string(w.Source)),
		})
	}
	return status
}

// ahead is a time that is not over, null for any other.
func (a *app) ahead(t time.Time) *time.Time {
	if !t.After(a.now()) {
		return nil
	}
	return timeOrNull(t)
}

// overageOf is what was last seen of paid use beyond the plan.
func overageOf(windows []pool.Window, now time.Time) pool.WindowStatus {
	for _, w := range windows {
		if w.Kind == pool.Overage && !w.StartedAnew(now) {
			return w.Status
		}
	}
	return pool.StatusUnknown
}
