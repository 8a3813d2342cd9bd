package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"claudepool/pool"
)

// UpdateSubscription implements pool.Store.
func (s *Store) UpdateSubscription(ctx context.Context, name string, change func(*pool.Subscription) error) (pool.Subscription, error) {
	var after pool.Subscription
	err := s.write(ctx, "change subscription "+name, func(tx *sql.Tx) error {
		before, err := subscriptionNamed(ctx, tx, name)
		if err != nil {
			return err
		}
		if after, err = before.Changed(change); err != nil {
			return err
		}
		if err := refuseRename(ctx, tx, before, after); err != nil {
			return err
		}
		return writeSettings(ctx, tx, after)
	})
	if err != nil {
		return pool.Subscription{}, err
	}
	return after, nil
}

func subscriptionNamed(ctx context.Context, tx *sql.Tx, name string) (pool.Subscription, error) {
	candidates, err := subscriptions(ctx, tx)
	if err != nil {
		return pool.Subscription{}, err
	}
	for _, c := range candidates {
		if c.Subscription.Name == name {
			return c.Subscription, nil
		}
	}
	return pool.Subscription{}, pool.ErrNotFound
}

// refuseRename refuses a name that another one has, and any while sessions run.
func refuseRename(ctx context.Context, tx *sql.Tx, before, after pool.Subscription) error {
	if before.Name == after.Name {
		return nil
	}
	_, err := subscriptionID(ctx, tx, after.Name)
	switch {
	case err == nil:
		return fmt.Errorf("%s: %w", after.Name, pool.ErrNameTaken)
	case !errors.Is(err, pool.ErrNotFound):
		return err
	}
	return refuseRunning(ctx, tx, before.ID)
}

// refuseRunning returns pool.ErrInUse while a subscription has running sessions.
func refuseRunning(ctx context.Context, tx *sql.Tx, id int64) error {
	var running int
	err := tx.QueryRowContext(ctx, `
		SELECT count(*) FROM sessions WHERE subscription_id = ? AND ended_at IS NULL`, id).Scan(&running)
	if err == nil && running > 0 {
		err = fmt.Errorf("%w (running sessions: %d)", pool.ErrInUse, running)
	}
	return err
}

// writeSettings writes all that a subscription can be given, but for its directory. Of another budget nothing has
// been told yet.
func writeSettings(ctx context.Context, tx *sql.Tx, sub pool.Subscription) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE subscriptions SET
			name = ?, email = ?, tags = ?, max_sessions = ?,
			budget_told = iif(weekly_budget = ?, budget_told, 0), weekly_budget = ?,
			tier = ?, priority = ?, reserve = ?, allow_overage = ?, api = ?, ramp_up = ?,
			env_from = ?, env_command = ?, env = ?, share_base = ?, shared = ?, isolated = ?, origin = ?, enabled = ?
		WHERE id = ?`,
		sub.Name, sub.Email, joinTags(sub.Tags), sub.MaxSessions, sub.WeeklyBudget, sub.WeeklyBudget,
		sub.Tier, sub.Priority, sub.Reserve, sub.AllowOverage, sub.API, sub.RampUp,
		joinEnvFrom(sub.EnvFrom), joinPairs(sub.EnvCommand), joinPairs(sub.Env),
		sub.Sharing.Base, strings.Join(sub.Sharing.Entries, " "), sub.Sharing.Isolated, sub.Origin, sub.Enabled, sub.ID)
	return err
}
