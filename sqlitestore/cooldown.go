package sqlitestore

import (
	"context"
	"database/sql"
	"time"

	"claudepool/pool"
)

// SetCooldown implements pool.Store.
func (s *Store) SetCooldown(ctx context.Context, name string, until time.Time) error {
	return s.change(ctx, "cool down "+name, name, func(tx *sql.Tx, id int64) error {
		_, err := tx.ExecContext(ctx, `UPDATE subscriptions SET cooldown_until = ? WHERE id = ?`, millis(pool.Moment(until)), id)
		return err
	})
}

// ClearCooldown implements pool.Store.
func (s *Store) ClearCooldown(ctx context.Context, name string, now time.Time) error {
	return s.change(ctx, "lift the cooldown of "+name, name, func(tx *sql.Tx, id int64) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE subscriptions
			SET cooldown_until = NULL, backoff_until = NULL, throttles = 0, login = '', heard_at = max(ifnull(heard_at, 0), ?)
			WHERE id = ?`, now.UnixMilli(), id)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
			UPDATE windows SET status = '', observed_at = max(observed_at, ?) WHERE subscription_id = ? AND status = ?`,
			now.UnixMilli(), id, pool.StatusRejected)
		return err
	})
}

// ObserveWindows implements pool.Store.
func (s *Store) ObserveWindows(ctx context.Context, name string, windows []pool.Window) error {
	return s.change(ctx, "book windows of "+name, name, func(tx *sql.Tx, id int64) error {
		return s.teller(tx, pool.LatestObserved(windows)).signal(ctx, 0, id, pool.Signal{Windows: windows})
	})
}

// change runs f in a transaction on a subscription of the pool.
func (s *Store) change(ctx context.Context, what, name string, f func(tx *sql.Tx, id int64) error) error {
	return s.write(ctx, what, func(tx *sql.Tx) error {
		id, err := subscriptionID(ctx, tx, name)
		if err != nil {
			return err
		}
		return f(tx, id)
	})
}
