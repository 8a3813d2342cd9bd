package pool_test

import (
	"math"
	"slices"
	"strings"
	"time"

	"claudepool/pool"
)

// mayBePicked is the hard rules of DESIGN, written here anew, one by one.
func mayBePicked(p pool.Policy, req pool.Request, c pool.Candidate, at time.Time) bool {
	if req.Forced != "" {
		return c.Subscription.Name == req.Forced
	}
	return isAskedFor(req, c.Subscription) && isSignedIn(req, c) &&
		!at.Before(c.Standing.CooldownUntil) && !at.Before(c.Standing.BackoffUntil) &&
		!isLimited(req, c, at) && hasMoreThanItsReserve(req, c, at) && isWithinItsBudget(p, c) && hasAPlace(p, c, at)
}

func isAskedFor(req pool.Request, s pool.Subscription) bool {
	for _, tag := range req.Tags {
		if !slices.Contains(s.Tags, tag) {
			return false
		}
	}
	return s.Enabled && !slices.Contains(req.Tried, s.Name) &&
		(len(req.Names) == 0 || slices.Contains(req.Names, s.Name)) &&
		(req.Unfit == nil || req.Unfit(s) == "")
}

func isSignedIn(req pool.Request, c pool.Candidate) bool {
	if c.Standing.Login == pool.LoginWorks || len(req.Names) == 1 {
		return true
	}
	return req.SignedIn != nil && req.SignedIn(c.Subscription).After(c.Standing.HeardAt)
}

func counts(w pool.Window, model string) bool {
	for family, kind := range map[string]string{"opus": "_opus", "sonnet": "_sonnet"} {
		if strings.HasSuffix(string(w.Kind), kind) {
			return model == "" || strings.Contains(strings.ToLower(model), family) || model == "opusplan"
		}
	}
	return true
}

func isLimited(req pool.Request, c pool.Candidate, at time.Time) bool {
	for _, w := range c.Windows {
		until := w.ResetsAt
		if until.IsZero() {
			until = w.ObservedAt.Add(time.Hour)
		}
		if most := w.ObservedAt.Add(5 * time.Hour); w.Kind == pool.Overage && most.Before(until) {
			until = most // the plan's own windows reset before the month does
		}
		paid := c.Subscription.AllowOverage && w.Kind != pool.Overage && paysBeyond(w, c.Windows)
		if w.Status == pool.StatusRejected && counts(w, req.Model) && at.Before(until) && !paid {
			return true
		}
	}
	return false
}

// paysBeyond tells whether paid use went on when the window was seen to be full, or may do where only the
// status line told that.
func paysBeyond(w pool.Window, windows []pool.Window) bool {
	for _, o := range windows {
		goesOn := o.Status == pool.StatusAllowed || o.Status == pool.StatusWarning
		if o.Kind == pool.Overage && goesOn && (w.Source == pool.FromStatusLine || !w.ObservedAt.After(o.ObservedAt)) {
			return true
		}
	}
	return false
}

func hasMoreThanItsReserve(req pool.Request, c pool.Candidate, at time.Time) bool {
	for _, w := range c.Windows {
		lasts := 168 * time.Hour
		if w.Kind == pool.FiveHour {
			lasts = 5 * time.Hour
		}
		over := !at.Before(w.ResetsAt)
		if w.ResetsAt.IsZero() {
			over = at.Sub(w.ObservedAt) >= lasts
		}
		known := w.Utilization != nil && !math.IsNaN(*w.Utilization) && !over
		if known && c.Subscription.Reserve > 0 && w.Kind != pool.Overage && counts(w, req.Model) &&
			min(*w.Utilization, 1) >= 1-c.Subscription.Reserve {
			return false
		}
	}
	return true
}

func isWithinItsBudget(p pool.Policy, c pool.Candidate) bool {
	budget := float64(c.Subscription.WeeklyBudget)
	return budget <= 0 || !(float64(c.Week.Cost) >= p.BudgetThreshold*budget)
}

func hasAPlace(p pool.Policy, c pool.Candidate, at time.Time) bool {
	s := c.Subscription
	if s.MaxSessions > 0 && c.Running >= s.MaxSessions {
		return false
	}
	if !s.RampUp || s.CreatedAt.IsZero() {
		return true
	}
	begins := s.CreatedAt
	for i, most := range p.RampUp {
		ends := begins.Add(24 * time.Hour)
		if at.Before(ends) && (i == 0 || !at.Before(begins)) {
			return most < 1 || c.Running < most
		}
		begins = ends
	}
	return true
}
