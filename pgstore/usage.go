package pgstore

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

// Usage implements pool.Store. It adds up what is kept summed up, of which it takes the coarsest that
// can tell; the entries themselves it reads for conversations and sessions, and for the quarter hours
// that the query, or a block, begins or ends in.
func (s *Store) Usage(ctx context.Context, q pool.UsageQuery) ([]pool.UsageRow, error) {
	sum := pool.NewUsageSum(q)
	err := s.read(ctx, "sum the ledger", func(tx pgx.Tx) error {
		r := usageReader{tx: tx, query: q, sum: sum}
		if err := r.prepare(ctx); err != nil {
			return err
		}
		switch {
		case q.Has(pool.ByBlock):
			return r.addBlocks(ctx)
		case q.Has(pool.ByDay, pool.ByWeek, pool.ByMonth, pool.ByHour):
			return r.eachOffset(ctx)
		}
		return r.addStretch(ctx, r.from, r.to)
	})
	if err != nil {
		return nil, err
	}
	return sum.Rows(), nil
}

type usageReader struct {
	tx    pgx.Tx
	query pool.UsageQuery
	sum   *pool.UsageSum
	// from and to bound the query, in Unix milliseconds.
	from, to int64
	// horizon is the quarter hour before which detail has been pruned.
	horizon int64
	members map[int64]member
	// subscriptions are ids and dir ends in a slash; nil, and NULL, where the query does not ask.
	subscriptions []int64
	dir           pgtype.Text
	offset        int64 // of local time, ahead of UTC, in milliseconds
}

// member is a subscription as reports show it; a removed one too.
type member struct {
	name string
	tags []string
}

func (r *usageReader) prepare(ctx context.Context) (err error) {
	if r.members, err = readMembers(ctx, r.tx); err != nil {
		return err
	}
	if names := r.query.Subscriptions; len(names) > 0 {
		ids := []int64{}
		for id, m := range r.members {
			if slices.Contains(names, m.name) {
				ids = append(ids, id)
			}
		}
		r.subscriptions = ids
	}
	if dir := r.query.Project; dir != "" {
		r.dir = pgtype.Text{String: strings.TrimRight(dir, "/") + "/", Valid: true}
	}
	return r.bound(ctx)
}

// readMembers reads all subscriptions by id; 0 is what could not be attributed.
func readMembers(ctx context.Context, q querier) (map[int64]member, error) {
	members := map[int64]member{0: {}}
	err := each(ctx, q, func(rows pgx.Rows) error {
		var id int64
		var name, tags string
		err := rows.Scan(&id, &name, &tags)
		members[id] = member{name, splitTags(tags)}
		return err
	}, `SELECT id, name, tags FROM subscriptions`)
	return members, err
}

// bound puts the ends of the ledger in the place of the bounds that the query leaves open.
func (r *usageReader) bound(ctx context.Context) error {
	var first, last int64
	err := r.tx.QueryRow(ctx, `
		SELECT coalesce((SELECT min(quarter) FROM quarters), 0), coalesce((SELECT max(quarter) FROM quarters), 0),
			(SELECT quarter FROM horizon)`,
	).Scan(&first, &last, &r.horizon)
	r.from, r.to = first*quarterMillis, (last+1)*quarterMillis
	if !r.query.Since.IsZero() {
		r.from = r.query.Since.UnixMilli()
	}
	if !r.query.Until.IsZero() {
		r.to = r.query.Until.UnixMilli()
	}
	return err
}

// eachOffset adds the whole span, cut where the clocks of the location change. It goes from one quarter hour with use to the
// next: a transcript with a wrong date may lie thousands of years ahead.
func (r *usageReader) eachOffset(ctx context.Context) error {
	loc := r.query.Location
	if loc == nil {
		loc = time.UTC
	}
	for from := r.from; from < r.to; {
		next, err := r.nextUsed(ctx, from)
		if err != nil {
			return err
		}
		if from = max(from, next); from >= r.to {
			return nil
		}
		local := time.UnixMilli(from).In(loc)
		_, seconds := local.Zone()
		end := r.to
		if change := pool.ZoneEnd(local); !change.IsZero() {
			end = min(end, change.UnixMilli())
		}
		r.offset = int64(seconds) * 1000
		if err := r.addStretch(ctx, from, end); err != nil {
			return err
		}
		from = end
	}
	return nil
}

// nextUsed returns when the first quarter hour with use begins that does not end before a moment; where there is none, the end of
// the span.
func (r *usageReader) nextUsed(ctx context.Context, from int64) (next int64, err error) {
	err = r.tx.QueryRow(ctx, `SELECT coalesce((SELECT min(quarter) FROM quarters WHERE quarter >= $1) * 900000, $2)`,
		floorDiv(from, quarterMillis), r.to).Scan(&next)
	return next, err
}

// addStretch adds what is in the ledger of from…to, in Unix milliseconds.
func (r *usageReader) addStretch(ctx context.Context, from, to int64) error {
	first, end := ceilDiv(from, quarterMillis), floorDiv(to, quarterMillis) // the whole quarter hours
	if first >= end || r.query.Has(pool.ByConversation, pool.BySession) {
		return r.addDetail(ctx, from, to)
	}
	if err := r.addDetail(ctx, from, first*quarterMillis); err != nil {
		return err
	}
	if err := r.addTotals(ctx, first, end); err != nil {
		return err
	}
	return r.addDetail(ctx, end*quarterMillis, to)
}

// addDetail adds the entries of from…to, and what was pruned in the quarter hours that begin there.
func (r *usageReader) addDetail(ctx context.Context, from, to int64) error {
	if from >= to {
		return nil
	}
	if err := r.add(ctx, detail, from, to, booked); err != nil {
		return err
	}
	first, end := ceilDiv(from, quarterMillis), min(ceilDiv(to, quarterMillis), r.horizon)
	if first >= end {
		return nil
	}
	if err := r.add(ctx, byQuarterAndAll, first, end, pruned); err != nil {
		return err
	}
	return r.add(ctx, detail, first*quarterMillis, end*quarterMillis, notPruned)
}

// addTotals adds whole quarter hours.
func (r *usageReader) addTotals(ctx context.Context, first, end int64) error {
	filtered := r.subscriptions != nil || r.dir.Valid
	if !filtered && !r.query.Has(pool.BySubscription, pool.ByProject, pool.ByTag) {
		return r.add(ctx, byQuarter, first, end, booked)
	}
	const perDay = 96
	firstDay, endDay := ceilDiv(first, perDay), floorDiv(end, perDay)
	localTimes := r.offset != 0 && r.query.Has(pool.ByDay, pool.ByWeek, pool.ByMonth) || r.query.Has(pool.ByHour)
	if localTimes || firstDay >= endDay {
		return r.add(ctx, byQuarterAndAll, first, end, booked)
	}
	if err := r.add(ctx, byQuarterAndAll, first, firstDay*perDay, booked); err != nil {
		return err
	}
	if err := r.add(ctx, byDay, firstDay, endDay, booked); err != nil {
		return err
	}
	return r.add(ctx, byQuarterAndAll, endDay*perDay, end, booked)
}
