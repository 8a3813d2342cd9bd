package pool

import (
	"math"
	"time"
)

// Strategy says who of those that may be picked is best.
type Strategy string

const (
	// ByHealth: the healthiest.
	ByHealth Strategy = "health"
	// ByDrain: the one whose week starts anew first, so that nothing is left over.
	ByDrain Strategy = "drain"
	// ByLeastUsed: the one that has used least of its week.
	ByLeastUsed Strategy = "least-used"
	// ByRoundRobin: the one that was not used for longest.
	ByRoundRobin Strategy = "round-robin"
	// ByPriority: the one with the highest priority.
	ByPriority Strategy = "priority"
)

// Strategies are all of them, the default first.
var Strategies = []Strategy{ByHealth, ByDrain, ByLeastUsed, ByRoundRobin, ByPriority}

// Policy is how a pool chooses. The zero Policy is not a sensible one: see DefaultPolicy.
type Policy struct {
	Strategy Strategy
	Weights  Weights
	// BudgetThreshold is the share of the weekly budget from which on a subscription is no longer picked.
	BudgetThreshold float64
	// RampUp caps the sessions that run at once on the first days of a fresh subscription: the first figure
	// is of its first 24 hours. After the last one its own cap counts.
	RampUp []int
}

// Weights are the points of health. A figure that is no number counts as 0.
type Weights struct {
	// Start is what everyone starts with.
	Start float64
	// Week and FiveHour are taken off in the measure in which the window is used.
	Week, FiveHour float64
	// Session is taken off for each running session.
	Session float64
	// Burn is taken off for each US dollar an hour above BurnFree.
	Burn, BurnFree float64
	// Idle is added where no session is running.
	Idle float64
	// WeekHalfLife and FiveHourHalfLife are after how long an observation of a window counts half.
	WeekHalfLife, FiveHourHalfLife time.Duration
}

// DefaultPolicy is the policy unless the configuration says otherwise.
func DefaultPolicy() Policy {
	return Policy{
		Strategy: ByHealth,
		Weights: Weights{
			Start: 100, Week: 50, FiveHour: 30, Session: 5, Burn: 2, BurnFree: 3, Idle: 10,
			WeekHalfLife: 24 * time.Hour, FiveHourHalfLife: time.Hour,
		},
		BudgetThreshold: 0.85,
		RampUp:          []int{5, 10},
	}
}

// finite returns x, or 0 where it is no finite number.
func finite(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return x
}

// RampsUp tells whether the first days of a fresh subscription cap its sessions at now.
func (p Policy) RampsUp(s Subscription, now time.Time) bool {
	_, day := p.cap(s, now)
	return day > 0
}

// cap returns how many sessions may run at once at now, 0 for no cap, and the day of the ramp-up that says
// so, 0 where it is the subscription's own cap.
func (p Policy) cap(s Subscription, now time.Time) (most, day int) {
	if !s.RampUp || s.CreatedAt.IsZero() {
		return s.MaxSessions, 0
	}
	day = int(max(now.Sub(s.CreatedAt), 0)/(24*time.Hour)) + 1
	if day > len(p.RampUp) || p.RampUp[day-1] < 1 || s.MaxSessions > 0 && s.MaxSessions <= p.RampUp[day-1] {
		return s.MaxSessions, 0
	}
	return p.RampUp[day-1], day
}
