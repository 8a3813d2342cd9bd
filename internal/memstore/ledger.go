package memstore

import (
	"time"

	"claudepool/pool"
)

func (s *Store) book(session *pool.Session, o pool.Observation, now time.Time) {
	for _, e := range o.Entries {
		e = e.Bounded()
		if !e.At.Before(s.horizon) && s.insert1(session, true, e) {
			side := s.tally(s.keyOf(session, e.Conversation, e.Model), e.At)
			side.Printed = side.Printed.Plus(e.Usage())
		}
	}
	s.signal(session, s.subscriptions[session.SubscriptionID], pool.Signal{At: o.At, Windows: o.Windows, Met: o.Met, Outcome: o.Outcome}, now)
}
