package memstore

import (
	"context"
	"slices"

	"claudepool/pool"
)

// insertEvents writes events, but for those whose cause is known.
func (s *Store) insertEvents(events ...pool.Event) {
	for _, e := range events {
		if !slices.ContainsFunc(s.events, func(known pool.Event) bool { return known.Cause == e.Cause }) {
			s.lastEvent++
			e.Number = s.lastEvent
			s.events = append(s.events, e)
		}
	}
}

// RecordEvents implements pool.Outbox.
func (s *Store) RecordEvents(ctx context.Context, events ...pool.Event) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	s.insertEvents(events...)
	return nil
}

// Events implements pool.Outbox.
func (s *Store) Events(ctx context.Context, q pool.EventQuery) ([]pool.Event, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var found []pool.Event
	for _, e := range slices.Backward(s.events) {
		if len(q.Kinds) == 0 || slices.Contains(q.Kinds, e.Kind) {
			found = append(found, e)
		}
	}
	return upTo(q.Limit, found), nil
}

// PruneEvents implements pool.Outbox.
func (s *Store) PruneEvents(ctx context.Context, limits pool.EventLimits) (int64, error) {
	if err := s.lock(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	before := len(s.events)
	s.events = slices.DeleteFunc(s.events, func(e pool.Event) bool {
		old := e.At.Before(limits.Before) || limits.Most > 0 && e.Number <= s.lastEvent-limits.Most
		return old && (e.At.Before(limits.WaitingBefore) || !s.waits(e))
	})
	s.deliveries = slices.DeleteFunc(s.deliveries, func(d *pool.Delivery) bool {
		return !slices.ContainsFunc(s.events, func(e pool.Event) bool { return e.Number == d.Event.Number })
	})
	return int64(before - len(s.events)), nil
}

// waits tells whether an event waits to be delivered.
func (s *Store) waits(e pool.Event) bool {
	return slices.ContainsFunc(s.deliveries, func(d *pool.Delivery) bool {
		return d.Event.Number == e.Number && d.State == pool.DeliveryWaits
	})
}
