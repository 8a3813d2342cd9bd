package pgstore

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

// signal books what was heard of a subscription: windows, a limit that the session met, and what the API
// said of the login, and tells of it. The session or the subscription is 0 where it is not known.
func (t teller) signal(ctx context.Context, session, subscriptionID int64, s pool.Signal) error {
	if s.Met != "" && session != 0 {
		if _, err := t.tx.Exec(ctx, `UPDATE sessions SET met = $1 WHERE number = $2`, s.Met, session); err != nil {
			return err
		}
	}
	if subscriptionID == 0 || len(s.Windows) == 0 && s.Outcome == pool.NoOutcome {
		return nil
	}
	c, err := concernedBy(ctx, t.tx, subscriptionID)
	if err != nil {
		return err
	}
	if err := noteChange(ctx, t.tx, subscriptionID); err != nil {
		return err
	}
	for _, w := range s.Windows {
		if err := setWindow(ctx, t.tx, subscriptionID, w); err != nil {
			return err
		}
	}
	if err := t.windows(ctx, c, s.Windows); err != nil {
		return err
	}
	return t.hear(ctx, c, s)
}

// setWindow books a window. Of a five-hour window its reset is kept for reports.
func setWindow(ctx context.Context, tx pgx.Tx, subscriptionID int64, seen pool.Window) error {
	seen = seen.Bounded()
	if seen.Kind == pool.FiveHour && !seen.ResetsAt.IsZero() {
		_, err := tx.Exec(ctx, `INSERT INTO resets (subscription_id, resets_at) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
			subscriptionID, pool.ResetTime(seen.ResetsAt).UnixMilli())
		if err != nil {
			return err
		}
	}
	known, found, err := windowOf(ctx, tx, subscriptionID, seen.Kind)
	if err != nil {
		return err
	}
	if seen.Since = seen.ObservedAt; found {
		seen = seen.Over(known)
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO windows (subscription_id, kind, status, utilization, resets_at, observed_at, source, since, told)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (subscription_id, kind) DO UPDATE SET
			status = excluded.status, utilization = excluded.utilization, resets_at = excluded.resets_at,
			observed_at = excluded.observed_at, source = excluded.source, since = excluded.since, told = excluded.told`,
		subscriptionID, seen.Kind, seen.Status, seen.Utilization, millis(seen.ResetsAt), seen.ObservedAt.UnixMilli(), seen.Source,
		seen.Since.UnixMilli(), seen.Told)
	return err
}

func windowOf(ctx context.Context, tx pgx.Tx, subscriptionID int64, kind pool.WindowKind) (w pool.Window, found bool, err error) {
	windows, err := queryWindows(ctx, tx, windowColumns+` WHERE subscription_id = $1 AND kind = $2`, subscriptionID, kind)
	if err != nil || len(windows) == 0 {
		return w, false, err
	}
	return windows[0], true, nil
}

// windowsOf returns the windows of a subscription, by kind.
func windowsOf(ctx context.Context, tx pgx.Tx, subscriptionID int64) ([]pool.Window, error) {
	return queryWindows(ctx, tx, windowColumns+` WHERE subscription_id = $1 ORDER BY kind`, subscriptionID)
}

const windowColumns = `SELECT kind, status, utilization, resets_at, observed_at, source, since, told FROM windows`

func queryWindows(ctx context.Context, q querier, query string, args ...any) (windows []pool.Window, err error) {
	err = each(ctx, q, func(rows pgx.Rows) error {
		var w pool.Window
		var resets, observed, since pgtype.Int8
		err := rows.Scan(&w.Kind, &w.Status, &w.Utilization, &resets, &observed, &w.Source, &since, &w.Told)
		w.ResetsAt, w.ObservedAt, w.Since = moment(resets), moment(observed), moment(since)
		windows = append(windows, w)
		return err
	}, query, args...)
	return windows, err
}

// hear changes the standing by an outcome.
func (t teller) hear(ctx context.Context, c concerned, s pool.Signal) error {
	after := c.standing.After(s.Outcome, c.API, s.At)
	if after == c.standing {
		return nil
	}
	_, err := t.tx.Exec(ctx, `
		UPDATE subscriptions SET login = $1, heard_at = $2, throttles = $3, backoff_until = $4 WHERE id = $5`,
		after.Login, millis(after.HeardAt), after.Throttles, millis(after.BackoffUntil), c.ID)
	if err != nil || c.removed {
		return err
	}
	return insertEvents(ctx, t.tx, after.Alert(c.standing, c.Subscription, t.now)...)
}
