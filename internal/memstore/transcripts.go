package memstore

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"claudepool/pool"
)

// visit is a stay of a session on a conversation.
type visit struct {
	session      *pool.Session
	since, until time.Time
}

type settleKey struct {
	cluster             int64
	conversation, model string
}

func keyOf(cluster int64, conversation, model string) settleKey {
	return settleKey{cluster, conversation, pool.BaseModel(model)}
}

// number is the place of a session, counted from 1.
func (s *Store) number(session *pool.Session) int64 {
	return int64(slices.IndexFunc(s.sessions, func(other *pool.Session) bool { return other.ID == session.ID })) + 1
}

func (s *Store) visit(session *pool.Session, conversation string, at time.Time) {
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
		})
	}
	slices.SortStableFunc(visits, func(a, b pool.Visit) int { return a.Since.Compare(b.Since) })
	return visits
}

// insert1 adds an entry unless its id is known.
func (s *Store) insert1(session *pool.Session, cluster int64, told bool, e pool.Entry) bool {
	if _, known := s.booked[e.ID]; known {
		return false
	}
	s.booked[e.ID] = len(s.entries)
	s.entries = append(s.entries, entry{
		Entry: e, told: told, cluster: cluster, subscriptionID: session.SubscriptionID, project: session.CWD,
	})
	return true
}

func (s *Store) tally(key settleKey) *pool.Tally {
	if s.tallies[key] == nil {
		s.tallies[key] = &pool.Tally{}
	}
	return s.tallies[key]
}

// settle brings what was told of a cluster in line with the messages that were read of it.
func (s *Store) settle(key settleKey, at time.Time) {
	told := func() (rows []*entry) {
		for i := range s.entries {
			e := &s.entries[i]
			if e.told && e.cluster == key.cluster && e.Conversation == key.conversation && pool.BaseModel(e.Model) == key.model {
				rows = append(rows, e)
			}
		}
		slices.SortStableFunc(rows, func(a, b *entry) int { return a.At.Compare(b.At) })
		return rows
	}
	if s.tally(key).OneSided() {
		return
	}
	rows, want := told(), s.tally(key).Remainder()
	if len(rows) == 0 {
		if want == (pool.Usage{}) {
			return
		}
		s.insert1(s.sessions[key.cluster-1], key.cluster, true, pool.Entry{
			ID: fmt.Sprintf("told/%d/%s/%s", key.cluster, key.conversation, key.model), At: at,
			Conversation: key.conversation, Model: key.model, CostSource: pool.CostFromCLI,
		})
		rows = told()
	}
	usages := make([]pool.Usage, len(rows))
	for i, row := range rows {
		usages[i] = row.Usage()
	}
	pool.Settle(usages, want)
	for i, row := range rows {
		row.setUsage(usages[i])
	}
}

func (e *entry) setUsage(u pool.Usage) {
	e.Messages, e.Tokens, e.Cost, e.CostSource = int(u.Messages), u.Tokens, u.Cost, pool.CostFromCLI
	if u.CostUnknown > 0 {
		e.CostSource = pool.CostUnknown
	}
}

// Checkpoints implements pool.Store.
func (s *Store) Checkpoints(ctx context.Context) (map[string]pool.Checkpoint, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return maps.Clone(s.checkpoints), nil
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
	s.checkpoints[t.Checkpoint.Path] = t.Checkpoint
	copied := false
	for _, m := range t.Messages {
		copied = s.message(t.Owner, m.Bounded()) || copied
	}
	for _, stated := range t.Stated {
		if stated.First && copied {
			continue
		}
		_, cluster := s.bookedTo(t.Owner, stated.Conversation, stated.Project, stated.At)
		key := keyOf(cluster, stated.Conversation, stated.Model)
		u := pool.Entry{Tokens: stated.Tokens, Cost: stated.Cost, CostSource: pool.CostFromCLI}.Bounded().Usage()
		s.tally(key).Stated = s.tally(key).Stated.Plus(u)
		s.settle(key, stated.At)
	}
	return nil
}

// message books a message and tells whether it is the copy of one of another conversation.
func (s *Store) message(owner string, m pool.Message) (copied bool) {
	e := pool.Entry{
		ID: m.ID, At: m.At, Conversation: m.Conversation, Model: m.Model, Messages: 1, Tokens: m.Tokens,
		Cost: m.Cost, CostSource: m.CostSource,
	}.Bounded()
	at, known := s.booked[m.ID]
	if !known {
		session, cluster := s.bookedTo(owner, m.Conversation, m.Project, m.At)
		s.insert1(session, cluster, false, e)
		s.read(keyOf(cluster, m.Conversation, m.Model), e.Usage(), m.At)
		return false
	}
	old := &s.entries[at]
	if m.Tokens.Total() > old.Tokens.Total() && m.Model == old.Model {
		added := e.Usage().Minus(old.Usage())
		old.Tokens, old.Cost, old.CostSource = e.Tokens, e.Cost, e.CostSource
		s.read(keyOf(old.cluster, old.Conversation, old.Model), added, old.At)
	}
	return old.Conversation != m.Conversation
}

func (s *Store) read(key settleKey, u pool.Usage, at time.Time) {
	s.tally(key).Messages = s.tally(key).Messages.Plus(u)
	s.settle(key, at)
}

func (s *Store) bookedTo(owner, conversation, project string, at time.Time) (*pool.Session, int64) {
	visits := s.visitsOf(conversation)
	if v, found := pool.Attribute(visits, at); found {
		return s.sessions[v.Session-1], pool.ClusterOf(visits, v.Session)
	}
	outside := s.outside(owner, conversation, project, pool.Moment(at))
	return outside, s.number(outside)
}

// outside returns the session that stands for all use of a conversation outside of any session.
func (s *Store) outside(owner, conversation, project string, at time.Time) *pool.Session {
	var ownerID int64
	if sub := s.named(owner); sub != nil {
		ownerID = sub.ID
	} else {
		owner = ""
	}
	id := fmt.Sprintf("outside-%d-%s", ownerID, conversation)
	session := s.byID(id)
	if session == nil {
		s.sessions = append(s.sessions, &pool.Session{
			ID: id, SubscriptionID: ownerID, Subscription: owner, Conversation: conversation, CWD: project,
			StartedAt: at, HeartbeatAt: at, EndedAt: at, End: pool.End{Reason: pool.EndedOutside},
		})
		return s.byID(id)
	}
	if at.Before(session.StartedAt) {
		session.StartedAt = at
	}
	session.EndedAt = laterOf(session.EndedAt, at)
	return session
}
