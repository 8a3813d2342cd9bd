package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"claudepool/pool"
)

// AddSubscription implements pool.Store.
func (s *Store) AddSubscription(ctx context.Context, sub pool.Subscription) (pool.Subscription, error) {
	if err := sub.Check(); err != nil {
		return pool.Subscription{}, err
	}
	sub = sub.Normal()
	err := s.write(ctx, "add subscription "+sub.Name, func(tx *sql.Tx) error {
		if err := refuseTaken(ctx, tx, sub); err != nil {
			return err
		}
		var err error
		sub.ID, err = insertSubscription(ctx, tx, sub, sql.NullInt64{})
		return err
	})
	if err != nil {
		return pool.Subscription{}, err
	}
	return sub, nil
}

// insertSubscription adds a subscription and returns its id; with a time for one that was removed then.
func insertSubscription(ctx context.Context, tx *sql.Tx, sub pool.Subscription, removedAt sql.NullInt64) (id int64, err error) {
	err = tx.QueryRowContext(ctx, `
		INSERT INTO subscriptions
			(name, config_dir, email, tags, max_sessions, weekly_budget,
			tier, priority, reserve, allow_overage, api, ramp_up, env_from, env_command, env, share_base, shared,
			isolated, origin, enabled, created_at, removed_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		RETURNING id`,
		sub.Name, sub.ConfigDir, sub.Email, joinTags(sub.Tags), sub.MaxSessions, sub.WeeklyBudget,
		sub.Tier, sub.Priority, sub.Reserve, sub.AllowOverage, sub.API, sub.RampUp,
		joinEnvFrom(sub.EnvFrom), joinPairs(sub.EnvCommand), joinPairs(sub.Env),
		sub.Sharing.Base, strings.Join(sub.Sharing.Entries, " "), sub.Sharing.Isolated, sub.Origin, sub.Enabled, sub.CreatedAt.UnixMilli(),
		removedAt,
	).Scan(&id)
	return id, err
}

// refuseTaken says which of name and directory is taken. The unique indexes hold the same, without words.
func refuseTaken(ctx context.Context, tx *sql.Tx, sub pool.Subscription) error {
	var name string
	err := tx.QueryRowContext(ctx, `
		SELECT name FROM subscriptions
		WHERE removed_at IS NULL AND (name = ?1 OR config_dir = ?2)
		ORDER BY name <> ?1
		LIMIT 1`, sub.Name, sub.ConfigDir).Scan(&name)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	case name == sub.Name:
		return pool.ErrNameTaken
	default:
		return fmt.Errorf("%w by %s", pool.ErrDirTaken, name)
	}
}

// RemoveSubscription implements pool.Store.
func (s *Store) RemoveSubscription(ctx context.Context, name string, now time.Time) error {
	return s.write(ctx, "remove subscription "+name, func(tx *sql.Tx) error {
		id, err := subscriptionID(ctx, tx, name)
		if err != nil {
			return err
		}
		if err := refuseRunning(ctx, tx, id); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE subscriptions SET removed_at = ? WHERE id = ?`, now.UnixMilli(), id)
		return err
	})
}

// SetEnabled implements pool.Store.
func (s *Store) SetEnabled(ctx context.Context, name string, enabled bool) error {
	return s.write(ctx, "switch subscription "+name, func(tx *sql.Tx) error {
		id, err := subscriptionID(ctx, tx, name)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE subscriptions SET enabled = ? WHERE id = ?`, enabled, id)
		return err
	})
}

// Subscriptions implements pool.Store.
func (s *Store) Subscriptions(ctx context.Context) ([]pool.Subscription, error) {
	var subs []pool.Subscription
	err := s.read(ctx, "list subscriptions", func(tx *sql.Tx) error {
		candidates, err := subscriptions(ctx, tx)
		for _, c := range candidates {
			subs = append(subs, c.Subscription)
		}
		return err
	})
	return subs, err
}

func subscriptionID(ctx context.Context, tx *sql.Tx, name string) (id int64, err error) {
	err = tx.QueryRowContext(ctx, `
		SELECT id FROM subscriptions WHERE name = ? AND removed_at IS NULL`, name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, pool.ErrNotFound
	}
	return id, err
}

// subscriptions reads the pool's subscriptions by name, each as a candidate of which only the latest
// start and the standing are known.
func subscriptions(ctx context.Context, q querier) ([]pool.Candidate, error) {
	var candidates []pool.Candidate
	scan := func(rows *sql.Rows) error {
		var c pool.Candidate
		var tags, envFrom, envCommand, env, shared string
		var created, lastStarted, heard, backoff, cooldown sql.NullInt64
		s, standing := &c.Subscription, &c.Standing
		err := rows.Scan(&s.ID, &s.Name, &s.ConfigDir, &s.Email, &tags, &s.MaxSessions, &s.WeeklyBudget,
			&s.Tier, &s.Priority, &s.Reserve, &s.AllowOverage, &s.API, &s.RampUp,
			&envFrom, &envCommand, &env, &s.Sharing.Base, &shared, &s.Sharing.Isolated, &s.Origin, &s.Enabled, &created, &lastStarted,
			&standing.Login, &heard, &standing.Throttles, &backoff, &cooldown)
		standing.HeardAt, standing.BackoffUntil, standing.CooldownUntil = moment(heard), moment(backoff), moment(cooldown)
		s.Tags, s.EnvFrom, s.CreatedAt = splitTags(tags), splitEnvFrom(envFrom), moment(created)
		c.LastStarted = moment(lastStarted)
		s.EnvCommand, s.Env = splitPairs[pool.EnvCommand](envCommand), splitPairs[pool.EnvValue](env)
		s.Sharing.Entries = splitTags(shared)
		candidates = append(candidates, c)
		return err
	}
	err := each(ctx, q, scan, `
		SELECT id, name, config_dir, email, tags, max_sessions, weekly_budget,
			tier, priority, reserve, allow_overage, api, ramp_up, env_from, env_command, env, share_base, shared,
			isolated, origin, enabled, created_at, last_started_at,
			login, heard_at, throttles, backoff_until, cooldown_until
		FROM subscriptions
		WHERE removed_at IS NULL
		ORDER BY name`)
	return candidates, err
}

func joinTags(tags []string) string { return strings.Join(tags, " ") }

func splitTags(tags string) []string {
	if tags == "" {
		return nil // as it is of a subscription that was given none
	}
	return slices.Clip(strings.Fields(tags))
}

func joinEnvFrom(pairs []pool.EnvFrom) string {
	var words []string
	for _, p := range pairs {
		words = append(words, p.Var+"="+p.Source)
	}
	return strings.Join(words, " ")
}

func splitEnvFrom(words string) []pool.EnvFrom {
	var pairs []pool.EnvFrom
	for word := range strings.FieldsSeq(words) {
		name, source, _ := strings.Cut(word, "=")
		pairs = append(pairs, pool.EnvFrom{Var: name, Source: source})
	}
	return pairs
}
