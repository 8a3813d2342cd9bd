package pgstore

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

// known is what the store has read of the subscriptions for a choice. A launch holds up all others while it chooses, so
// it reads everything before, and then only what has changed since; see the tables changes and starts.
type known struct {
	byID map[int64]*pool.Candidate
	// byName is the same, in order; nil where it has to be made anew.
	byName []*pool.Candidate
	// changed and started are the latest numbers of changes and starts that were read.
	changed, started int64
	// quarter is the quarter hour that the sums are of.
	quarter int64
	// connections is how many the store had made by then. Another one may be to another server, which did not get the
	// latest changes before it took over.
	connections int64
}

func newKnown(now time.Time) *known {
	return &known{byID: map[int64]*pool.Candidate{}, quarter: quarterOf(now)}
}

// renew brings what is known up to date, and asks for something else beside.
func (s *Store) renew(ctx context.Context, q sender, now time.Time, beside func(*batch)) (*known, error) {
	k := s.known
	if connections := s.connections.Load(); k == nil || k.quarter != quarterOf(now) || k.connections != connections {
		k = newKnown(now)
		k.connections = connections
	}
	s.known = nil // until all of it was read
	if err := k.renew(ctx, q, now, beside); err != nil {
		return nil, err
	}
	s.known = k
	return k, nil
}

// renew reads what has changed, in one round trip where no booking has changed anything.
func (k *known) renew(ctx context.Context, q sender, now time.Time, beside func(*batch)) error {
	var ids []int64 // of those that have changed
	b := &batch{}
	k.loadChanged(b, &ids)
	k.loadStarts(b)
	k.loadRunning(b)
	if beside != nil {
		beside(b)
	}
	if err := b.send(ctx, q); err != nil || len(ids) == 0 {
		return err
	}
	b = &batch{}
	loadWeeks(b, k.byID, ids, now)
	loadHours(b, k.byID, ids, now)
	loadWindows(b, k.byID, ids)
	return b.send(ctx, q)
}

func (k *known) loadChanged(b *batch, ids *[]int64) {
	b.each(func(rows pgx.Rows) error {
		var number int64
		var removed bool
		c, err := scanCandidate(rows, &number, &removed)
		if err != nil {
			return err
		}
		k.byName = nil
		id := c.Subscription.ID
		k.changed = max(k.changed, number)
		if removed {
			delete(k.byID, id)
			return nil
		}
		if before := k.byID[id]; before != nil {
			c.LastStarted = before.LastStarted
		}
		k.byID[id] = &c
		*ids = append(*ids, id)
		return nil
	}, `
		SELECT `+subscriptionColumns+`, changes.number, removed_at IS NOT NULL
		FROM changes JOIN subscriptions ON id = subscription_id
		WHERE changes.number > $1`, k.changed)
}

func (k *known) loadStarts(b *batch) {
	b.each(func(rows pgx.Rows) error {
		var id, number int64
		var at pgtype.Int8
		err := rows.Scan(&id, &number, &at)
		k.started = max(k.started, number)
		if c := k.byID[id]; c != nil {
			c.LastStarted = moment(at)
		}
		return err
	}, `SELECT subscription_id, number, last_started_at FROM starts WHERE number > $1`, k.started)
}

func (k *known) loadRunning(b *batch) {
	running := map[int64]int{}
	b.each(func(rows pgx.Rows) error {
		var id int64
		var n int
		err := rows.Scan(&id, &n)
		running[id] = n
		return err
	}, runningBySubscription)
	b.then(func() {
		for id, c := range k.byID {
			c.Running = running[id]
		}
	})
}

// candidates are those that are known, by name.
func (k *known) candidates() (candidates []pool.Candidate) {
	if k.byName == nil {
		k.byName = slices.SortedFunc(maps.Values(k.byID), func(a, b *pool.Candidate) int {
			return cmp.Compare(a.Subscription.Name, b.Subscription.Name)
		})
	}
	candidates = slices.Grow(candidates, len(k.byName))
	for _, c := range k.byName {
		candidates = append(candidates, *c)
	}
	return candidates
}

// noteChange notes that what a choice looks at of subscriptions is going to change with the transaction. The numbers are
// in the order of the commits, because those who write come one after the other.
func noteChange(ctx context.Context, tx pgx.Tx, ids ...int64) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO changes (subscription_id, number) SELECT id, nextval('change_numbers') FROM unnest($1::bigint[]) AS id
		ON CONFLICT (subscription_id) DO UPDATE SET number = excluded.number`, ids)
	return err
}
