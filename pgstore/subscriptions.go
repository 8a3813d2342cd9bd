package pgstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

// AddSubscription implements pool.Store.
func (s *Store) AddSubscription(ctx context.Context, sub pool.Subscription) (pool.Subscription, error) {
	if err := sub.Check(); err != nil {
		return pool.Subscription{}, err
	}
	sub = sub.Normal()
	err := s.write(ctx, "add subscription "+sub.Name, func(tx pgx.Tx) error {
		if err := refuseTaken(ctx, tx, sub); err != nil {
			return err
		}
		var err error
		if sub.ID, err = insertSubscription(ctx, tx, sub, pgtype.Int8{}); err != nil {
			return err
		}
		return noteChange(ctx, tx, sub.ID)
	})
	if err != nil {
		return pool.Subscription{}, err
	}
	return sub, nil
}

// insertSubscription adds a subscription and returns its id; with a time for one that was removed then.
func insertSubscription(ctx context.Context, tx pgx.Tx, sub pool.Subscription, removedAt pgtype.Int8) (id int64, err error) {
	err = tx.QueryRow(ctx, `
		WITH added AS (
			INSERT INTO subscriptions
				(name, config_dir, email, tags, max_sessions, weekly_budget,
				tier, priority, reserve, allow_overage, api, ramp_up, env_from, env_command, env, share_base, shared,
				isolated, origin, enabled, created_at, removed_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
			RETURNING id)
		INSERT INTO starts (subscription_id) SELECT id FROM added
		RETURNING subscription_id`,
		sub.Name, sub.ConfigDir, sub.Email, joinTags(sub.Tags), sub.MaxSessions, sub.WeeklyBudget,
		sub.Tier, sub.Priority, sub.Reserve, sub.AllowOverage, sub.API, sub.RampUp,
		joinEnvFrom(sub.EnvFrom), joinPairs(sub.EnvCommand), joinPairs(sub.Env),
		sub.Sharing.Base, strings.Join(sub.Sharing.Entries, " "), sub.Sharing.Isolated, sub.Origin, sub.Enabled, sub.CreatedAt.UnixMilli(),
		removedAt,
	).Scan(&id)
	return id, err
}

// refuseTaken says which of name and directory is taken. The unique indexes hold the same, without words.
func refuseTaken(ctx context.Context, tx pgx.Tx, sub pool.Subscription) error {
	var name string
	err := tx.QueryRow(ctx, `
		SELECT name FROM subscriptions
		WHERE removed_at IS NULL AND (name = $1 OR config_dir = $2)
		ORDER BY name <> $1
		LIMIT 1`, sub.Name, sub.ConfigDir).Scan(&name)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
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
	return s.write(ctx, "remove subscription "+name, func(tx pgx.Tx) error {
		id, err := subscriptionID(ctx, tx, name)
		if err != nil {
			return err
		}
		if err := refuseRunning(ctx, tx, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE subscriptions SET removed_at = $1 WHERE id = $2`, now.UnixMilli(), id); err != nil {
			return err
		}
		return noteChange(ctx, tx, id)
	})
}

// SetEnabled implements pool.Store.
func (s *Store) SetEnabled(ctx context.Context, name string, enabled bool) error {
	return s.write(ctx, "switch subscription "+name, func(tx pgx.Tx) error {
		id, err := subscriptionID(ctx, tx, name)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE subscriptions SET enabled = $1 WHERE id = $2`, enabled, id); err != nil {
			return err
		}
		return noteChange(ctx, tx, id)
	})
}

// Subscriptions implements pool.Store.
func (s *Store) Subscriptions(ctx context.Context) ([]pool.Subscription, error) {
	var subs []pool.Subscription
	err := s.read(ctx, "list subscriptions", func(tx pgx.Tx) error {
		candidates, err := subscriptions(ctx, tx)
		for _, c := range candidates {
			subs = append(subs, c.Subscription)
		}
		return err
	})
	return subs, err
}

func subscriptionID(ctx context.Context, tx pgx.Tx, name string) (id int64, err error) {
	err = tx.QueryRow(ctx, `
		SELECT id FROM subscriptions WHERE name = $1 AND removed_at IS NULL`, name).Scan(&id)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, pool.ErrNotFound
	}
	return id, err
}

// subscriptions reads the pool's subscriptions by name, each as a candidate of which only the latest
// start and the standing are known.
func subscriptions(ctx context.Context, q querier) ([]pool.Candidate, error) {
	var candidates []pool.Candidate
	err := each(ctx, q, func(rows pgx.Rows) error {
		var lastStarted pgtype.Int8
		c, err := scanCandidate(rows, &lastStarted)
		c.LastStarted = moment(lastStarted)
		candidates = append(candidates, c)
		return err
	}, `
		SELECT `+subscriptionColumns+`, last_started_at
		FROM subscriptions JOIN starts ON subscription_id = id
		WHERE removed_at IS NULL
		ORDER BY name`)
	return candidates, err
}

// subscriptionColumns are what scanCandidate reads.
const subscriptionColumns = `
	id, name, config_dir, email, tags, max_sessions, weekly_budget,
	tier, priority, reserve, allow_overage, api, ramp_up, env_from, env_command, env, share_base, shared,
	isolated, origin, enabled, created_at, login, heard_at, throttles, backoff_until, cooldown_until`

// scanCandidate reads a subscription as a candidate of which only the standing is known, and what else the query has
// behind its columns.
func scanCandidate(rows pgx.Rows, beside ...any) (c pool.Candidate, err error) {
	var tags, envFrom, envCommand, env, shared string
	var created, heard, backoff, cooldown pgtype.Int8
	s, standing := &c.Subscription, &c.Standing
	err = rows.Scan(append([]any{
		&s.ID, &s.Name, &s.ConfigDir, &s.Email, &tags, &s.MaxSessions, &s.WeeklyBudget,
		&s.Tier, &s.Priority, &s.Reserve, &s.AllowOverage, &s.API, &s.RampUp,
		&envFrom, &envCommand, &env, &s.Sharing.Base, &shared, &s.Sharing.Isolated, &s.Origin, &s.Enabled, &created,
		&standing.Login, &heard, &standing.Throttles, &backoff, &cooldown,
	}, beside...)...)
	standing.HeardAt, standing.BackoffUntil, standing.CooldownUntil = moment(heard), moment(backoff), moment(cooldown)
	s.Tags, s.EnvFrom, s.CreatedAt = splitTags(tags), splitEnvFrom(envFrom), moment(created)
	s.EnvCommand, s.Env = splitPairs[pool.EnvCommand](envCommand), splitPairs[pool.EnvValue](env)
	s.Sharing.Entries = splitTags(shared)
	return c, err
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
