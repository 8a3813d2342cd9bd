package memstore

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"claudepool/pool"
)

// Shortages implements pool.Outbox.
func (s *Store) Shortages(ctx context.Context) ([]pool.Shortage, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return s.shortagesByScope(), nil
}

func (s *Store) shortagesByScope() (list []pool.Shortage) {
	for _, one := range s.shortages {
		list = append(list, one)
	}
	slices.SortFunc(list, func(a, b pool.Shortage) int { return cmp.Compare(a.Scope, b.Scope) })
	return list
}

// turnAway notes that a request found no room.
func (s *Store) turnAway(req pool.Request, refused error, now time.Time) {
	s.stillWaits(req.Ticket, now)
	if req.Forced != "" || !errors.Is(refused, pool.ErrExhausted) {
		return
	}
	one, known := s.shortages[req.Scope()]
	if known && !one.IsNews(now) {
		return
	}
	if !known {
		one = pool.Shortage{Scope: req.Scope(), Since: pool.Moment(now)}
	}
	one.LastAt, one.Waiting = pool.Moment(now), s.waitingOf(req)
	s.shortages[one.Scope] = one
	if !known {
		s.insertEvents(pool.ExhaustedEvent(one, refused))
	}
}

// endShortage ends the shortage of what a request has got, unless runs were turned away a moment ago.
func (s *Store) endShortage(req pool.Request, now time.Time) {
	if one, known := s.shortages[req.Scope()]; known && req.Forced == "" && one.IsOver(now) {
		s.recovered(one, now)
	}
}

// EndShortages implements pool.Outbox.
func (s *Store) EndShortages(ctx context.Context, policy pool.Policy, now time.Time) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	candidates := s.candidates(now)
	for _, one := range s.shortagesByScope() {
		switch {
		case one.IsOver(now) && one.HasRoom(policy, candidates, now):
			s.recovered(one, now)
		case one.IsForgotten(now):
			delete(s.shortages, one.Scope)
		}
	}
	return nil
}

func (s *Store) recovered(one pool.Shortage, now time.Time) {
	delete(s.shortages, one.Scope)
	s.insertEvents(pool.RecoveredEvent(one, now))
}
