package memstore

import (
	"slices"
	"time"

	"claudepool/pool"
)

// visit is a stay of a session on a conversation.
type visit struct {
	session      *pool.Session
	since, until time.Time
}

// number is the place of a session, counted from 1.
func (s *Store) number(session *pool.Session) int64 {
	return int64(slices.IndexFunc(s.sessions, func(other *pool.Session) bool { return other.ID == session.ID })) + 1
}

func (s *Store) visit(session *pool.Session, conversation string, at time.Time) {
	s.hearOf(conversation, session, at)
	since := session.StartedAt
	for c, visits := range s.visits {
		for i, v := range visits {
			if v.session.ID != session.ID {
				continue
			}
			since = laterOf(pool.Moment(at), session.StartedAt)
			if c != conversation && v.until.IsZero() {
				visits[i].until = laterOf(pool.Moment(at), v.since)
			}
		}
	}
	for i, v := range s.visits[conversation] {
		if v.session.ID == session.ID {
			s.visits[conversation][i].until = time.Time{}
			return
		}
	}
	s.visits[conversation] = append(s.visits[conversation], visit{session: session, since: since})
}

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func (s *Store) visitsOf(conversation string) []pool.Visit {
	var visits []pool.Visit
	for _, v := range s.visits[conversation] {
		session := s.byID(v.session.ID)
		until := v.until
		if until.IsZero() {
			until = session.EndedAt
		}
		visits = append(visits, pool.Visit{
			Session: s.number(session), SubscriptionID: session.SubscriptionID, Since: v.since, Until: until,
			FromStart: v.since.Equal(session.StartedAt),
		})
	}
	slices.SortStableFunc(visits, func(a, b pool.Visit) int { return a.Since.Compare(b.Since) })
	return visits
}

// revisit books anew what a visit that was heard of late changes.
func (s *Store) revisit(conversation string) {
	visits := s.visitsOf(conversation)
	// The messages of each key by the session to which they go, 0 for those that stay.
	moves := map[settleKey]map[int64][]*entry{}
	for i := range s.entries {
		e := &s.entries[i]
		if e.told || e.session == nil || e.Conversation != conversation || e.session.End.Reason != pool.EndedOutside {
			continue
		}
		key := s.keyOfEntry(e)
		if moves[key] == nil {
			moves[key] = map[int64][]*entry{}
		}
		v, _ := pool.Attribute(visits, e.At)
		moves[key][v.Session] = append(moves[key][v.Session], e)
	}
	for key, bySession := range moves {
		s.moveAll(key, bySession)
	}
	for _, path := range s.forks[conversation] { // what was taken for a copy may be the session's own
		if c, known := s.checkpoints[path]; known {
			c.Identity, c.Offset = "", 0
			s.checkpoints[path] = c
		}
	}
	for key := range s.tallies {
		for _, v := range visits {
			if key.session == v.Session && key.conversation == conversation {
				s.unsettle(key, v.Since)
			}
		}
	}
}

// moveAll books messages to sessions of the same conversation. Where they all go to one, what the CLI
// stated goes with them.
func (s *Store) moveAll(key settleKey, bySession map[int64][]*entry) {
	for session, messages := range bySession {
		if session == 0 {
			continue
		}
		if len(bySession) == 1 {
			from := s.tally(key, messages[0].At)
			to := s.tally(settleKey{session, key.conversation, key.model}, messages[0].At)
			from.Stated, to.Stated = pool.Usage{}, to.Stated.Plus(from.Stated)
		}
		for _, e := range messages {
			s.move(e, s.sessions[session-1], key.conversation)
		}
	}
}
