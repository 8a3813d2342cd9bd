package sqlitestore

import (
	"context"
	"database/sql"
	"errors"

	"claudepool/pool"
)

// signal books what was heard of a subscription: windows, a limit that the session met, and what the API
// said of the login. The session or the subscription is 0 where it is not known.
func signal(ctx context.Context, tx *sql.Tx, session, subscriptionID int64, s pool.Signal) error {
	if s.Met != "" && session != 0 {
		if _, err := tx.ExecContext(ctx, `UPDATE sessions SET met = ? WHERE number = ?`, s.Met, session); err != nil {
			return err
		}
	}
	if subscriptionID == 0 {
		return nil
	}
	for _, w := range s.Windows {
		if err := setWindow(ctx, tx, subscriptionID, w); err != nil {
			return err
		}
	}
	return hear(ctx, tx, subscriptionID, s)
}

// setWindow books a window. Of a five-hour window its reset is kept for reports.
func setWindow(ctx context.Context, tx *sql.Tx, subscriptionID int64, seen pool.Window) error {
	seen.ObservedAt, seen.ResetsAt = pool.Moment(seen.ObservedAt), pool.Moment(seen.ResetsAt)
	if seen.Kind == pool.FiveHour && !seen.ResetsAt.IsZero() {
		_, err := tx.ExecContext(ctx, `INSERT INTO resets (subscription_id, resets_at) VALUES (?, ?) ON CONFLICT DO NOTHING`,
			subscriptionID, pool.ResetTime(seen.ResetsAt).UnixMilli())
		if err != nil {
			return err
		}
	}
	known, found, err := windowOf(ctx, tx, subscriptionID, seen.Kind)
	if err != nil {
		return err
	}
	if found {
		seen = seen.Over(known)
	}
	_, err = tx.ExecContext(ctx, `
		INSERT INTO windows (subscription_id, kind, status, utilization, resets_at, observed_at, source)
		VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (subscription_id, kind) DO UPDATE SET
			status = excluded.status, utilization = excluded.utilization, resets_at = excluded.resets_at,
			observed_at = excluded.observed_at, source = excluded.source`,
		subscriptionID, seen.Kind, seen.Status, seen.Utilization, millis(seen.ResetsAt), seen.ObservedAt.UnixMilli(), seen.Source)
	return err
}

func windowOf(ctx context.Context, tx *sql.Tx, subscriptionID int64, kind pool.WindowKind) (w pool.Window, found bool, err error) {
	var resets, observed sql.NullInt64
	err = tx.QueryRowContext(ctx, `
		SELECT kind, status, utilization, resets_at, observed_at, source FROM windows
		WHERE subscription_id = ? AND kind = ?`, subscriptionID, kind,
	).Scan(&w.Kind, &w.Status, &w.Utilization, &resets, &observed, &w.Source)
	if errors.Is(err, sql.ErrNoRows) {
		return w, false, nil
	}
	w.ResetsAt, w.ObservedAt = moment(resets), moment(observed)
	return w, true, err
}

// hear changes the standing by an outcome.
func hear(ctx context.Context, tx *sql.Tx, subscriptionID int64, s pool.Signal) error {
	if s.Outcome == pool.NoOutcome {
		return nil
	}
	var known pool.Standing
	var isAPI bool
	var heard, backoff sql.NullInt64
	err := tx.QueryRowContext(ctx, `
		SELECT api, login, heard_at, throttles, backoff_until FROM subscriptions WHERE id = ?`, subscriptionID,
	).Scan(&isAPI, &known.Login, &heard, &known.Throttles, &backoff)
	if err != nil {
		return err
	}
	known.HeardAt, known.BackoffUntil = moment(heard), moment(backoff)
	now := known.After(s.Outcome, isAPI, s.At)
	if now == known {
		return nil
	}
	_, err = tx.ExecContext(ctx, `
		UPDATE subscriptions SET login = ?, heard_at = ?, throttles = ?, backoff_until = ? WHERE id = ?`,
		now.Login, millis(now.HeardAt), now.Throttles, millis(now.BackoffUntil), subscriptionID)
	return err
}
