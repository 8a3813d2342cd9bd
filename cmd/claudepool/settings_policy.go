package main

import (
	"slices"
	"strings"
	"time"

	"claudepool/pool"
)

// policySettings are what only the config file says of the choice.
var policySettings = []declaration{
	{
		key: "budget_threshold", form: numberForm, low: 0, high: 10,
		words: "the share of its weekly budget from which on a subscription is not picked",
		set: func(s *settings, g given) error {
			if s.Policy.BudgetThreshold = g.number(); !(g.number() > 0 && g.number() <= 10) {
				return g.refused("a share of the weekly budget, as in 0.85")
			}
			return nil
		},
		show: func(s settings) any { return s.Policy.BudgetThreshold },
	}, {
		key: "ramp_up", form: wholesForm, low: 1,
		words: "how many sessions a new subscription takes at once on its first days",
		set: func(s *settings, g given) error {
			s.Policy.RampUp = g.wholes()
			if slices.ContainsFunc(s.Policy.RampUp, func(n int) bool { return n < 1 }) {
				return g.refused("a list of numbers of sessions, one a day, as in [5, 10]")
			}
			return nil
		},
		show: func(s settings) any { return s.Policy.RampUp },
	},
}

// healthSettings are the points of health: see pool.Weights.
var healthSettings = []declaration{
	points("start", "points that everyone starts with", func(w *pool.Weights) *float64 { return &w.Start }),
	points("week", "points taken off a week that is used up", func(w *pool.Weights) *float64 { return &w.Week }),
	points("five_hour", "points taken off a 5-hour window that is used up", func(w *pool.Weights) *float64 { return &w.FiveHour }),
	points("session", "points taken off for each running session", func(w *pool.Weights) *float64 { return &w.Session }),
	points("burn", "points taken off for each US dollar an hour above burn_free", func(w *pool.Weights) *float64 { return &w.Burn }),
	points("burn_free", "US dollars an hour that cost no points", func(w *pool.Weights) *float64 { return &w.BurnFree }),
	points("idle", "points given where no session is running", func(w *pool.Weights) *float64 { return &w.Idle }),
	halfLife("week_half_life", "after how long an observation of the week counts half; 0s for never", func(w *pool.Weights) *time.Duration { return &w.WeekHalfLife }),
	halfLife("five_hour_half_life", "the same of the 5-hour window", func(w *pool.Weights) *time.Duration { return &w.FiveHourHalfLife }),
}

const mostPoints = 1e6

func points(key, words string, of func(*pool.Weights) *float64) declaration {
	return declaration{
		key: "health." + key, form: numberForm, words: words, low: 0, high: mostPoints,
		set: func(s *settings, g given) error {
			if *of(&s.Policy.Weights) = g.number(); !(g.number() >= 0 && g.number() <= mostPoints) { // NaN is neither
				return g.refused("a number of points from 0 to 1000000")
			}
			return nil
		},
		show: func(s settings) any { return *of(&s.Policy.Weights) },
	}
}

func halfLife(key, words string, of func(*pool.Weights) *time.Duration) declaration {
	return declaration{
		key: "health." + key, form: textForm, words: words,
		set: func(s *settings, g given) error {
			if g.text() == "" {
				return nil
			}
			half, ok := parseAgo(g.text())
			if !ok {
				return g.refused("a time, as in 24h; 0s for observations that do not age")
			}
			*of(&s.Policy.Weights) = half
			return nil
		},
		show: func(s settings) any { return spanText(*of(&s.Policy.Weights)) },
	}
}

func strategyNames() []string {
	var names []string
	for _, known := range pool.Strategies {
		names = append(names, string(known))
	}
	return names
}

func setStrategy(p *pool.Policy, s setting) error {
	if s.value == "" {
		return nil
	}
	p.Strategy = pool.Strategy(strings.ToLower(s.value))
	if slices.Contains(pool.Strategies, p.Strategy) {
		return nil
	}
	return &settingError{s.name, s.value, "one of " + strings.Join(strategyNames(), ", ")}
}
