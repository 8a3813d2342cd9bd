package memstore

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"claudepool/pool"
)

// Dispatch implements pool.Outbox.
func (s *Store) Dispatch(ctx context.Context, channel string, since time.Time, wants func(pool.Event) bool) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	shown, known := s.shown[channel]
	s.shown[channel] = shown
	for _, e := range s.events {
		isNew := e.Number > shown && (known || !e.At.Before(since))
		s.shown[channel] = max(s.shown[channel], e.Number)
		if isNew && wants(e) {
			s.deliveries = append(s.deliveries, &pool.Delivery{Channel: channel, Event: e, State: pool.DeliveryWaits})
		}
	}
	return nil
}

// NextDeliveries implements pool.Outbox.
func (s *Store) NextDeliveries(ctx context.Context, channel string, now time.Time, limit int) ([]pool.Delivery, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	first := map[int64]*pool.Delivery{}
	for _, d := range s.deliveries {
		before := first[d.Event.SubscriptionID]
		if d.Channel == channel && d.State == pool.DeliveryWaits && (before == nil || d.Event.Number < before.Event.Number) {
			first[d.Event.SubscriptionID] = d
		}
	}
	var due []pool.Delivery
	for _, d := range first {
		if d.IsDue(now) {
			due = append(due, *d)
		}
	}
	slices.SortFunc(due, func(a, b pool.Delivery) int { return cmp.Compare(a.Event.Number, b.Event.Number) })
	return upTo(limit, due), nil
}

func upTo[T any](limit int, list []T) []T {
	if limit > 0 {
		return list[:min(limit, len(list))]
	}
	return list
}

// NoteTry implements pool.Outbox.
func (s *Store) NoteTry(ctx context.Context, channel string, event int64, try pool.Try) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	for _, d := range s.deliveries {
		if d.Channel != channel || d.Event.Number != event || d.State != pool.DeliveryWaits {
			continue
		}
		d.State, d.NextAt = try.State, pool.Moment(try.NextAt)
		if !try.Uncounted {
			d.Tries, d.TriedAt, d.Trouble = d.Tries+1, pool.Moment(try.At), try.Trouble
		}
	}
	return nil
}

// Deliveries implements pool.Outbox.
func (s *Store) Deliveries(ctx context.Context, q pool.DeliveryQuery) ([]pool.Delivery, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var found []pool.Delivery
	for _, d := range s.matching(q) {
		found = append(found, *d)
	}
	slices.SortFunc(found, func(a, b pool.Delivery) int {
		return cmp.Or(-cmp.Compare(a.Event.Number, b.Event.Number), cmp.Compare(a.Channel, b.Channel))
	})
	return upTo(q.Limit, found), nil
}

func (s *Store) matching(q pool.DeliveryQuery) (found []*pool.Delivery) {
	for _, d := range s.deliveries {
		if (q.Channel == "" || q.Channel == d.Channel) && strings.HasPrefix(d.Event.ID, q.Event) &&
			(len(q.States) == 0 || slices.Contains(q.States, d.State)) {
			found = append(found, d)
		}
	}
	return found
}

// isOpen tells whether a delivery has not arrived, and may.
func isOpen(d *pool.Delivery) bool {
	return d.State == pool.DeliveryWaits || d.State == pool.DeliveryDead
}

// Backlogs implements pool.Outbox.
func (s *Store) Backlogs(ctx context.Context) ([]pool.Backlog, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	open := map[string][]*pool.Delivery{}
	for _, d := range s.deliveries {
		if isOpen(d) {
			open[d.Channel] = append(open[d.Channel], d)
		}
	}
	var list []pool.Backlog
	for channel, deliveries := range open {
		list = append(list, backlog(channel, deliveries))
	}
	slices.SortFunc(list, func(a, b pool.Backlog) int { return cmp.Compare(a.Channel, b.Channel) })
	return list, nil
}

func backlog(channel string, open []*pool.Delivery) pool.Backlog {
	b := pool.Backlog{Channel: channel}
	var first int64
	var latest time.Time
	for _, d := range open {
		if d.State == pool.DeliveryDead {
			b.Dead++
		} else if b.Waiting++; first == 0 || d.Event.Number < first {
			first, b.Oldest = d.Event.Number, d.Event.At
		}
		if d.TriedAt.After(latest) {
			latest, b.Trouble = d.TriedAt, d.Trouble
		}
	}
	return b
}

// Retry implements pool.Outbox.
func (s *Store) Retry(ctx context.Context, q pool.DeliveryQuery, now time.Time) (int64, error) {
	return s.changeOpen(ctx, q, func(d *pool.Delivery) {
		d.State, d.Tries, d.NextAt = pool.DeliveryWaits, 0, pool.Moment(now)
	})
}

// Drop implements pool.Outbox.
func (s *Store) Drop(ctx context.Context, q pool.DeliveryQuery) (int64, error) {
	return s.changeOpen(ctx, q, func(d *pool.Delivery) { d.State = pool.DeliveryDropped })
}

// changeOpen changes what has not arrived of what a query asks for, and returns how many that was.
func (s *Store) changeOpen(ctx context.Context, q pool.DeliveryQuery, change func(*pool.Delivery)) (int64, error) {
	if err := s.lock(ctx); err != nil {
		return 0, err
	}
	defer s.mu.Unlock()
	var changed int64
	for _, d := range s.matching(q) {
		if isOpen(d) {
			change(d)
			changed++
		}
	}
	return changed, nil
}
