package sqlitestore

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"claudepool/pool"
)

// Usage implements pool.Store. It adds up the totals of whole quarter hours, and the entries themselves
// of the quarter hours that the query begins or ends in.
func (s *Store) Usage(ctx context.Context, q pool.UsageQuery) ([]pool.UsageRow, error) {
	sum := pool.NewUsageSum(q)
	err := s.read(ctx, "sum the ledger", func(tx *sql.Tx) error {
		names, err := subscriptionNames(ctx, tx)
		if err != nil {
			return err
		}
		from, to, err := span(ctx, tx, q)
		if err != nil {
			return err
		}
		r := usageReader{tx: tx, by: q.By, names: names, sum: sum}
		return eachOffset(from, to, q.Location, func(from, to time.Time, offset time.Duration) error {
			r.offset = offset
			return r.addStretch(ctx, from.UnixMilli(), to.UnixMilli())
		})
	})
	if err != nil {
		return nil, err
	}
	return sum.Rows(), nil
}

// subscriptionNames are the names by id, of removed subscriptions too.
func subscriptionNames(ctx context.Context, q querier) (map[int64]string, error) {
	names := map[int64]string{}
	err := each(ctx, q, func(rows *sql.Rows) error {
		var id int64
		var name string
		err := rows.Scan(&id, &name)
		names[id] = name
		return err
	}, `SELECT id, name FROM subscriptions`)
	return names, err
}

// span puts the ends of the ledger in the place of the bounds that the query leaves open.
func span(ctx context.Context, q querier, query pool.UsageQuery) (from, to time.Time, err error) {
	var first, last int64
	err = q.QueryRowContext(ctx, `
		SELECT ifnull((SELECT min(quarter) FROM totals), 0), ifnull((SELECT max(quarter) FROM totals), 0)`,
	).Scan(&first, &last)
	from, to = query.Since, query.Until
	if from.IsZero() {
		from = time.UnixMilli(first * quarter.Milliseconds())
	}
	if to.IsZero() {
		to = time.UnixMilli((last + 1) * quarter.Milliseconds())
	}
	return from, to, err
}

// eachOffset cuts from…to where the clocks of the location change.
func eachOffset(from, to time.Time, loc *time.Location, f func(from, to time.Time, offset time.Duration) error) error {
	if loc == nil {
		loc = time.UTC
	}
	for from.Before(to) {
		_, seconds := from.In(loc).Zone()
		_, end := from.In(loc).ZoneBounds()
		if end.IsZero() || end.After(to) {
			end = to
		}
		if err := f(from, end, time.Duration(seconds)*time.Second); err != nil {
			return err
		}
		from = end
	}
	return nil
}

type usageReader struct {
	tx     *sql.Tx
	by     []pool.Dimension
	names  map[int64]string
	sum    *pool.UsageSum
	offset time.Duration // of local time, ahead of UTC
}

// addStretch adds what is in the ledger of from…to, in Unix milliseconds.
func (r usageReader) addStretch(ctx context.Context, from, to int64) error {
	length := quarter.Milliseconds()
	first, end := -floorDiv(-from, length), floorDiv(to, length) // the whole quarter hours
	if first >= end {
		return r.addEntries(ctx, from, to)
	}
	if err := r.addEntries(ctx, from, first*length); err != nil {
		return err
	}
	if err := r.addTotals(ctx, first, end); err != nil {
		return err
	}
	return r.addEntries(ctx, end*length, to)
}

func (r usageReader) addTotals(ctx context.Context, first, end int64) error {
	return r.add(ctx, `
		SELECT
			CASE WHEN ?1 THEN subscription_id END,
			CASE WHEN ?2 THEN model END,
			CASE WHEN ?3 THEN (quarter * 900000 + ?5) / 86400000 END,
			CASE WHEN ?4 THEN project END,
			sum(messages), sum(input), sum(output), sum(cache_creation), sum(cache_creation_1h), sum(cache_read),
			sum(cost), sum(cost_unknown)
		FROM totals
		WHERE quarter >= ?6 AND quarter < ?7
		GROUP BY 1, 2, 3, 4`, first, end)
}

func (r usageReader) addEntries(ctx context.Context, from, to int64) error {
	if from >= to {
		return nil
	}
	return r.add(ctx, `
		SELECT
			CASE WHEN ?1 THEN ifnull(subscription_id, 0) END,
			CASE WHEN ?2 THEN model END,
			CASE WHEN ?3 THEN (at + ?5) / 86400000 END,
			CASE WHEN ?4 THEN cwd END,
			sum(messages), sum(input), sum(output), sum(cache_creation), sum(cache_creation_1h), sum(cache_read),
			ifnull(sum(cost), 0), sum(cost IS NULL)
		FROM entries JOIN sessions ON sessions.number = entries.session
		WHERE at >= ?6 AND at < ?7
		GROUP BY 1, 2, 3, 4`, from, to)
}

// add runs one of the two queries above and adds its rows to the sum.
func (r usageReader) add(ctx context.Context, query string, from, to int64) error {
	by := func(d pool.Dimension) bool { return slices.Contains(r.by, d) }
	return each(ctx, r.tx, func(rows *sql.Rows) error {
		var subscriptionID, day sql.NullInt64
		var model, project sql.NullString
		var u pool.Usage
		err := rows.Scan(append([]any{&subscriptionID, &model, &day, &project}, figures(&u)...)...)
		r.sum.Add(pool.UsageKey{
			Subscription: r.names[subscriptionID.Int64],
			Model:        model.String,
			Day:          day.Int64,
			Project:      project.String,
		}, u)
		return err
	}, query, by(pool.BySubscription), by(pool.ByModel), by(pool.ByDay), by(pool.ByProject),
		r.offset.Milliseconds(), from, to)
}
