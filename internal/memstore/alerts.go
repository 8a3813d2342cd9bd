package memstore

import (
	"slices"
	"time"

	"claudepool/pool"
)

// alertWindows tells what there is to tell of windows that were just observed, once all of them are booked.
func (s *Store) alertWindows(sub *subscription, seen []pool.Window, now time.Time) {
	if sub.removed {
		return
	}
	windows := sub.windowList()
	for _, w := range windows {
		if slices.ContainsFunc(seen, func(s pool.Window) bool { return s.Kind == w.Kind }) {
			s.insertEvents(w.Alert(sub.Subscription, windows, s.thresholds, now)...)
			sub.windows[w.Kind] = w
		}
	}
}

// weeks are what the week that ends with a moment holds, by subscription.
func (s *Store) weeks(at time.Time) map[int64]pool.Usage {
	weeks := map[int64]pool.Usage{}
	for id := range s.subscriptions {
		weeks[id] = s.week(id, at)
	}
	return weeks
}

// alertBudgets tells of the budgets that a booking has passed, before which the weeks were these. Where it is late, what has
// been told does not fall. Where the present is not known nothing is told.
func (s *Store) alertBudgets(before map[int64]pool.Usage, now time.Time, late bool) {
	for id := int64(1); id <= s.lastID && !now.IsZero(); id++ {
		sub, week := s.subscriptions[id], s.week(id, now)
		if sub.removed || week == before[id] {
			continue
		}
		events, told := pool.BudgetAlert(sub.Subscription, before[id], week, sub.budgetTold, s.thresholds, now)
		s.insertEvents(events...)
		if !late || told > sub.budgetTold {
			sub.budgetTold = told
		}
	}
}
