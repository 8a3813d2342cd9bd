package sqlitestore

import (
	"context"
	"database/sql"
	"time"

	"claudepool/pool"
)

// quarter is the length of what totals sum up.
const quarter = 15 * time.Minute

// bookEntry writes an entry and adds it to every sum that is kept of entries. A known id is passed over.
func bookEntry(ctx context.Context, tx *sql.Tx, a account, e pool.Entry) error {
	isNew, err := insertEntry(ctx, tx, a, e)
	if err != nil || !isNew {
		return err
	}
	if err := addToTotals(ctx, tx, a, e); err != nil {
		return err
	}
	if a.subscriptionID == 0 {
		return nil
	}
	return addToWeeks(ctx, tx, a.subscriptionID, e)
}

func insertEntry(ctx context.Context, tx *sql.Tx, a account, e pool.Entry) (isNew bool, err error) {
	cost := sql.NullInt64{Int64: int64(e.Cost), Valid: e.CostSource != pool.CostUnknown}
	result, err := tx.ExecContext(ctx, `
		INSERT INTO entries
			(id, session, at, conversation, model,
			messages, input, output, cache_creation, cache_creation_1h, cache_read, cost)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO NOTHING`,
		e.ID, a.number, e.At.UnixMilli(), e.Conversation, e.Model, e.Messages,
		e.Tokens.Input, e.Tokens.Output, e.Tokens.CacheCreation, e.Tokens.CacheCreation1h, e.Tokens.CacheRead, cost)
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

func addToTotals(ctx context.Context, tx *sql.Tx, a account, e pool.Entry) error {
	key := []any{quarterOf(e.At), a.subscriptionID, e.Model, a.cwd}
	_, err := tx.ExecContext(ctx, `
		INSERT INTO totals
			(quarter, subscription_id, model, project,
			messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_unknown)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET
			messages = messages + excluded.messages,
			input = input + excluded.input,
			output = output + excluded.output,
			cache_creation = cache_creation + excluded.cache_creation,
			cache_creation_1h = cache_creation_1h + excluded.cache_creation_1h,
			cache_read = cache_read + excluded.cache_read,
			cost = cost + excluded.cost,
			cost_unknown = cost_unknown + excluded.cost_unknown`,
		append(key, values(e.Usage())...)...)
	return err
}

// addToWeeks adds the entry to each of the seven weeks that its day is in.
func addToWeeks(ctx context.Context, tx *sql.Tx, subscriptionID int64, e pool.Entry) error {
	first := pool.UTCDay(e.At)
	key := []any{first, first + pool.WeekDays - 1, subscriptionID}
	_, err := tx.ExecContext(ctx, `
		WITH RECURSIVE days (day) AS (VALUES (?1) UNION ALL SELECT day + 1 FROM days WHERE day < ?2)
		INSERT INTO weeks
			(day, subscription_id,
			messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_unknown)
		SELECT day, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11 FROM days WHERE true
		ON CONFLICT DO UPDATE SET
			messages = messages + excluded.messages,
			input = input + excluded.input,
			output = output + excluded.output,
			cache_creation = cache_creation + excluded.cache_creation,
			cache_creation_1h = cache_creation_1h + excluded.cache_creation_1h,
			cache_read = cache_read + excluded.cache_read,
			cost = cost + excluded.cost,
			cost_unknown = cost_unknown + excluded.cost_unknown`,
		append(key, values(e.Usage())...)...)
	return err
}

// values are a row's sums, in the order of their columns.
func values(u pool.Usage) []any {
	t := u.Tokens
	return []any{
		u.Messages, t.Input, t.Output, t.CacheCreation, t.CacheCreation1h, t.CacheRead, int64(u.Cost), u.CostUnknown,
	}
}

// quarterOf numbers the quarter hours since 1970.
func quarterOf(t time.Time) int64 { return floorDiv(t.UnixMilli(), quarter.Milliseconds()) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
