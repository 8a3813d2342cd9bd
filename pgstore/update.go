package pgstore

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"claudepool/pool"
)

// UpdateSubscription implements pool.Store.
func (s *Store) UpdateSubscription(ctx context.Context, name string, change func(*pool.Subscription) error) (pool.Subscription, error) {
	var after pool.Subscription
	err := s.write(ctx, "change subscription "+name, func(tx pgx.Tx) error {
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

func subscriptionNamed(ctx context.Context, tx pgx.Tx, name string) (pool.Subscription, error) {
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
func refuseRename(ctx context.Context, tx pgx.Tx, before, after pool.Subscription) error {
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

// refuseRunning returns pool.ErrInUse while a subscription has running sessions. None is launched meanwhile.
func refuseRunning(ctx context.Context, tx pgx.Tx, id int64) error {
	if err := lockLaunches(ctx, tx); err != nil {
		return err
	}
	var running int
	err := tx.QueryRow(ctx, `
		SELECT count(*) FROM sessions WHERE subscription_id = $1 AND ended_at IS NULL`, id).Scan(&running)
	if err == nil && running > 0 {
		err = fmt.Errorf("%w (running sessions: %d)", pool.ErrInUse, running)
	}
	return err
}

// writeSettings writes all that a subscription can be given, but for its directory. Of another budget nothing has
// been told yet.
func writeSettings(ctx context.Context, tx pgx.Tx, sub pool.Subscription) error {
	_, err := tx.Exec(ctx, `
		UPDATE subscriptions SET
			name = $1, email = $2, tags = $3, max_sessions = $4,
			budget_told = CASE WHEN weekly_budget = $5 THEN budget_told ELSE 0 END, weekly_budget = $6,
			tier = $7, priority = $8, reserve = $9, allow_overage = $10, api = $11, ramp_up = $12,
			env_from = $13, env_command = $14, env = $15, share_base = $16, shared = $17, isolated = $18, origin = $19, enabled = $20
		WHERE id = $21`,
		sub.Name, sub.Email, joinTags(sub.Tags), sub.MaxSessions, sub.WeeklyBudget, sub.WeeklyBudget,
		sub.Tier, sub.Priority, sub.Reserve, sub.AllowOverage, sub.API, sub.RampUp,
		joinEnvFrom(sub.EnvFrom), joinPairs(sub.EnvCommand), joinPairs(sub.Env),
		sub.Sharing.Base, strings.Join(sub.Sharing.Entries, " "), sub.Sharing.Isolated, sub.Origin, sub.Enabled, sub.ID)
	if err != nil {
		return err
	}
	return noteChange(ctx, tx, sub.ID)
}
