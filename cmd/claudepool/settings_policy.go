package main

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"claudepool/pool"
)

// policyFile is what config.toml says of the choice. Nil is what it does not say.
type policyFile struct {
	Strategy        string   `toml:"strategy"`
	BudgetThreshold *float64 `toml:"budget_threshold"`
	RampUp          *[]int   `toml:"ramp_up"`
	Health          struct {
		Start            *float64 `toml:"start"`
		Week             *float64 `toml:"week"`
		FiveHour         *float64 `toml:"five_hour"`
		Session          *float64 `toml:"session"`
		Burn             *float64 `toml:"burn"`
		BurnFree         *float64 `toml:"burn_free"`
		Idle             *float64 `toml:"idle"`
		WeekHalfLife     string   `toml:"week_half_life"`
		FiveHourHalfLife string   `toml:"five_hour_half_life"`
	} `toml:"health"`
}

// choosePolicy returns the policy: the default one where a setting is wrong.
func choosePolicy(strategy string, file policyFile) (pool.Policy, error) {
	p := pool.DefaultPolicy()
	if err := setStrategy(&p, settingOf("CLAUDEPOOL_STRATEGY", strategy, "strategy", file.Strategy)); err != nil {
		return pool.DefaultPolicy(), err
	}
	if file.BudgetThreshold != nil {
		if p.BudgetThreshold = *file.BudgetThreshold; !(p.BudgetThreshold > 0 && p.BudgetThreshold <= 10) {
			return pool.DefaultPolicy(), &settingError{"budget_threshold", fmt.Sprint(*file.BudgetThreshold), "a share of the weekly budget, as in 0.85"}
		}
	}
	if file.RampUp != nil {
		if p.RampUp = *file.RampUp; slices.ContainsFunc(p.RampUp, func(n int) bool { return n < 1 }) {
			return pool.DefaultPolicy(), &settingError{"ramp_up", fmt.Sprint(p.RampUp), "a list of numbers of sessions, one a day, as in [5, 10]"}
		}
	}
	if err := setWeights(&p.Weights, file); err != nil {
		return pool.DefaultPolicy(), err
	}
	return p, nil
}

func setStrategy(p *pool.Policy, s setting) error {
	if s.value == "" {
		return nil
	}
	p.Strategy = pool.Strategy(strings.ToLower(s.value))
	if slices.Contains(pool.Strategies, p.Strategy) {
		return nil
	}
	var names []string
	for _, known := range pool.Strategies {
		names = append(names, string(known))
	}
	return &settingError{s.name, s.value, "one of " + strings.Join(names, ", ")}
}

func setWeights(w *pool.Weights, file policyFile) error {
	h := file.Health
	for _, weight := range []struct {
		name string
		from *float64
		to   *float64
	}{
		{"start", h.Start, &w.Start}, {"week", h.Week, &w.Week}, {"five_hour", h.FiveHour, &w.FiveHour},
		{"session", h.Session, &w.Session}, {"burn", h.Burn, &w.Burn}, {"burn_free", h.BurnFree, &w.BurnFree},
		{"idle", h.Idle, &w.Idle},
	} {
		if weight.from == nil {
			continue
		}
		if *weight.to = *weight.from; !(*weight.to >= 0 && *weight.to <= 1e6) || math.IsNaN(*weight.to) {
			return &settingError{"health." + weight.name, fmt.Sprint(*weight.from), "a number of points from 0 to 1000000"}
		}
	}
	for _, life := range []struct {
		name, from string
		to         *time.Duration
	}{
		{"week_half_life", h.WeekHalfLife, &w.WeekHalfLife}, {"five_hour_half_life", h.FiveHourHalfLife, &w.FiveHourHalfLife},
	} {
		if life.from == "" {
			continue
		}
		half, ok := parseAgo(life.from)
		if !ok {
			return &settingError{"health." + life.name, life.from, "a time, as in 24h; 0s for observations that do not age"}
		}
		*life.to = half
	}
	return nil
}
