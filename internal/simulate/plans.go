package main

import (
	"time"

	"claudepool/pool"
)

// plan is what a login has bought: how much it may use in a week and in five hours.
type plan struct {
	name           string
	week, fiveHour pool.NanoUSD
	// weekResets is how long after a Monday, 00:00 UTC, its week starts anew.
	weekResets time.Duration
	// priority is what its owner would give it.
	priority int
	// outside is set where a person uses it beside the pool too.
	outside bool
}

// plans are the four subscriptions. Nobody outside knows the real budgets: these are of unlike sizes, as
// plans on sale are, and a week is worth eight times five hours.
var plans = []plan{
	{name: "work", week: pool.USD(400), fiveHour: pool.USD(50), weekResets: 34 * time.Hour, priority: 3},
	{name: "team", week: pool.USD(400), fiveHour: pool.USD(50), weekResets: 87 * time.Hour, priority: 2},
	{name: "personal", week: pool.USD(200), fiveHour: pool.USD(25), weekResets: 129 * time.Hour, priority: 1, outside: true},
	{name: "spare", week: pool.USD(100), fiveHour: pool.USD(12.5), weekResets: 7 * time.Hour, priority: 0},
}
