package main

import "claudepool/pool"

// contestant is a policy with a name for the table.
type contestant struct {
	name   string
	policy pool.Policy
}

// strategies are the default policy with each strategy, the default one first.
func strategies() (all []contestant) {
	for _, strategy := range pool.Strategies {
		policy := pool.DefaultPolicy()
		policy.Strategy = strategy
		all = append(all, contestant{string(strategy), policy})
	}
	return all
}

// variations are the default policy with other weights, each with one thought taken out.
func variations() []contestant {
	vary := func(name string, change func(*pool.Weights)) contestant {
		policy := pool.DefaultPolicy()
		change(&policy.Weights)
		return contestant{name, policy}
	}
	return []contestant{
		vary("health", func(*pool.Weights) {}),
		vary("observations do not age", func(w *pool.Weights) { w.WeekHalfLife, w.FiveHourHalfLife = 0, 0 }),
		vary("no burn", func(w *pool.Weights) { w.Burn = 0 }),
		vary("no sessions, no idle", func(w *pool.Weights) { w.Session, w.Idle = 0, 0 }),
		vary("no week", func(w *pool.Weights) { w.Week = 0 }),
		vary("no five-hour", func(w *pool.Weights) { w.FiveHour = 0 }),
		vary("windows only", func(w *pool.Weights) { w.Burn, w.Session, w.Idle = 0, 0, 0 }),
		vary("load only", func(w *pool.Weights) { w.Week, w.FiveHour = 0, 0 }),
	}
}
