package memstore

import "claudepool/pool"

func (s *Store) book(session *pool.Session, o pool.Observation) {
	for _, e := range o.Entries {
		e = e.Bounded()
		if !e.At.Before(s.horizon) && s.insert1(session, true, e) {
			side := s.tally(s.keyOf(session, e.Conversation, e.Model), e.At)
			side.Printed = side.Printed.Plus(e.Usage())
		}
	}
	sub := s.subscriptions[session.SubscriptionID]
	if sub == nil {
		return
	}
	for _, w := range o.Windows {
		if w.Kind == pool.FiveHour && !w.ResetsAt.IsZero() {
			sub.resets = append(sub.resets, pool.ResetTime(w.ResetsAt))
		}
		w.ResetsAt, w.ObservedAt = pool.Moment(w.ResetsAt), pool.Moment(w.ObservedAt)
		if known, ok := sub.windows[w.Kind]; !ok || !known.ObservedAt.After(w.ObservedAt) {
			sub.windows[w.Kind] = w
		}
	}
}
