package pgstore

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

// Candidates implements pool.Store.
func (s *Store) Candidates(ctx context.Context, now time.Time) (candidates []pool.Candidate, err error) {
	err = s.read(ctx, "read the pool's state", func(tx pgx.Tx) error {
		candidates, err = loadCandidates(ctx, tx, now)
		return err
	})
	return candidates, err
}

// loadCandidates reads, by name, every subscription with its state. No query touches the history: the
// week is kept summed up, and what runs has an index of its own.
func loadCandidates(ctx context.Context, tx pgx.Tx, now time.Time) ([]pool.Candidate, error) {
	k := newKnown(now)
	err := k.renew(ctx, tx, now, nil)
	return k.candidates(), err
}

// runningBySubscription counts what runs.
const runningBySubscription = `
	SELECT subscription_id, count(*) FROM sessions
	WHERE ended_at IS NULL AND subscription_id IS NOT NULL
	GROUP BY subscription_id`

func loadWeeks(b *batch, byID map[int64]*pool.Candidate, ids []int64, now time.Time) {
	b.each(func(rows pgx.Rows) error {
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
		WHERE day = $1 AND subscription_id = ANY ($2)`, pool.UTCDay(now), ids)
}

// loadHours reads what was used since the quarter hour before the last hour began.
func loadHours(b *batch, byID map[int64]*pool.Candidate, ids []int64, now time.Time) {
	last := quarterOf(now)
	b.each(func(rows pgx.Rows) error {
		var id int64
		var cost pool.NanoUSD
		err := rows.Scan(&id, &cost)
		if c := byID[id]; c != nil {
			c.HourCost = cost
		}
		return err
	}, `
		SELECT subscription_id, sum(cost)::bigint FROM totals
		WHERE quarter BETWEEN $1 AND $2 AND subscription_id = ANY ($3)
		GROUP BY subscription_id`, last-int64(time.Hour/quarter), last, ids)
}

func loadWindows(b *batch, byID map[int64]*pool.Candidate, ids []int64) {
	b.each(func(rows pgx.Rows) error {
		var id int64
		var w pool.Window
		var resets, observed pgtype.Int8
		err := rows.Scan(&id, &w.Kind, &w.Status, &w.Utilization, &resets, &observed, &w.Source)
		w.ResetsAt, w.ObservedAt = moment(resets), moment(observed)
		if c := byID[id]; c != nil {
			c.Windows = append(c.Windows, w)
		}
		return err
	}, `
		SELECT subscription_id, kind, status, utilization, resets_at, observed_at, source
		FROM windows
		WHERE subscription_id = ANY ($1)
		ORDER BY subscription_id, kind`, ids)
}

// figures are the scan targets of a row's sums, in the order of their columns.
func figures(u *pool.Usage) []any {
	t := &u.Tokens
	return []any{
		&u.Messages, &t.Input, &t.Output, &t.CacheCreation, &t.CacheCreation1h, &t.CacheRead, &u.Cost, &u.CostEstimated, &u.CostUnknown,
	}
}
