package memstore

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"claudepool/pool"
)

// Checkpoints implements pool.Store.
func (s *Store) Checkpoints(ctx context.Context, prefix string) (map[string]pool.Checkpoint, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	known := maps.Clone(s.checkpoints)
	maps.DeleteFunc(known, func(path string, _ pool.Checkpoint) bool { return !strings.HasPrefix(path, prefix) })
	return known, nil
}

// BookTranscript implements pool.Store.
func (s *Store) BookTranscript(ctx context.Context, t pool.Transcript) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	known := s.checkpoints[t.Checkpoint.Path]
	if known.Identity != t.Before.Identity || known.Offset != t.Before.Offset {
		return nil
	}
	before := s.weeks(t.ReadAt)
	s.checkpoints[t.Checkpoint.Path] = t.Checkpoint
	s.latest[t.Checkpoint.Path] = laterOf(s.latest[t.Checkpoint.Path], t.Latest())
	heard := map[stay]time.Time{}
	for _, m := range t.Messages {
		s.message(t, m, heard)
	}
	for _, stated := range t.Stated {
		s.state(t.Owner, stated)
	}
	for _, signal := range t.Signals {
		s.signalOf(t.Owner, signal, t.ReadAt)
	}
	s.noteHeard(heard)
	s.settle()
	s.alertBudgets(before, t.ReadAt, false)
	return nil
}

func (s *Store) message(t pool.Transcript, m pool.Message, heard map[stay]time.Time) {
	e := pool.Entry{
		ID: m.ID, At: m.At, Conversation: m.Conversation, Model: m.Model, Messages: 1, Tokens: m.Tokens,
		Cost: m.Cost, CostSource: m.CostSource,
	}.Bounded()
	at, known := s.booked[m.ID]
	if !known && e.At.Before(s.horizon) { // it may be another conversation's
		s.noteFork(m.Conversation, "")
		return
	}
	if !known {
		session := s.bookedTo(t.Owner, m.Conversation, m.Project, e.At)
		s.insert1(session, false, e)
		side := s.tally(s.keyOf(session, m.Conversation, m.Model), e.At)
		side.Messages = side.Messages.Plus(e.Usage())
		on := stay{m.Conversation, s.number(session)}
		heard[on] = laterOf(heard[on], e.At)
		return
	}
	old := &s.entries[at]
	if old.Conversation != m.Conversation {
		s.copy(old, m.Conversation, t.Checkpoint.Path)
	}
	if e.Tokens.Total() > old.Tokens.Total() && e.Model == old.Model {
		side := s.tally(s.keyOfEntry(old), old.At)
		side.Messages = side.Messages.Plus(e.Usage().Minus(old.Usage()))
		old.Tokens, old.Cost, old.CostSource = e.Tokens, e.Cost, e.CostSource
	}
}

// copy takes a message that is known from another conversation. If that was no session's at the time and
// this one was, then this is where it came from, and the copy was read first.
func (s *Store) copy(known *entry, conversation, path string) {
	v, found := pool.Attribute(s.visitsOf(conversation), known.At)
	if known.session.End.Reason != pool.EndedOutside || !found || !v.Covers(known.At) {
		s.noteFork(conversation, path)
		return
	}
	s.noteFork(known.Conversation, "")
	s.move(known, s.sessions[v.Session-1], conversation)
}

func (s *Store) noteFork(conversation, path string) {
	s.forks[conversation] = append(s.forks[conversation], path)
}

// state books figures of the CLI. The first ones of a fork are those of its parent too, and say nothing
// of the fork alone.
func (s *Store) state(owner string, stated pool.Stated) {
	e := pool.Entry{At: stated.At, Tokens: stated.Tokens, Cost: stated.Cost, CostSource: pool.CostFromCLI}.Bounded()
	if e.At.Before(s.horizon) {
		return
	}
	session := s.bookedTo(owner, stated.Conversation, stated.Project, e.At)
	hasOthers := slices.ContainsFunc(s.sessions, func(other *pool.Session) bool {
		return other.End.Reason == pool.EndedOutside && other.Conversation == stated.Conversation && other.ID != session.ID
	})
	if stated.First && (len(s.forks[stated.Conversation]) > 0 || hasOthers) {
		return
	}
	side := s.tally(s.keyOf(session, stated.Conversation, stated.Model), e.At)
	side.Stated = side.Stated.Plus(e.Usage())
}

func (s *Store) bookedTo(owner, conversation, project string, at time.Time) *pool.Session {
	if v, found := pool.Attribute(s.visitsOf(conversation), at); found {
		return s.sessions[v.Session-1]
	}
	return s.outside(owner, conversation, project, at)
}

// outside returns the session that stands for all use of a conversation outside of any session.
func (s *Store) outside(owner, conversation, project string, at time.Time) *pool.Session {
	var ownerID int64
	if sub := s.named(owner); sub != nil {
		ownerID = sub.ID
	} else {
		owner = ""
	}
	id := pool.OutsideID(ownerID, conversation)
	session := s.byID(id)
	if session == nil {
		s.sessions = append(s.sessions, &pool.Session{
			ID: id, SubscriptionID: ownerID, Subscription: owner, Conversation: conversation, CWD: project,
			StartedAt: at, HeartbeatAt: at, ActiveAt: at, EndedAt: at, End: pool.End{Reason: pool.EndedOutside},
		})
		return s.byID(id)
	}
	if at.Before(session.StartedAt) {
		session.StartedAt = at
	}
	session.EndedAt = laterOf(session.EndedAt, at)
	return session
}
