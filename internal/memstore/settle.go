package memstore

import (
	"fmt"
	"slices"
	"time"

	"claudepool/pool"
)

// settleKey is a session on a conversation with a model.
type settleKey struct {
	session             int64
	conversation, model string
}

func (s *Store) keyOf(session *pool.Session, conversation, model string) settleKey {
	return settleKey{s.number(session), conversation, pool.BaseModel(model)}
}

func (s *Store) keyOfEntry(e *entry) settleKey { return s.keyOf(e.session, e.Conversation, e.Model) }

// insert1 adds an entry unless its id is known.
func (s *Store) insert1(session *pool.Session, told bool, e pool.Entry) bool {
	if _, known := s.booked[e.ID]; known {
		return false
	}
	s.booked[e.ID] = len(s.entries)
	s.entries = append(s.entries, entry{
		Entry: e, told: told, session: session, subscriptionID: session.SubscriptionID, project: session.CWD,
		estimated: e.Usage().CostEstimated,
	})
	return true
}

// tally returns the sides of a key, which are about to change: settle looks at them then.
func (s *Store) tally(key settleKey, at time.Time) *pool.Tally {
	if s.tallies[key] == nil {
		s.tallies[key] = &pool.Tally{}
		s.changed[key] = time.Time{}
	}
	s.changed[key] = laterOf(s.changed[key], at)
	s.unsettle(key, at)
	return s.tallies[key]
}

// unsettle has settle look at a key.
func (s *Store) unsettle(key settleKey, at time.Time) {
	if at.After(s.unsettled[key]) {
		s.unsettled[key] = at
	}
}

// settle settles all that has changed. It comes last in every booking.
func (s *Store) settle() {
	clusters, changed := map[settleKey][]int64{}, map[settleKey]time.Time{}
	for key, at := range s.unsettled {
		cluster := pool.ClusterOf(s.visitsOf(key.conversation), key.session)
		key.session = cluster[0]
		clusters[key], changed[key] = cluster, laterOf(changed[key], at)
	}
	clear(s.unsettled)
	for key, cluster := range clusters {
		s.settleCluster(key, cluster, changed[key])
	}
}

// settleCluster brings what was told of a cluster in line with the messages that were read of it.
func (s *Store) settleCluster(key settleKey, cluster []int64, at time.Time) {
	var sum pool.Tally
	for _, session := range cluster {
		if t := s.tallies[settleKey{session, key.conversation, key.model}]; t != nil {
			sum.Printed, sum.Stated, sum.Messages = sum.Printed.Plus(t.Printed), sum.Stated.Plus(t.Stated), sum.Messages.Plus(t.Messages)
		}
	}
	rows, want := s.told(key, cluster), sum.Remainder()
	if sum.OneSided() || len(rows) == 0 && want == (pool.Usage{}) {
		return
	}
	if len(rows) == 0 {
		s.insert1(s.sessions[key.session-1], true, pool.Entry{
			ID: fmt.Sprintf("told/%d/%s/%s", key.session, key.conversation, key.model), At: at,
			Conversation: key.conversation, Model: key.model, CostSource: pool.CostFromCLI,
		})
		rows = s.told(key, cluster)
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

// told returns the entries of what was told, the oldest first.
func (s *Store) told(key settleKey, cluster []int64) (rows []*entry) {
	for i := range s.entries {
		e := &s.entries[i]
		if e.session == nil {
			continue
		}
		own := s.keyOfEntry(e)
		if e.told && slices.Contains(cluster, own.session) && own.conversation == key.conversation && own.model == key.model {
			rows = append(rows, e)
		}
	}
	slices.SortStableFunc(rows, func(a, b *entry) int { return a.At.Compare(b.At) })
	return rows
}

func (e *entry) setUsage(u pool.Usage) {
	e.Messages, e.Tokens, e.Cost, e.CostSource = int(u.Messages), u.Tokens, u.Cost, pool.CostFromCLI
	e.estimated = u.CostEstimated
	if u.CostUnknown > 0 {
		e.CostSource = pool.CostUnknown
	}
}

// move books a message to another session. What the CLI's figures said of it where it was does not count
// there any more.
func (s *Store) move(e *entry, to *pool.Session, conversation string) {
	from := s.tally(s.keyOfEntry(e), e.At)
	from.Messages = from.Messages.Minus(e.Usage())
	from.Stated = from.Stated.Without(e.Usage())
	e.session, e.Conversation, e.subscriptionID, e.project = to, conversation, to.SubscriptionID, to.CWD
	there := s.tally(s.keyOfEntry(e), e.At)
	there.Messages = there.Messages.Plus(e.Usage())
}
