package memstore

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"claudepool/pool"
)

// conversation is where one is at home.
type conversation struct {
	subscriptionID    int64
	project           string
	activeAt, movedAt time.Time
}

// stay is a session on a conversation.
type stay struct {
	conversation string
	session      int64
}

// Conversations implements pool.Store.
func (s *Store) Conversations(ctx context.Context, q pool.ConversationQuery) (found []pool.Conversation, err error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	sub := s.named(q.Subscription)
	if sub == nil {
		return nil, nil
	}
	for id, c := range s.conversations {
		asked := c.subscriptionID == sub.ID && !c.activeAt.Before(q.Since) && !c.activeAt.After(q.Until)
		if asked && !s.isRunningOn(id) {
			found = append(found, pool.Conversation{ID: id, Subscription: sub.Name, Project: c.project, ActiveAt: c.activeAt})
		}
	}
	slices.SortFunc(found, func(a, b pool.Conversation) int {
		return cmp.Or(b.ActiveAt.Compare(a.ActiveAt), cmp.Compare(b.ID, a.ID))
	})
	if q.Limit > 0 && len(found) > q.Limit {
		found = found[:q.Limit]
	}
	return found, nil
}

func (s *Store) isRunningOn(conversation string) bool {
	return slices.ContainsFunc(s.sessions, func(session *pool.Session) bool {
		return session.Running() && session.Conversation == conversation
	})
}

// MoveConversation implements pool.Store.
func (s *Store) MoveConversation(ctx context.Context, m pool.Move, now time.Time) (moved bool, err error) {
	if err := s.lock(ctx); err != nil {
		return false, err
	}
	defer s.mu.Unlock()
	from, to := s.named(m.From), s.named(m.To)
	if from == nil || to == nil {
		return false, fmt.Errorf("move conversation %s: %w", m.Conversation.ID, pool.ErrNotFound)
	}
	c := s.conversations[m.Conversation.ID]
	if c == nil || c.subscriptionID != from.ID || c.activeAt.After(m.Conversation.ActiveAt) || s.isRunningOn(m.Conversation.ID) {
		return false, nil
	}
	c.subscriptionID, c.movedAt = to.ID, pool.Moment(now)
	s.insertEvents(pool.RebalancedEvent(m, to.Subscription, now))
	return true, nil
}

// home returns the subscription that a request goes on with, 0 where there is none.
func (s *Store) home(req pool.Request) (id int64) {
	conversation := req.Conversation
	if conversation == "" && req.Continues {
		for _, session := range s.latestFirst() {
			if session.CWD == req.CWD && session.End.Reason != pool.EndedOutside {
				id, conversation = session.SubscriptionID, session.Conversation
				break
			}
		}
	}
	if c := s.conversations[conversation]; c != nil {
		return c.subscriptionID
	}
	return id
}

// hearOf notes that a conversation was heard of in a session. It is at home there then, unless it was heard of
// later elsewhere, or moved later.
func (s *Store) hearOf(id string, session *pool.Session, at time.Time) {
	at = laterOf(pool.Moment(at), session.StartedAt)
	c := s.conversations[id]
	switch {
	case c == nil && session.SubscriptionID == 0:
		return
	case c == nil:
		c = &conversation{}
		s.conversations[id] = c
	}
	if !at.Before(laterOf(c.activeAt, c.movedAt)) {
		c.subscriptionID, c.project = cmp.Or(session.SubscriptionID, c.subscriptionID), session.CWD
	}
	c.activeAt = laterOf(c.activeAt, at)
}

// noteHeard notes when something was last heard of the conversations and the running sessions that messages were
// read of, the earliest first.
func (s *Store) noteHeard(heard map[stay]time.Time) {
	stays := slices.SortedFunc(maps.Keys(heard), func(a, b stay) int {
		return cmp.Or(heard[a].Compare(heard[b]), cmp.Compare(a.session, b.session))
	})
	for _, on := range stays {
		session := s.sessions[on.session-1]
		if session.Running() {
			session.ActiveAt = laterOf(session.ActiveAt, heard[on])
		}
		if on.conversation != "" {
			s.hearOf(on.conversation, session, heard[on])
		}
	}
}

// pruneConversations forgets where those are at home that have been quiet.
func (s *Store) pruneConversations() {
	maps.DeleteFunc(s.conversations, func(id string, c *conversation) bool {
		return c.activeAt.Before(s.horizon) && !s.tallied(0, id) && len(s.visits[id]) == 0
	})
}
