package memstore

import (
	"context"
	"slices"
	"time"

	"claudepool/pool"
)

// Prune implements pool.Store.
func (s *Store) Prune(ctx context.Context, p pool.Prune) (report pool.PruneReport, err error) {
	if err := s.lock(ctx); err != nil {
		return report, err
	}
	defer s.mu.Unlock()
	s.horizon = laterOf(s.horizon, p.Horizon())
	s.pruneTallies()
	report.Entries = s.pruneEntries()
	s.pruneVisits()
	s.pruneConversations()
	report.Sessions = s.pruneSessions()
	for _, path := range p.Gone {
		if c, known := s.checkpoints[path]; known && s.latest[path].Before(s.horizon) {
			delete(s.checkpoints, c.Path)
			report.Checkpoints++
		}
	}
	return report, nil
}

// pruneTallies takes away those of conversations that have been quiet; use of no known conversation goes
// by session.
func (s *Store) pruneTallies() {
	type group struct {
		conversation string
		session      int64
	}
	groupOf := func(key settleKey) group {
		if key.conversation != "" {
			return group{conversation: key.conversation}
		}
		return group{session: key.session}
	}
	changed := map[group]time.Time{}
	for key := range s.tallies {
		changed[groupOf(key)] = laterOf(changed[groupOf(key)], s.changed[key])
	}
	for key := range s.tallies {
		if changed[groupOf(key)].Before(s.horizon) {
			delete(s.tallies, key)
		}
	}
}

// tallied tells whether there is a tally of a session, 0 for any, on a conversation.
func (s *Store) tallied(session int64, conversation string) bool {
	for key := range s.tallies {
		if (session == 0 || key.session == session) && key.conversation == conversation {
			return true
		}
	}
	return false
}

// pruneEntries makes totals of the entries without a tally: what is left of them is where they count.
func (s *Store) pruneEntries() (n int64) {
	for i := range s.entries {
		e := &s.entries[i]
		if e.session == nil || !e.At.Before(s.horizon) {
			continue
		}
		of := int64(0)
		if e.Conversation == "" {
			of = s.number(e.session)
		}
		if s.tallied(of, e.Conversation) {
			continue
		}
		delete(s.booked, e.ID)
		*e = entry{
			Entry: pool.Entry{At: e.At.Truncate(pool.PruneStep), Model: e.Model}, pruned: e.Usage(),
			subscriptionID: e.subscriptionID, project: e.project,
		}
		n++
	}
	return n
}

func (s *Store) pruneVisits() {
	for conversation, visits := range s.visits {
		lives := func(v visit) bool {
			session := s.byID(v.session.ID)
			return session.Running() || !session.EndedAt.Before(s.horizon)
		}
		if !s.tallied(0, conversation) && !slices.ContainsFunc(visits, lives) {
			delete(s.visits, conversation)
		}
	}
	for conversation := range s.forks {
		if !s.tallied(0, conversation) {
			delete(s.forks, conversation)
		}
	}
}

// forgotten is the id of what stands in the place of a session that was pruned: the others keep theirs.
const forgotten = "\x00"

func (s *Store) pruneSessions() (n int64) {
	used := map[int64]bool{}
	for _, e := range s.entries {
		if e.session != nil {
			used[s.number(e.session)] = true
		}
	}
	for key := range s.tallies {
		used[key.session] = true
	}
	for _, visits := range s.visits {
		for _, v := range visits {
			used[s.number(v.session)] = true
		}
	}
	for i, session := range s.sessions {
		if session.ID != forgotten && !used[int64(i)+1] && !session.Running() && session.EndedAt.Before(s.horizon) {
			s.sessions[i] = &pool.Session{ID: forgotten, EndedAt: session.EndedAt}
			n++
		}
	}
	for len(s.sessions) > 0 && s.sessions[len(s.sessions)-1].ID == forgotten { // the next one gets the number, as in a database
		s.sessions = s.sessions[:len(s.sessions)-1]
	}
	return n
}
