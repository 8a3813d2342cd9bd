package memstore

import (
	"context"
	"fmt"
	"iter"
	"time"

	"claudepool/pool"
)

// Load implements pool.Archive.
func (s *Store) Load(ctx context.Context, records iter.Seq2[pool.Record, error]) error {
	for r, err := range records {
		if err != nil {
			return err
		}
		if err := s.lock(ctx); err != nil {
			return err
		}
		err := s.load(r)
		s.mu.Unlock()
		if err != nil {
			return fmt.Errorf("take in a ledger: %w", err)
		}
	}
	return nil
}

func (s *Store) load(r pool.Record) error {
	switch {
	case r.Horizon != nil:
		s.horizon = laterOf(s.horizon, r.Horizon.Before)
	case r.Reset != nil:
		sub, err := s.memberNamed(r.Reset.Member)
		if err != nil {
			return err
		}
		sub.resets = append(sub.resets, r.Reset.At)
	case r.Pruned != nil:
		return s.loadPruned(*r.Pruned)
	case r.Session != nil:
		return s.loadSession(r.Session)
	case r.Visit != nil:
		v := r.Visit
		s.visits[v.Conversation] = append(s.visits[v.Conversation], visit{s.sessions[v.Session-1], v.Since, v.Until})
	case r.Affinity != nil:
		return s.loadAffinity(*r.Affinity)
	case r.Entry != nil:
		return s.loadEntry(*r.Entry)
	case r.Tally != nil:
		key := settleKey{r.Tally.Session, r.Tally.Conversation, r.Tally.Model}
		s.tallies[key], s.changed[key] = &r.Tally.Tally, r.Tally.Latest
	case r.Fork != nil:
		s.noteFork(r.Fork.Conversation, r.Fork.Path)
	case r.Checkpoint != nil:
		c := r.Checkpoint
		if _, known := s.checkpoints[c.Path]; known {
			return pool.ErrOtherLedger
		}
		s.checkpoints[c.Path] = pool.Checkpoint{Path: c.Path, Identity: c.Identity, Offset: c.Offset, Figures: c.Figures}
		s.latest[c.Path] = c.Latest
	}
	return nil
}

// memberNamed finds the subscription of a record. One that was removed is made where there is none.
func (s *Store) memberNamed(m pool.Member) (*subscription, error) {
	if m.Removed == 0 {
		if sub := s.named(m.Name); sub != nil {
			return sub, nil
		}
		return nil, fmt.Errorf("subscription %s: %w", m.Name, pool.ErrNotFound)
	}
	for len(s.removedNamed(m.Name)) < m.Removed {
		s.lastID++
		s.subscriptions[s.lastID] = &subscription{
			Subscription: pool.Subscription{ID: s.lastID, Name: m.Name}, removed: true, windows: map[pool.WindowKind]pool.Window{},
		}
	}
	sub := s.removedNamed(m.Name)[m.Removed-1]
	sub.Tags = m.Tags
	return sub, nil
}

func (s *Store) memberID(m pool.Member) (int64, error) {
	if m.Name == "" {
		return 0, nil
	}
	sub, err := s.memberNamed(m)
	if err != nil {
		return 0, err
	}
	return sub.ID, nil
}

func (s *Store) loadPruned(p pool.PrunedRecord) error {
	id, err := s.memberID(p.Member)
	if err != nil {
		return err
	}
	s.entries = append(s.entries, entry{Entry: pool.Entry{At: p.At, Model: p.Model}, pruned: p.Usage, subscriptionID: id, project: p.Project})
	return nil
}

// loadSession puts the session in its place: the places between are of sessions that were pruned.
func (s *Store) loadSession(r *pool.SessionRecord) error {
	id, err := s.memberID(r.Member)
	if err != nil {
		return err
	}
	session := r.SessionOf(id)
	if int64(len(s.sessions)) >= r.Number || s.byID(session.ID) != nil {
		return pool.ErrOtherLedger
	}
	for int64(len(s.sessions)) < r.Number-1 {
		s.sessions = append(s.sessions, &pool.Session{ID: forgotten, EndedAt: time.UnixMilli(0)})
	}
	s.sessions = append(s.sessions, &session)
	if sub := s.subscriptions[id]; sub != nil && session.End.Reason != pool.EndedOutside {
		sub.lastStarted = laterOf(sub.lastStarted, session.StartedAt)
	}
	return nil
}

func (s *Store) loadAffinity(r pool.AffinityRecord) error {
	id, err := s.memberID(r.Member)
	if err != nil {
		return err
	}
	if s.conversations[r.Conversation] != nil {
		return pool.ErrOtherLedger
	}
	s.conversations[r.Conversation] = &conversation{id, r.Project, r.ActiveAt, r.MovedAt}
	return nil
}

func (s *Store) loadEntry(r pool.EntryRecord) error {
	if _, known := s.booked[r.ID]; known {
		return pool.ErrOtherLedger
	}
	session := s.sessions[r.Session-1]
	e := entry{
		Entry: pool.Entry{ID: r.ID, At: r.At, Conversation: r.Conversation, Model: r.Model}, told: r.Told, session: session,
		subscriptionID: session.SubscriptionID, project: session.CWD,
	}
	e.setUsage(r.Usage)
	if !r.Told && r.Usage.CostEstimated != 0 {
		e.CostSource = pool.CostEstimated
	}
	s.booked[r.ID] = len(s.entries)
	s.entries = append(s.entries, e)
	return nil
}
