package memstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"claudepool/pool"
)

// Acquire implements pool.Store.
func (s *Store) Acquire(
	ctx context.Context, req pool.Request, policy pool.Policy, probe pool.Probe, now time.Time,
) (pool.Session, pool.Subscription, error) {
	dead, err := s.findDead(ctx, probe, now)
	if err != nil {
		return pool.Session{}, pool.Subscription{}, err
	}
	if err := s.lock(ctx); err != nil {
		return pool.Session{}, pool.Subscription{}, err
	}
	defer s.mu.Unlock()
	s.endDead(dead, now)
	s.dropLeft(probe, now)
	candidates := s.candidates(now)
	if err := pool.CheckNames(req, candidates); err != nil {
		s.stillWaits(req.Ticket, now)
		return pool.Session{}, pool.Subscription{}, err
	}
	if home := s.home(req); home != 0 {
		for i := range candidates {
			candidates[i].Home = candidates[i].Subscription.ID == home
		}
	}
	picked, _, err := policy.ChooseInTurn(req, s.ahead(req.Ticket, now), candidates, now)
	if err != nil {
		if ctx.Err() == nil { // else nothing stays, as elsewhere
			s.turnAway(req, err, now)
		}
		return pool.Session{}, pool.Subscription{}, err
	}
	s.leave(req.Ticket)
	session := pool.NewSession(req, picked.Subscription, now)
	s.insert(session)
	if from := s.byID(session.Follows); from != nil {
		s.insertEvents(pool.FailoverEvent(session, picked.Subscription, *from)...)
	}
	s.endShortage(req, now)
	return session, picked.Subscription, nil
}

func (s *Store) insert(session pool.Session) *pool.Session {
	s.sessions = append(s.sessions, &session)
	if sub := s.subscriptions[session.SubscriptionID]; sub != nil && session.StartedAt.After(sub.lastStarted) {
		sub.lastStarted = session.StartedAt
	}
	if session.Conversation != "" {
		s.visit(&session, session.Conversation, session.StartedAt)
	}
	return &session
}

func (s *Store) latestFirst() []*pool.Session {
	sessions := slices.DeleteFunc(slices.Clone(s.sessions), func(s *pool.Session) bool { return s.ID == forgotten })
	slices.Reverse(sessions)
	slices.SortStableFunc(sessions, func(a, b *pool.Session) int { return b.StartedAt.Compare(a.StartedAt) })
	return sessions
}

// Heartbeat implements pool.Store.
func (s *Store) Heartbeat(ctx context.Context, sessionID string, now time.Time) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	session := s.byID(sessionID)
	if now = pool.Moment(now); session != nil && session.Running() && now.After(session.HeartbeatAt) {
		session.HeartbeatAt = now
	}
	return nil
}

// Release implements pool.Store.
func (s *Store) Release(ctx context.Context, sessionID string, end pool.End, now time.Time) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	session, err := s.byPrefix(sessionID)
	if err != nil {
		return err
	}
	s.endSession(session, end, now)
	return nil
}

func (s *Store) endSession(session *pool.Session, end pool.End, at time.Time) {
	if !session.Running() {
		return
	}
	session.EndedAt, session.End = pool.Moment(at), end
	if c := s.conversations[session.Conversation]; c != nil {
		c.activeAt = laterOf(c.activeAt, session.ActiveAt)
	}
}

// hearFrom notes when a session was heard from, and what the CLI said of itself.
func hearFrom(session *pool.Session, o pool.Observation) {
	at := pool.Moment(o.At)
	if o.State != "" && !at.Before(session.ActiveAt) {
		session.Said = o.State
	}
	session.ActiveAt = laterOf(session.ActiveAt, at)
}

// Reclaim implements pool.Store.
func (s *Store) Reclaim(ctx context.Context, probe pool.Probe, now time.Time) ([]pool.Session, error) {
	dead, err := s.findDead(ctx, probe, now)
	if err != nil {
		return nil, err
	}
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	s.dropLeft(probe, now)
	return s.endDead(dead, now), nil
}

// findDead looks at the running sessions, outside of the lock.
func (s *Store) findDead(ctx context.Context, probe pool.Probe, now time.Time) ([]pool.Session, error) {
	running, err := s.Sessions(ctx, false, 0)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(running, func(session pool.Session) bool { return !session.IsDead(probe, now) }), nil
}

// endDead ends sessions that were found dead, but for those that have ended or sent a heartbeat since.
func (s *Store) endDead(dead []pool.Session, now time.Time) (ended []pool.Session) {
	for _, found := range dead {
		session := s.byID(found.ID)
		if session.Running() && session.HeartbeatAt.Equal(found.HeartbeatAt) {
			s.endSession(session, pool.End{Reason: pool.EndedByReclaim}, now)
			ended = append(ended, *session)
		}
	}
	s.tellReclaimed(ended)
	return ended
}

// tellReclaimed tells of sessions that were ended because their process was gone, the one that was silent for longest first.
func (s *Store) tellReclaimed(ended []pool.Session) {
	ended = slices.SortedFunc(slices.Values(ended), func(a, b pool.Session) int {
		return cmp.Or(a.HeartbeatAt.Compare(b.HeartbeatAt), cmp.Compare(s.number(&a), s.number(&b)))
	})
	for _, session := range ended {
		var of pool.Subscription
		if sub := s.subscriptions[session.SubscriptionID]; sub != nil {
			of = sub.Subscription
		}
		s.insertEvents(pool.ReclaimedEvent(session, of))
	}
}

// Restore implements pool.Store.
func (s *Store) Restore(ctx context.Context, restored pool.Session, observed []pool.Observation) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	session := s.byID(restored.ID)
	if session == nil {
		session = s.insert(s.attributed(restored))
	}
	if !restored.Running() {
		s.endSession(session, restored.End, restored.EndedAt)
	}
	first, now := pool.Observation{At: restored.StartedAt}, restored.StartedAt
	for _, o := range observed {
		now = cmp.Or(o.At, restored.StartedAt)
	}
	before := s.weeks(now)
	if session.Conversation == "" { // one that is known may be a later one than what is restored
		session.Conversation, first.Conversation = pool.LastConversation(restored, observed), restored.Conversation
	}
	observed = append([]pool.Observation{first}, observed...)
	for _, o := range observed {
		if o.Conversation != "" {
			s.visit(session, o.Conversation, o.At)
		}
	}
	for i, o := range observed {
		s.revisit(o.Conversation)
		if i > 0 {
			hearFrom(session, o)
		}
		s.book(session, o, cmp.Or(o.At, restored.StartedAt))
	}
	s.settle()
	s.alertBudgets(before, now, true)
	return nil
}

// attributed returns the session with the pool's own word on its subscription.
func (s *Store) attributed(session pool.Session) pool.Session {
	session.SubscriptionID, session.Conversation = 0, ""
	if sub := s.named(session.Subscription); sub != nil {
		session.SubscriptionID = sub.ID
	} else {
		session.Subscription = ""
	}
	session.StartedAt, session.HeartbeatAt = pool.Moment(session.StartedAt), pool.Moment(session.HeartbeatAt)
	session.EndedAt = pool.Moment(session.EndedAt)
	session.ActiveAt = laterOf(pool.Moment(session.ActiveAt), session.StartedAt)
	return session
}

// Observe implements pool.Store.
func (s *Store) Observe(ctx context.Context, sessionID string, o pool.Observation) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	session := s.byID(sessionID)
	if session == nil {
		return fmt.Errorf("session %s: %w", sessionID, pool.ErrNotFound)
	}
	before := s.weeks(o.At)
	hearFrom(session, o)
	if o.Conversation != "" && o.Conversation != session.Conversation {
		session.Conversation = o.Conversation
		s.visit(session, o.Conversation, o.At)
		s.revisit(o.Conversation)
	}
	s.book(session, o, o.At)
	s.settle()
	s.alertBudgets(before, o.At, false)
	return nil
}

// Sessions implements pool.Store.
func (s *Store) Sessions(ctx context.Context, all bool, limit int) ([]pool.Session, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var sessions []pool.Session
	for _, session := range s.latestFirst() {
		if (all || session.Running()) && (limit <= 0 || len(sessions) < limit) {
			sessions = append(sessions, *session)
		}
	}
	return sessions, nil
}

// SessionsSince implements pool.Store.
func (s *Store) SessionsSince(ctx context.Context, since time.Time) ([]pool.Session, error) {
	all, err := s.Sessions(ctx, true, 0)
	return slices.DeleteFunc(all, func(session pool.Session) bool {
		return !session.Running() && session.EndedAt.Before(pool.Moment(since))
	}), err
}

// Session implements pool.Store.
func (s *Store) Session(ctx context.Context, id string) (pool.Session, error) {
	if err := s.lock(ctx); err != nil {
		return pool.Session{}, err
	}
	defer s.mu.Unlock()
	session, err := s.byPrefix(id)
	if err != nil {
		return pool.Session{}, err
	}
	return *session, nil
}
