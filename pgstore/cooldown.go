package pgstore

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"claudepool/pool"
)

// SetCooldown implements pool.Store.
func (s *Store) SetCooldown(ctx context.Context, name string, until time.Time) error {
	return s.change(ctx, "cool down "+name, name, func(tx pgx.Tx, id int64) error {
		_, err := tx.Exec(ctx, `UPDATE subscriptions SET cooldown_until = $1 WHERE id = $2`, millis(pool.Moment(until)), id)
		return err
	})
}

// ClearCooldown implements pool.Store.
func (s *Store) ClearCooldown(ctx context.Context, name string, now time.Time) error {
	return s.change(ctx, "lift the cooldown of "+name, name, func(tx pgx.Tx, id int64) error {
		_, err := tx.Exec(ctx, `
			UPDATE subscriptions
			SET cooldown_until = NULL, backoff_until = NULL, throttles = 0, login = '', heard_at = greatest(coalesce(heard_at, 0), $1)
			WHERE id = $2`, now.UnixMilli(), id)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `
			UPDATE windows SET status = '', observed_at = greatest(observed_at, $1) WHERE subscription_id = $2 AND status = $3`,
			now.UnixMilli(), id, pool.StatusRejected)
		return err
	})
}

// ObserveWindows implements pool.Store.
func (s *Store) ObserveWindows(ctx context.Context, name string, windows []pool.Window) error {
	return s.change(ctx, "book windows of "+name, name, func(tx pgx.Tx, id int64) error {
		return s.teller(tx, pool.LatestObserved(windows)).signal(ctx, 0, id, pool.Signal{Windows: windows})
	})
}

// change runs f in a transaction on a subscription of the pool.
func (s *Store) change(ctx context.Context, what, name string, f func(tx pgx.Tx, id int64) error) error {
	return s.write(ctx, what, func(tx pgx.Tx) error {
		id, err := subscriptionID(ctx, tx, name)
		if err != nil {
			return err
		}
		if err := f(tx, id); err != nil {
			return err
		}
		return noteChange(ctx, tx, id)
	})
}
