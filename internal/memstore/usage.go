package memstore

import (
	"context"
	"slices"
	"time"

	"claudepool/pool"
)

// Usage implements pool.Store.
func (s *Store) Usage(ctx context.Context, q pool.UsageQuery) ([]pool.UsageRow, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	sum := pool.NewUsageSum(q)
	q.Since, q.Until = pool.Moment(q.Since), pool.Moment(q.Until)
	blocks := map[int64]*pool.Blocks{}
	for _, e := range s.entriesByTime() {
		if e.Usage() == (pool.Usage{}) {
			continue
		}
		key := s.usageKey(e, q)
		if blocks[e.subscriptionID] == nil {
			blocks[e.subscriptionID] = pool.NewBlocks(s.resetsOf(e.subscriptionID))
		}
		key.Block = blocks[e.subscriptionID].At(e.At)
		switch {
		case e.At.Before(q.Since), !q.Until.IsZero() && !e.At.Before(q.Until):
		case q.Project != "" && !pool.InDirectory(e.project, q.Project):
		case len(q.Subscriptions) > 0 && !slices.Contains(q.Subscriptions, key.Subscription):
		default:
			sum.Add(key, e.Usage())
		}
	}
	return sum.Rows(), nil
}

func (s *Store) entriesByTime() []entry {
	entries := slices.Clone(s.entries)
	slices.SortStableFunc(entries, func(a, b entry) int { return a.At.Compare(b.At) })
	return entries
}

func (s *Store) usageKey(e entry, q pool.UsageQuery) pool.UsageKey {
	key := pool.UsageKey{
		Model: e.Model, Day: pool.LocalDay(e.At, q.Location), Hour: pool.LocalHour(e.At, q.Location), Project: e.project,
		Conversation: pool.Pruned, Session: pool.Pruned,
	}
	if e.session != nil {
		key.Conversation, key.Session = e.Conversation, e.session.ID
	}
	if sub := s.subscriptions[e.subscriptionID]; sub != nil {
		key.Subscription, key.Tags = sub.Name, sub.Tags
	}
	return key
}

func (s *Store) resetsOf(subscriptionID int64) []time.Time {
	if sub := s.subscriptions[subscriptionID]; sub != nil {
		return sub.resets
	}
	return nil
}
