package sqlitestore

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"claudepool/pool"
)

// sums collects what a transaction adds to the sums that are kept of entries, and writes each once.
type sums struct {
	totals   map[totalKey]pool.Usage
	quarters map[totalKey]pool.Usage
	days     map[totalKey]pool.Usage
	weeks    map[weekKey]pool.Usage
}

// totalKey has what its table has: the time is a quarter hour or a day.
type totalKey struct {
	time, subscriptionID int64
	model, project       string
}

type weekKey struct{ day, subscriptionID int64 }

func newSums() *sums {
	return &sums{
		map[totalKey]pool.Usage{}, map[totalKey]pool.Usage{}, map[totalKey]pool.Usage{}, map[weekKey]pool.Usage{},
	}
}

// add adds usage, which may be negative, at a moment in Unix milliseconds.
func (s *sums) add(a account, model string, at int64, u pool.Usage) {
	if u == (pool.Usage{}) {
		return
	}
	total := totalKey{floorDiv(at, quarter.Milliseconds()), a.subscriptionID, model, a.cwd}
	s.totals[total] = s.totals[total].Plus(u)
	all := totalKey{time: total.time, model: model}
	s.quarters[all] = s.quarters[all].Plus(u)
	day := total
	day.time = floorDiv(at, (24 * time.Hour).Milliseconds())
	s.days[day] = s.days[day].Plus(u)
	if a.subscriptionID != 0 {
		week := weekKey{pool.UTCDay(moment(sql.NullInt64{Int64: at, Valid: true})), a.subscriptionID}
		s.weeks[week] = s.weeks[week].Plus(u)
	}
}

// subscriptions are those whose weeks get more, by id.
func (s *sums) subscriptions() (ids []int64) {
	for key := range s.weeks {
		if !slices.Contains(ids, key.subscriptionID) {
			ids = append(ids, key.subscriptionID)
		}
	}
	slices.Sort(ids)
	return ids
}

func (s *sums) write(ctx context.Context, tx execer) error {
	for key, u := range s.totals {
		if err := addToTotals(ctx, tx, key, u); err != nil {
			return err
		}
	}
	for key, u := range s.quarters {
		if err := addToQuarters(ctx, tx, key, u); err != nil {
			return err
		}
	}
	for key, u := range s.days {
		if err := addToDays(ctx, tx, key, u); err != nil {
			return err
		}
	}
	for key, u := range s.weeks {
		if err := addToWeeks(ctx, tx, key, u); err != nil {
			return err
		}
	}
	return nil
}

func addToTotals(ctx context.Context, tx execer, key totalKey, u pool.Usage) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO totals
			(quarter, subscription_id, model, project,
			messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated, cost_unknown)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET
			messages = messages + excluded.messages,
			input = input + excluded.input,
			output = output + excluded.output,
			cache_creation = cache_creation + excluded.cache_creation,
			cache_creation_1h = cache_creation_1h + excluded.cache_creation_1h,
			cache_read = cache_read + excluded.cache_read,
			cost = cost + excluded.cost,
			cost_estimated = cost_estimated + excluded.cost_estimated,
			cost_unknown = cost_unknown + excluded.cost_unknown`,
		append([]any{key.time, key.subscriptionID, key.model, key.project}, values(u)...)...)
	return err
}

func addToQuarters(ctx context.Context, tx execer, key totalKey, u pool.Usage) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO quarters
			(quarter, model,
			messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated, cost_unknown)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET
			messages = messages + excluded.messages,
			input = input + excluded.input,
			output = output + excluded.output,
			cache_creation = cache_creation + excluded.cache_creation,
			cache_creation_1h = cache_creation_1h + excluded.cache_creation_1h,
			cache_read = cache_read + excluded.cache_read,
			cost = cost + excluded.cost,
			cost_estimated = cost_estimated + excluded.cost_estimated,
			cost_unknown = cost_unknown + excluded.cost_unknown`,
		append([]any{key.time, key.model}, values(u)...)...)
	return err
}

func addToDays(ctx context.Context, tx execer, key totalKey, u pool.Usage) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO days
			(day, subscription_id, model, project,
			messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated, cost_unknown)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET
			messages = messages + excluded.messages,
			input = input + excluded.input,
			output = output + excluded.output,
			cache_creation = cache_creation + excluded.cache_creation,
			cache_creation_1h = cache_creation_1h + excluded.cache_creation_1h,
			cache_read = cache_read + excluded.cache_read,
			cost = cost + excluded.cost,
			cost_estimated = cost_estimated + excluded.cost_estimated,
			cost_unknown = cost_unknown + excluded.cost_unknown`,
		append([]any{key.time, key.subscriptionID, key.model, key.project}, values(u)...)...)
	return err
}

// addToWeeks adds to each of the seven weeks that the day is in.
func addToWeeks(ctx context.Context, tx execer, key weekKey, u pool.Usage) error {
	_, err := tx.ExecContext(ctx, `
		WITH RECURSIVE span (day) AS (VALUES (?1) UNION ALL SELECT day + 1 FROM span WHERE day < ?2)
		INSERT INTO weeks
			(day, subscription_id,
			messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated, cost_unknown)
		SELECT day, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12 FROM span WHERE true
		ON CONFLICT DO UPDATE SET
			messages = messages + excluded.messages,
			input = input + excluded.input,
			output = output + excluded.output,
			cache_creation = cache_creation + excluded.cache_creation,
			cache_creation_1h = cache_creation_1h + excluded.cache_creation_1h,
			cache_read = cache_read + excluded.cache_read,
			cost = cost + excluded.cost,
			cost_estimated = cost_estimated + excluded.cost_estimated,
			cost_unknown = cost_unknown + excluded.cost_unknown`,
		append([]any{key.day, key.day + pool.WeekDays - 1, key.subscriptionID}, values(u)...)...)
	return err
}

// values are a row's sums, in the order of their columns.
func values(u pool.Usage) []any {
	t := u.Tokens
	return []any{
		u.Messages, t.Input, t.Output, t.CacheCreation, t.CacheCreation1h, t.CacheRead, int64(u.Cost), int64(u.CostEstimated), u.CostUnknown,
	}
}
