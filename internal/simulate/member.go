package main

import (
	"time"

	"claudepool/pool"
)

// member is an account with what the pool knows of it, kept as a store keeps it.
type member struct {
	*account
	subscription pool.Subscription
	windows      []pool.Window
	running      int
	lastStarted  time.Time
	// days and quarters are the ledger: UTC days, and quarter hours since 1970.
	days     map[int64]pool.Usage
	quarters map[int64]pool.NanoUSD
}

const quarter = 15 * time.Minute

func newMember(p plan, begin time.Time) *member {
	return &member{
		account:      newAccount(p, begin),
		subscription: pool.Subscription{Name: p.name, Priority: p.priority, Enabled: true, CreatedAt: begin},
		days:         map[int64]pool.Usage{},
		quarters:     map[int64]pool.NanoUSD{},
	}
}

// ask is one request of a session: what the answer tells is observed, and what it costs is booked.
func (m *member) ask(cost pool.NanoUSD, now time.Time) (met pool.WindowKind) {
	met = m.serve(cost, now)
	for _, seen := range m.account.windows(met, now) {
		m.observe(seen)
	}
	if met == "" {
		day := pool.UTCDay(now)
		m.days[day] = m.days[day].Plus(pool.Usage{Messages: 1, Cost: cost})
		m.quarters[quarterOf(now)] += cost
	}
	return met
}

func (m *member) observe(seen pool.Window) {
	for i, known := range m.windows {
		if known.Kind == seen.Kind {
			m.windows[i] = seen.Over(known)
			return
		}
	}
	m.windows = append(m.windows, seen)
}

// candidate is what a choice looks at.
func (m *member) candidate(now time.Time) pool.Candidate {
	c := pool.Candidate{
		Subscription: m.subscription, Running: m.running, LastStarted: m.lastStarted, Windows: m.windows,
	}
	for day := range int64(pool.WeekDays) {
		c.Week = c.Week.Plus(m.days[pool.UTCDay(now)-day])
	}
	for q := range int64(time.Hour/quarter) + 1 {
		c.HourCost += m.quarters[quarterOf(now)-q]
	}
	return c
}

func quarterOf(t time.Time) int64 { return t.Unix() / int64(quarter/time.Second) }
