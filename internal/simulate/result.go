package main

import "claudepool/pool"

// result is what the measured fortnight of a simulation came to.
type result struct {
	sessions, failovers int
	// served is the work that was done, beforeExhausted what of it was before a session first found no
	// subscription, and refused what was not done for that reason.
	served, beforeExhausted, refused pool.NanoUSD
	exhausted                        bool
	// weekLeft and fiveHourLeft are the shares of the windows' budgets that were left at their resets, 0 to 1.
	weekLeft, fiveHourLeft float64
	// uneven is how far apart the subscriptions are that were used most and least, in shares of their
	// budgets, use outside of the pool included: 0 to 1.
	uneven float64
}

func (r *result) serve(cost pool.NanoUSD) {
	r.served += cost
	if !r.exhausted {
		r.beforeExhausted += cost
	}
}

func (r *result) refuse(costs []pool.NanoUSD) {
	r.exhausted = true
	for _, cost := range costs {
		r.refused += cost
	}
}

// forget begins to measure: what was before does not count.
func (s *simulation) forget() {
	s.result = result{}
	for _, m := range s.members {
		m.served = 0
		m.fiveHourly.left, m.fiveHourly.ended = 0, 0
		m.weekly.left, m.weekly.ended = 0, 0
	}
}

// finish is the result at the end, with what only the accounts know.
func (s *simulation) finish(end int) result {
	var weeks, fiveHours leftover
	least, most := 1.0, 0.0
	for _, m := range s.members {
		m.pass(clock(end))
		weeks.add(m.weekly)
		fiveHours.add(m.fiveHourly)
		share := float64(m.served) / float64(m.week*measured)
		least, most = min(least, share), max(most, share)
	}
	r := s.result
	r.weekLeft, r.fiveHourLeft, r.uneven = weeks.share(), fiveHours.share(), most-least
	return r
}

// leftover adds up what windows of all sizes left unused, in proportion to their budgets.
type leftover struct{ left, budget float64 }

func (o *leftover) add(l limit) {
	o.left += l.left * float64(l.budget)
	o.budget += float64(l.ended) * float64(l.budget)
}

// share is 0 to 1, and 0 where no window has ended.
func (o *leftover) share() float64 {
	if o.budget == 0 {
		return 0
	}
	return o.left / o.budget
}
