package sqlitestore

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"claudepool/pool"
)

// insertEvents writes events, but for those whose cause is known. It looks for the cause first: where the index finds it,
// a number is used up.
func insertEvents(ctx context.Context, tx *sql.Tx, events ...pool.Event) error {
	for _, e := range events {
		payload, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("payload of the event %s: %w", e.Cause, err)
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO events (id, cause, kind, subscription_id, at, payload)
			SELECT ?1, ?2, ?3, nullif(?4, 0), ?5, ?6
			WHERE NOT EXISTS (SELECT 1 FROM events WHERE cause = ?2)`,
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
	return s.write(ctx, "record events", func(tx *sql.Tx) error { return insertEvents(ctx, tx, events...) })
}

// Events implements pool.Outbox.
func (s *Store) Events(ctx context.Context, q pool.EventQuery) ([]pool.Event, error) {
	kinds := make([]string, len(q.Kinds))
	for i, kind := range q.Kinds {
		kinds[i] = string(kind)
	}
	var events []pool.Event
	err := each(ctx, s.db, func(rows *sql.Rows) error {
		var e pool.Event
		var payload string
		if err := rows.Scan(&e.Number, &e.SubscriptionID, &e.Cause, &payload); err != nil {
			return err
		}
		events = append(events, e)
		return json.Unmarshal([]byte(payload), &events[len(events)-1])
	}, `
		SELECT number, ifnull(subscription_id, 0), cause, payload FROM events
		WHERE ?1 = '' OR instr(?1, ' ' || kind || ' ') > 0
		ORDER BY number DESC
		LIMIT ?2`, spaced(kinds), cmp.Or(q.Limit, -1))
	return events, translate("list events", err)
}

// spaced writes words with a space around each, "" for none.
func spaced(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return " " + strings.Join(words, " ") + " "
}

// eventBatch is how many events are forgotten in one transaction: others wait for the write lock.
const eventBatch = 500

// PruneEvents implements pool.Outbox.
func (s *Store) PruneEvents(ctx context.Context, limits pool.EventLimits) (gone int64, err error) {
	for {
		var batch int64
		err := s.write(ctx, "forget events", func(tx *sql.Tx) (err error) {
			batch, err = pruneEvents(ctx, tx, limits)
			return err
		})
		if gone += batch; err != nil || batch < eventBatch {
			return gone, err
		}
	}
}

// pruneEvents forgets a batch. Numbers have gaps only where events were forgotten, so they count how many there are.
func pruneEvents(ctx context.Context, tx *sql.Tx, limits pool.EventLimits) (int64, error) {
	most := sql.NullInt64{Int64: limits.Most, Valid: limits.Most > 0}
	var numbers []int64
	err := each(ctx, tx, func(rows *sql.Rows) error {
		var number int64
		err := rows.Scan(&number)
		numbers = append(numbers, number)
		return err
	}, `
		SELECT number FROM events
		WHERE (at < ?1 OR number <= (SELECT max(number) FROM events) - ?2)
			AND (at < ?3 OR NOT EXISTS (SELECT 1 FROM deliveries WHERE event = events.number AND state = 'waiting'))
		LIMIT ?4`, millis(limits.Before), most, millis(limits.WaitingBefore), eventBatch)
	if err != nil {
		return 0, err
	}
	for _, number := range numbers {
		if _, err := tx.ExecContext(ctx, `DELETE FROM deliveries WHERE event = ?`, number); err != nil {
			return 0, err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM events WHERE number = ?`, number); err != nil {
			return 0, err
		}
	}
	return int64(len(numbers)), nil
}
