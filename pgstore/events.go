package pgstore

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

// insertEvents writes events, but for those whose cause is known. It comes last in a transaction: who writes events
// waits for all that have, so that the numbers, which channels go by, are in the order of the commits.
func insertEvents(ctx context.Context, tx pgx.Tx, events ...pool.Event) error {
	if len(events) == 0 {
		return nil
	}
	if _, err := tx.Exec(ctx, `SELECT `+lockEvents); err != nil {
		return err
	}
	for _, e := range events {
		payload, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("payload of the event %s: %w", e.Cause, err)
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO events (id, cause, kind, subscription_id, at, payload)
			SELECT $1, $2, $3, nullif($4::bigint, 0), $5, $6
			WHERE NOT EXISTS (SELECT 1 FROM events WHERE cause = $2)`,
			e.ID, e.Cause, e.Kind, e.SubscriptionID, e.At.UnixMilli(), string(payload))
		if err != nil {
			return err
		}
	}
	return nil
}

// RecordEvents implements pool.Outbox.
func (s *Store) RecordEvents(ctx context.Context, events ...pool.Event) error {
	if len(events) == 0 {
		return nil
	}
	return s.write(ctx, "record events", func(tx pgx.Tx) error { return insertEvents(ctx, tx, events...) })
}

// Events implements pool.Outbox.
func (s *Store) Events(ctx context.Context, q pool.EventQuery) ([]pool.Event, error) {
	kinds := make([]string, len(q.Kinds))
	for i, kind := range q.Kinds {
		kinds[i] = string(kind)
	}
	var events []pool.Event
	err := each(ctx, s.db, func(rows pgx.Rows) error {
		var e pool.Event
		var payload string
		if err := rows.Scan(&e.Number, &e.SubscriptionID, &e.Cause, &payload); err != nil {
			return err
		}
		events = append(events, e)
		return json.Unmarshal([]byte(payload), &events[len(events)-1])
	}, `
		SELECT number, coalesce(subscription_id, 0), cause, payload FROM events
		WHERE cardinality($1::text[]) = 0 OR kind = ANY ($1)
		ORDER BY number DESC
		LIMIT $2`, kinds, atMost(q.Limit))
	return events, translate("list events", err)
}

// eventBatch is how many events are forgotten in one transaction: others wait for the write lock.
const eventBatch = 500

// PruneEvents implements pool.Outbox.
func (s *Store) PruneEvents(ctx context.Context, limits pool.EventLimits) (gone int64, err error) {
	for {
		var batch int64
		err := s.write(ctx, "forget events", func(tx pgx.Tx) (err error) {
			batch, err = pruneEvents(ctx, tx, limits)
			return err
		})
		if gone += batch; err != nil || batch < eventBatch {
			return gone, err
		}
	}
}

// pruneEvents forgets a batch.
func pruneEvents(ctx context.Context, tx pgx.Tx, limits pool.EventLimits) (int64, error) {
	most := pgtype.Int8{Int64: limits.Most, Valid: limits.Most > 0}
	var numbers []int64
	err := each(ctx, tx, func(rows pgx.Rows) error {
		var number int64
		err := rows.Scan(&number)
		numbers = append(numbers, number)
		return err
	}, `
		SELECT number FROM events
		WHERE (at < $1 OR number <= (SELECT number FROM events WHERE $2::bigint IS NOT NULL ORDER BY number DESC OFFSET $2 LIMIT 1))
			AND (at < $3 OR NOT EXISTS (SELECT 1 FROM deliveries WHERE event = events.number AND state = 'waiting'))
		LIMIT $4`, millis(limits.Before), most, millis(limits.WaitingBefore), eventBatch)
	if err != nil {
		return 0, err
	}
	for _, number := range numbers {
		if _, err := tx.Exec(ctx, `DELETE FROM deliveries WHERE event = $1`, number); err != nil {
			return 0, err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM events WHERE number = $1`, number); err != nil {
			return 0, err
		}
	}
	return int64(len(numbers)), nil
}
