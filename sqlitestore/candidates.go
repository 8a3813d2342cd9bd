package sqlitestore

import (
	"context"
	"database/sql"
	"time"

	"claudepool/pool"
)

// Candidates implements pool.Store.
func (s *Store) Candidates(ctx context.Context, now time.Time) ([]pool.Candidate, error) {
	var candidates []pool.Candidate
	err := s.read(ctx, "read the pool's state", func(tx *sql.Tx) (err error) {
		candidates, err = loadCandidates(ctx, tx, now)
		return err
	})
	return candidates, err
}

// loadCandidates reads, by name, every subscription with its state. No query touches the history: the
// week is kept summed up, and what runs has an index of its own.
func loadCandidates(ctx context.Context, q querier, now time.Time) ([]pool.Candidate, error) {
	candidates, err := subscriptions(ctx, q)
	if err != nil {
		return nil, err
	}
	byID := make(map[int64]*pool.Candidate, len(candidates))
	for i := range candidates {
		byID[candidates[i].Subscription.ID] = &candidates[i]
	}
	for _, load := range []func() error{
		func() error { return loadRunning(ctx, q, byID) },
		func() error { return loadWeeks(ctx, q, byID, now) },
		func() error { return loadHours(ctx, q, byID, now) },
		func() error { return loadWindows(ctx, q, byID) },
	} {
		if err := load(); err != nil {
			return nil, err
		}
	}
	return candidates, nil
}

func loadRunning(ctx context.Context, q querier, byID map[int64]*pool.Candidate) error {
	return each(ctx, q, func(rows *sql.Rows) error {
		var id int64
		var running int
		err := rows.Scan(&id, &running)
		if c := byID[id]; c != nil {
			c.Running = running
		}
		return err
	}, `
		SELECT subscription_id, count(*) FROM sessions
		WHERE ended_at IS NULL AND subscription_id IS NOT NULL
		GROUP BY subscription_id`)
}

func loadWeeks(ctx context.Context, q querier, byID map[int64]*pool.Candidate, now time.Time) error {
	return each(ctx, q, func(rows *sql.Rows) error {
		var id int64
		var u pool.Usage
		err := rows.Scan(append([]any{&id}, figures(&u)...)...)
		if c := byID[id]; c != nil {
			c.Week = u
		}
		return err
	}, `
		SELECT subscription_id,
			messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated, cost_unknown
		FROM weeks
		WHERE day = ?`, pool.UTCDay(now))
}

// loadHours reads what was used since the quarter hour before the last hour began.
func loadHours(ctx context.Context, q querier, byID map[int64]*pool.Candidate, now time.Time) error {
	last := now.UnixMilli() / quarter.Milliseconds()
	return each(ctx, q, func(rows *sql.Rows) error {
		var id int64
		var cost pool.NanoUSD
		err := rows.Scan(&id, &cost)
		if c := byID[id]; c != nil {
			c.HourCost = cost
		}
		return err
	}, `
		SELECT subscription_id, sum(cost) FROM totals
		WHERE quarter BETWEEN ? AND ?
		GROUP BY subscription_id`, last-int64(time.Hour/quarter), last)
}

func loadWindows(ctx context.Context, q querier, byID map[int64]*pool.Candidate) error {
	return each(ctx, q, func(rows *sql.Rows) error {
		var id int64
		var w pool.Window
		var resets, observed sql.NullInt64
		err := rows.Scan(&id, &w.Kind, &w.Status, &w.Utilization, &resets, &observed, &w.Source)
		w.ResetsAt, w.ObservedAt = moment(resets), moment(observed)
		if c := byID[id]; c != nil {
			c.Windows = append(c.Windows, w)
		}
		return err
	}, `
		SELECT subscription_id, kind, status, utilization, resets_at, observed_at, source
		FROM windows
		ORDER BY subscription_id, kind`)
}

// figures are the scan targets of a row's sums, in the order of their columns.
func figures(u *pool.Usage) []any {
	t := &u.Tokens
	return []any{
		&u.Messages, &t.Input, &t.Output, &t.CacheCreation, &t.CacheCreation1h, &t.CacheRead, &u.Cost, &u.CostEstimated, &u.CostUnknown,
	}
}
