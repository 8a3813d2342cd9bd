package sqlitestore

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"claudepool/pool"
)

// Dispatch implements pool.Outbox.
func (s *Store) Dispatch(ctx context.Context, channel string, since time.Time, wants func(pool.Event) bool) error {
	var all bool
	err := s.db.QueryRowContext(ctx, `
		SELECT EXISTS (SELECT 1 FROM channels WHERE name = ? AND shown >= (SELECT ifnull(max(number), 0) FROM events))`,
		channel).Scan(&all)
	if err != nil || all { // no lock where there is nothing new
		return translate("look for new events", err)
	}
	return s.write(ctx, "show the events to channel "+channel, func(tx *sql.Tx) error {
		news, latest, err := notShown(ctx, tx, channel, since)
		if err != nil {
			return err
		}
		for _, e := range news {
			if !wants(e) {
				continue
			}
			if _, err := tx.ExecContext(ctx, `
				INSERT INTO deliveries (channel, event, subscription_id, state, tries, next_at, trouble)
				VALUES (?, ?, ?, 'waiting', 0, 0, '')
				ON CONFLICT (channel, event) DO NOTHING`, channel, e.Number, e.SubscriptionID); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, `
			INSERT INTO channels (name, shown) VALUES (?, ?)
			ON CONFLICT (name) DO UPDATE SET shown = excluded.shown WHERE excluded.shown > shown`, channel, latest)
		return err
	})
}

// notShown returns the events that a channel has not been shown, in their order, and the number of the latest of all.
func notShown(ctx context.Context, tx *sql.Tx, channel string, since time.Time) (news []pool.Event, latest int64, err error) {
	if err := tx.QueryRowContext(ctx, `SELECT ifnull(max(number), 0) FROM events`).Scan(&latest); err != nil {
		return nil, 0, err
	}
	var shown int64
	err = tx.QueryRowContext(ctx, `SELECT shown FROM channels WHERE name = ?`, channel).Scan(&shown)
	query, bound := `
		SELECT number, ifnull(subscription_id, 0), cause, payload FROM events
		WHERE number > ? ORDER BY number`, shown
	if errors.Is(err, sql.ErrNoRows) {
		query, bound, err = `
			SELECT number, ifnull(subscription_id, 0), cause, payload FROM events INDEXED BY events_at
			WHERE at >= ? ORDER BY number`, since.UnixMilli(), nil
	}
	if err != nil {
		return nil, 0, err
	}
	err = each(ctx, tx, func(rows *sql.Rows) error {
		var e pool.Event
		var payload string
		if err := rows.Scan(&e.Number, &e.SubscriptionID, &e.Cause, &payload); err != nil {
			return err
		}
		news = append(news, e)
		return json.Unmarshal([]byte(payload), &news[len(news)-1])
	}, query, bound)
	return news, latest, err
}

const deliveryColumns = `
	d.channel, d.event, d.subscription_id, d.state, d.tries, d.next_at, d.tried_at, d.trouble, e.cause, e.payload`

func scanDelivery(rows *sql.Rows) (d pool.Delivery, err error) {
	var next int64
	var tried sql.NullInt64
	var payload string
	err = rows.Scan(&d.Channel, &d.Event.Number, &d.Event.SubscriptionID, &d.State, &d.Tries, &next, &tried, &d.Trouble,
		&d.Event.Cause, &payload)
	if err != nil {
		return d, err
	}
	d.NextAt, d.TriedAt = moment(sql.NullInt64{Int64: next, Valid: next != 0}), moment(tried)
	return d, json.Unmarshal([]byte(payload), &d.Event)
}

// NextDeliveries implements pool.Outbox. It steps from subscription to subscription, so that what waits behind the
// first of each costs nothing.
func (s *Store) NextDeliveries(ctx context.Context, channel string, now time.Time, limit int) ([]pool.Delivery, error) {
	var due []pool.Delivery
	err := each(ctx, s.db, func(rows *sql.Rows) error {
		d, err := scanDelivery(rows)
		due = append(due, d)
		return err
	}, `
		WITH RECURSIVE queues (subscription_id) AS (
			SELECT min(subscription_id) FROM deliveries WHERE state = 'waiting' AND channel = ?1
			UNION ALL
			SELECT (
				SELECT min(d.subscription_id) FROM deliveries d
				WHERE d.state = 'waiting' AND d.channel = ?1 AND d.subscription_id > queues.subscription_id
			) FROM queues WHERE queues.subscription_id IS NOT NULL
		)
		SELECT `+deliveryColumns+`
		FROM queues
		CROSS JOIN deliveries d ON d.channel = ?1 AND d.event = (
			SELECT min(first.event) FROM deliveries first
			WHERE first.state = 'waiting' AND first.channel = ?1 AND first.subscription_id = queues.subscription_id
		)
		CROSS JOIN events e ON e.number = d.event
		WHERE d.next_at <= ?2 OR d.next_at > ?3
		ORDER BY d.event
		LIMIT ?4`, channel, now.UnixMilli(), now.Add(pool.FurthestTry).UnixMilli(), cmp.Or(limit, -1))
	return due, translate("look for what is to be delivered", err)
}

// NoteTry implements pool.Outbox.
func (s *Store) NoteTry(ctx context.Context, channel string, event int64, try pool.Try) error {
	var next int64
	if !try.NextAt.IsZero() {
		next = try.NextAt.UnixMilli()
	}
	return s.write(ctx, "note a delivery", func(tx *sql.Tx) error {
		if try.Uncounted {
			_, err := tx.ExecContext(ctx, `
				UPDATE deliveries SET state = ?, next_at = ? WHERE channel = ? AND event = ? AND state = 'waiting'`,
				try.State, next, channel, event)
			return err
		}
		_, err := tx.ExecContext(ctx, `
			UPDATE deliveries SET state = ?, next_at = ?, tries = tries + 1, tried_at = ?, trouble = ?
			WHERE channel = ? AND event = ? AND state = 'waiting'`,
			try.State, next, try.At.UnixMilli(), try.Trouble, channel, event)
		return err
	})
}
