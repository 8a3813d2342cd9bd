package memstore

import (
	"context"
	"time"

	"claudepool/pool"
)

func (s *Store) book(session *pool.Session, o pool.Observation) {
	for _, e := range o.Entries {
		e = e.Bounded()
		cluster := pool.ClusterOf(s.visitsOf(e.Conversation), s.number(session))
		if s.insert1(session, cluster, true, e) {
			key := keyOf(cluster, e.Conversation, e.Model)
			s.tally(key).Printed = s.tally(key).Printed.Plus(e.Usage())
			s.settle(key, e.At)
		}
	}
	sub := s.subscriptions[session.SubscriptionID]
	if sub == nil {
		return
	}
	for _, w := range o.Windows {
		w.ResetsAt, w.ObservedAt = pool.Moment(w.ResetsAt), pool.Moment(w.ObservedAt)
		if known, ok := sub.windows[w.Kind]; !ok || !known.ObservedAt.After(w.ObservedAt) {
			sub.windows[w.Kind] = w
		}
	}
}

// Usage implements pool.Store.
func (s *Store) Usage(ctx context.Context, q pool.UsageQuery) ([]pool.UsageRow, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	sum := pool.NewUsageSum(q)
	q.Since, q.Until = pool.Moment(q.Since), pool.Moment(q.Until)
	for _, e := range s.entries {
		if e.At.Before(q.Since) || !q.Until.IsZero() && !e.At.Before(q.Until) {
			continue
		}
		key := pool.UsageKey{Model: e.Model, Day: localDay(e.At, q.Location), Project: e.project}
		if sub := s.subscriptions[e.subscriptionID]; sub != nil {
			key.Subscription = sub.Name
		}
		sum.Add(key, e.Usage())
	}
	return sum.Rows(), nil
}

// localDay numbers the day that it is in loc.
func localDay(t time.Time, loc *time.Location) int64 {
	if loc == nil {
		loc = time.UTC
	}
	year, month, day := t.In(loc).Date()
	return pool.UTCDay(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
}
