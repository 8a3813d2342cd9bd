package pgstore

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

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
		week := weekKey{pool.UTCDay(moment(pgtype.Int8{Int64: at, Valid: true})), a.subscriptionID}
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

func (s *sums) write(ctx context.Context, tx pgx.Tx) error {
	b := &batch{}
	for key, u := range s.totals {
		addToTotals(b, key, u)
	}
	for key, u := range s.quarters {
		addToQuarters(b, key, u)
	}
	for key, u := range s.days {
		addToDays(b, key, u)
	}
	for key, u := range s.weeks {
		addToWeeks(b, key, u)
	}
	if b.Len() == 0 {
		return nil
	}
	if err := b.send(ctx, tx); err != nil || len(s.weeks) == 0 {
		return err
	}
	return noteChange(ctx, tx, s.subscriptions()...)
}

func addToTotals(b *batch, key totalKey, u pool.Usage) {
	b.exec(`
		INSERT INTO totals
			(quarter, subscription_id, model, project,
			messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated, cost_unknown)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (quarter, subscription_id, model, project) DO UPDATE SET
			messages = totals.messages + excluded.messages,
			input = totals.input + excluded.input,
			output = totals.output + excluded.output,
			cache_creation = totals.cache_creation + excluded.cache_creation,
			cache_creation_1h = totals.cache_creation_1h + excluded.cache_creation_1h,
			cache_read = totals.cache_read + excluded.cache_read,
			cost = totals.cost + excluded.cost,
			cost_estimated = totals.cost_estimated + excluded.cost_estimated,
			cost_unknown = totals.cost_unknown + excluded.cost_unknown`,
		append([]any{key.time, key.subscriptionID, key.model, key.project}, values(u)...)...)
}

func addToQuarters(b *batch, key totalKey, u pool.Usage) {
	b.exec(`
		INSERT INTO quarters
			(quarter, model,
			messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated, cost_unknown)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (quarter, model) DO UPDATE SET
			messages = quarters.messages + excluded.messages,
			input = quarters.input + excluded.input,
			output = quarters.output + excluded.output,
			cache_creation = quarters.cache_creation + excluded.cache_creation,
			cache_creation_1h = quarters.cache_creation_1h + excluded.cache_creation_1h,
			cache_read = quarters.cache_read + excluded.cache_read,
			cost = quarters.cost + excluded.cost,
			cost_estimated = quarters.cost_estimated + excluded.cost_estimated,
			cost_unknown = quarters.cost_unknown + excluded.cost_unknown`,
		append([]any{key.time, key.model}, values(u)...)...)
}

func addToDays(b *batch, key totalKey, u pool.Usage) {
	b.exec(`
		INSERT INTO days
			(day, subscription_id, model, project,
			messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated, cost_unknown)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (day, subscription_id, model, project) DO UPDATE SET
			messages = days.messages + excluded.messages,
			input = days.input + excluded.input,
			output = days.output + excluded.output,
			cache_creation = days.cache_creation + excluded.cache_creation,
			cache_creation_1h = days.cache_creation_1h + excluded.cache_creation_1h,
			cache_read = days.cache_read + excluded.cache_read,
			cost = days.cost + excluded.cost,
			cost_estimated = days.cost_estimated + excluded.cost_estimated,
			cost_unknown = days.cost_unknown + excluded.cost_unknown`,
		append([]any{key.time, key.subscriptionID, key.model, key.project}, values(u)...)...)
}

// addToWeeks adds to each of the seven weeks that the day is in.
func addToWeeks(b *batch, key weekKey, u pool.Usage) {
	b.exec(`
		INSERT INTO weeks
			(day, subscription_id,
			messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated, cost_unknown)
		SELECT day, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 FROM generate_series($1::bigint, $2::bigint) AS day
		ON CONFLICT (day, subscription_id) DO UPDATE SET
			messages = weeks.messages + excluded.messages,
			input = weeks.input + excluded.input,
			output = weeks.output + excluded.output,
			cache_creation = weeks.cache_creation + excluded.cache_creation,
			cache_creation_1h = weeks.cache_creation_1h + excluded.cache_creation_1h,
			cache_read = weeks.cache_read + excluded.cache_read,
			cost = weeks.cost + excluded.cost,
			cost_estimated = weeks.cost_estimated + excluded.cost_estimated,
			cost_unknown = weeks.cost_unknown + excluded.cost_unknown`,
		append([]any{key.day, key.day + pool.WeekDays - 1, key.subscriptionID}, values(u)...)...)
}

// values are a row's sums, in the order of their columns.
func values(u pool.Usage) []any {
	t := u.Tokens
	return []any{
		u.Messages, t.Input, t.Output, t.CacheCreation, t.CacheCreation1h, t.CacheRead, int64(u.Cost), int64(u.CostEstimated), u.CostUnknown,
	}
}
