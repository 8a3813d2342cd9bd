package memstore

import (
	"context"
	"fmt"
	"time"

	"claudepool/pool"
)

// signal books what was heard of a subscription, nil where it is not known, in a session or in none, and tells of it.
func (s *Store) signal(session *pool.Session, sub *subscription, heard pool.Signal, now time.Time) {
	if session != nil && heard.Met != "" {
		session.Met = heard.Met
	}
	if sub == nil {
		return
	}
	for _, w := range heard.Windows {
		sub.set(w)
	}
	s.alertWindows(sub, heard.Windows, now)
	before := sub.standing
	if sub.standing = before.After(heard.Outcome, sub.API, heard.At); sub.standing != before && !sub.removed {
		s.insertEvents(sub.standing.Alert(before, sub.Subscription, now)...)
	}
}

func (sub *subscription) set(w pool.Window) {
	w = w.Bounded()
	if w.Kind == pool.FiveHour && !w.ResetsAt.IsZero() {
		sub.resets = append(sub.resets, pool.ResetTime(w.ResetsAt))
	}
	w.Since = w.ObservedAt
	if known, ok := sub.windows[w.Kind]; ok {
		w = w.Over(known)
	}
	sub.windows[w.Kind] = w
}

// signalOf books a transcript's signal to the session that was there, else to the owner.
func (s *Store) signalOf(owner string, heard pool.Signal, now time.Time) {
	if v, found := pool.Attribute(s.visitsOf(heard.Conversation), heard.At); found {
		session := s.sessions[v.Session-1]
		s.signal(session, s.subscriptions[session.SubscriptionID], heard, now)
		return
	}
	s.signal(nil, s.named(owner), heard, now)
}

// SetCooldown implements pool.Store.
func (s *Store) SetCooldown(ctx context.Context, name string, until time.Time) error {
	return s.change(ctx, name, func(sub *subscription) { sub.standing.CooldownUntil = pool.Moment(until) })
}

// ClearCooldown implements pool.Store.
func (s *Store) ClearCooldown(ctx context.Context, name string, now time.Time) error {
	return s.change(ctx, name, func(sub *subscription) {
		sub.standing = pool.Standing{HeardAt: laterOf(sub.standing.HeardAt, pool.Moment(now))}
		for kind, w := range sub.windows {
			if w.Status == pool.StatusRejected {
				w.Status, w.ObservedAt = pool.StatusUnknown, laterOf(w.ObservedAt, pool.Moment(now))
				sub.windows[kind] = w
			}
		}
	})
}

// ObserveWindows implements pool.Store.
func (s *Store) ObserveWindows(ctx context.Context, name string, windows []pool.Window) error {
	return s.change(ctx, name, func(sub *subscription) {
		s.signal(nil, sub, pool.Signal{Windows: windows}, pool.LatestObserved(windows))
	})
}

func (s *Store) change(ctx context.Context, name string, f func(*subscription)) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	sub := s.named(name)
	if sub == nil {
		return fmt.Errorf("subscription %s: %w", name, pool.ErrNotFound)
	}
	f(sub)
	return nil
}
