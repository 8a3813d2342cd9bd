package pgstore

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

// Dispatch implements pool.Outbox.
func (s *Store) Dispatch(ctx context.Context, channel string, since time.Time, wants func(pool.Event) bool) error {
	var all bool
	err := s.db.QueryRow(ctx, `
		SELECT EXISTS (SELECT 1 FROM channels WHERE name = $1 AND shown >= (SELECT coalesce(max(number), 0) FROM events))`,
		channel).Scan(&all)
	if err != nil || all { // no lock where there is nothing new
		return translate("look for new events", err)
	}
	return s.write(ctx, "show the events to channel "+channel, func(tx pgx.Tx) error {
		news, latest, err := notShown(ctx, tx, channel, since)
		if err != nil {
			return err
		}
		for _, e := range news {
			if !wants(e) {
				continue
			}
			if _, err := tx.Exec(ctx, `
				INSERT INTO deliveries (channel, event, subscription_id, state, tries, next_at, trouble)
				VALUES ($1, $2, $3, 'waiting', 0, 0, '')
				ON CONFLICT (channel, event) DO NOTHING`, channel, e.Number, e.SubscriptionID); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `
			INSERT INTO channels (name, shown) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET shown = excluded.shown WHERE excluded.shown > channels.shown`, channel, latest)
		return err
	})
}

// notShown returns the events that a channel has not been shown, in their order, and the number of the latest of all.
func notShown(ctx context.Context, tx pgx.Tx, channel string, since time.Time) (news []pool.Event, latest int64, err error) {
	if err := tx.QueryRow(ctx, `SELECT coalesce(max(number), 0) FROM events`).Scan(&latest); err != nil {
		return nil, 0, err
	}
	var shown int64
	err = tx.QueryRow(ctx, `SELECT shown FROM channels WHERE name = $1`, channel).Scan(&shown)
	query, bound := `
		SELECT number, coalesce(subscription_id, 0), cause, payload FROM events
		WHERE number > $1 ORDER BY number`, shown
	if errors.Is(err, pgx.ErrNoRows) {
		query, bound, err = `
			SELECT number, coalesce(subscription_id, 0), cause, payload FROM events
			WHERE at >= $1 ORDER BY number`, since.UnixMilli(), nil
	}
	if err != nil {
		return nil, 0, err
	}
	err = each(ctx, tx, func(rows pgx.Rows) error {
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

func scanDelivery(rows pgx.Rows) (d pool.Delivery, err error) {
	var next int64
	var tried pgtype.Int8
	var payload string
	err = rows.Scan(&d.Channel, &d.Event.Number, &d.Event.SubscriptionID, &d.State, &d.Tries, &next, &tried, &d.Trouble,
		&d.Event.Cause, &payload)
	if err != nil {
		return d, err
	}
	d.NextAt, d.TriedAt = moment(pgtype.Int8{Int64: next, Valid: next != 0}), moment(tried)
	return d, json.Unmarshal([]byte(payload), &d.Event)
}

// NextDeliveries implements pool.Outbox. It steps from subscription to subscription, so that what waits behind the
// first of each costs nothing.
func (s *Store) NextDeliveries(ctx context.Context, channel string, now time.Time, limit int) ([]pool.Delivery, error) {
	var due []pool.Delivery
	err := each(ctx, s.db, func(rows pgx.Rows) error {
		d, err := scanDelivery(rows)
		due = append(due, d)
		return err
	}, `
		WITH RECURSIVE queues (subscription_id) AS (
			SELECT min(subscription_id) FROM deliveries WHERE state = 'waiting' AND channel = $1
			UNION ALL
			SELECT (
				SELECT min(d.subscription_id) FROM deliveries d
				WHERE d.state = 'waiting' AND d.channel = $1 AND d.subscription_id > queues.subscription_id
			) FROM queues WHERE queues.subscription_id IS NOT NULL
		)
		SELECT `+deliveryColumns+`
		FROM queues
		JOIN deliveries d ON d.channel = $1 AND d.event = (
			SELECT min(first.event) FROM deliveries first
			WHERE first.state = 'waiting' AND first.channel = $1 AND first.subscription_id = queues.subscription_id
		)
		JOIN events e ON e.number = d.event
		WHERE d.next_at <= $2 OR d.next_at > $3
		ORDER BY d.event
		LIMIT $4`, channel, now.UnixMilli(), now.Add(pool.FurthestTry).UnixMilli(), atMost(limit))
	return due, translate("look for what is to be delivered", err)
}

// NoteTry implements pool.Outbox.
func (s *Store) NoteTry(ctx context.Context, channel string, event int64, try pool.Try) error {
	var next int64
	if !try.NextAt.IsZero() {
		next = try.NextAt.UnixMilli()
	}
	return s.write(ctx, "note a delivery", func(tx pgx.Tx) error {
		if try.Uncounted {
			_, err := tx.Exec(ctx, `
				UPDATE deliveries SET state = $1, next_at = $2 WHERE channel = $3 AND event = $4 AND state = 'waiting'`,
				try.State, next, channel, event)
			return err
		}
		_, err := tx.Exec(ctx, `
			UPDATE deliveries SET state = $1, next_at = $2, tries = tries + 1, tried_at = $3, trouble = $4
			WHERE channel = $5 AND event = $6 AND state = 'waiting'`,
			try.State, next, try.At.UnixMilli(), try.Trouble, channel, event)
		return err
	})
}
