package memstore

import (
	"cmp"
	"context"
	"slices"
	"time"

	"claudepool/pool"
)

var _ pool.Archive = (*Store)(nil)

// Dump implements pool.Archive.
func (s *Store) Dump(ctx context.Context, yield func(pool.Record) error) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	records := s.records()
	s.mu.Unlock()
	for _, r := range records {
		if err := cmp.Or(ctx.Err(), yield(r)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Store) records() (records []pool.Record) {
	if !s.horizon.IsZero() && s.horizon.After(time.UnixMilli(0)) {
		records = append(records, pool.Record{Horizon: &pool.HorizonRecord{Before: s.horizon}})
	}
	records = append(records, s.resetRecords()...)
	records = append(records, s.prunedRecords()...)
	for i, session := range s.sessions {
		if session.ID != forgotten {
			r := pool.RecordOf(*session, int64(i)+1, s.memberOf(session.SubscriptionID))
			records = append(records, pool.Record{Session: r})
		}
	}
	records = append(records, s.visitRecords()...)
	records = append(records, s.affinityRecords()...)
	for _, e := range s.entries {
		if e.session != nil {
			records = append(records, pool.Record{Entry: &pool.EntryRecord{
				ID: e.ID, Session: s.number(e.session), Told: e.told, At: e.At, Conversation: e.Conversation, Model: e.Model, Usage: e.Usage(),
			}})
		}
	}
	records = append(records, s.transcriptRecords()...)
	pool.SortRecords(records)
	return records
}

// memberOf is what records call a subscription.
func (s *Store) memberOf(id int64) pool.Member {
	sub := s.subscriptions[id]
	if sub == nil {
		return pool.Member{}
	}
	m := pool.Member{Name: sub.Name}
	if sub.removed {
		m.Removed, m.Tags = slices.Index(s.removedNamed(sub.Name), sub)+1, sub.Normal().Tags
	}
	return m
}

// removedNamed are the removed subscriptions of a name, the oldest first.
func (s *Store) removedNamed(name string) (removed []*subscription) {
	for id := range s.lastID {
		if sub := s.subscriptions[id+1]; sub != nil && sub.removed && sub.Name == name {
			removed = append(removed, sub)
		}
	}
	return removed
}

func (s *Store) resetRecords() (records []pool.Record) {
	for id, sub := range s.subscriptions {
		for _, at := range slices.CompactFunc(slices.SortedFunc(slices.Values(sub.resets), time.Time.Compare), time.Time.Equal) {
			records = append(records, pool.Record{Reset: &pool.ResetRecord{Member: s.memberOf(id), At: at}})
		}
	}
	return records
}

func (s *Store) prunedRecords() (records []pool.Record) {
	type key struct {
		at             time.Time
		subscriptionID int64
		model, project string
	}
	sums := map[key]pool.Usage{}
	for _, e := range s.entries {
		if e.session == nil {
			k := key{e.At, e.subscriptionID, e.Model, e.project}
			sums[k] = sums[k].Plus(e.pruned)
		}
	}
	for k, u := range sums {
		if u != (pool.Usage{}) {
			records = append(records, pool.Record{Pruned: &pool.PrunedRecord{
				At: k.at, Member: s.memberOf(k.subscriptionID), Model: k.model, Project: k.project, Usage: u,
			}})
		}
	}
	return records
}

func (s *Store) visitRecords() (records []pool.Record) {
	for conversation, visits := range s.visits {
		for _, v := range visits {
			records = append(records, pool.Record{Visit: &pool.VisitRecord{
				Conversation: conversation, Session: s.number(v.session), Since: v.since, Until: v.until,
			}})
		}
	}
	return records
}

func (s *Store) affinityRecords() (records []pool.Record) {
	for id, c := range s.conversations {
		records = append(records, pool.Record{Affinity: &pool.AffinityRecord{
			Conversation: id, Member: s.memberOf(c.subscriptionID), Project: c.project, ActiveAt: c.activeAt, MovedAt: c.movedAt,
		}})
	}
	return records
}

func (s *Store) transcriptRecords() (records []pool.Record) {
	for key, t := range s.tallies {
		records = append(records, pool.Record{Tally: &pool.TallyRecord{
			Session: key.session, Conversation: key.conversation, Model: key.model, Tally: *t, Latest: s.changed[key],
		}})
	}
	for conversation, paths := range s.forks {
		for _, path := range slices.Compact(slices.Sorted(slices.Values(paths))) {
			records = append(records, pool.Record{Fork: &pool.ForkRecord{Conversation: conversation, Path: path}})
		}
	}
	for _, c := range s.checkpoints {
		records = append(records, pool.Record{Checkpoint: &pool.CheckpointRecord{
			Path: c.Path, Identity: c.Identity, Offset: c.Offset, Figures: c.Figures, Latest: s.latest[c.Path],
		}})
	}
	return records
}
