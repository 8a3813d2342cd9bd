package memstore

import (
	"context"
	"fmt"
	"time"

	"claudepool/pool"
)

// signal books what was heard of a subscription, nil where it is not known, in a session or in none.
func (s *Store) signal(session *pool.Session, sub *subscription, heard pool.Signal) {
	if session != nil && heard.Met != "" {
		session.Met = heard.Met
	}
	if sub == nil {
		return
	}
	for _, w := range heard.Windows {
		sub.set(w)
	}
	sub.standing = sub.standing.After(heard.Outcome, sub.API, heard.At)
}

func (sub *subscription) set(w pool.Window) {
	if w.Kind == pool.FiveHour && !w.ResetsAt.IsZero() {
		sub.resets = append(sub.resets, pool.ResetTime(w.ResetsAt))
	}
	w.ResetsAt, w.ObservedAt = pool.Moment(w.ResetsAt), pool.Moment(w.ObservedAt)
	if known, ok := sub.windows[w.Kind]; ok {
		w = w.Over(known)
	}
	sub.windows[w.Kind] = w
}

// signalOf books a transcript's signal to the session that was there, else to the owner.
func (s *Store) signalOf(owner string, heard pool.Signal) {
	if v, found := pool.Attribute(s.visitsOf(heard.Conversation), heard.At); found {
		session := s.sessions[v.Session-1]
		s.signal(session, s.subscriptions[session.SubscriptionID], heard)
		return
	}
	s.signal(nil, s.named(owner), heard)
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
	return s.change(ctx, name, func(sub *subscription) { s.signal(nil, sub, pool.Signal{Windows: windows}) })
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
