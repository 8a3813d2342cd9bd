package sqlitestore

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"claudepool/pool"
)

// Release implements pool.Store.
func (s *Store) Release(ctx context.Context, sessionID string, end pool.End, now time.Time) error {
	return s.write(ctx, "release session "+sessionID, func(tx *sql.Tx) error {
		number, err := sessionByPrefix(ctx, tx, sessionID)
		if err != nil {
			return err
		}
		return endSession(ctx, tx, number, end, now)
	})
}

// Heartbeat implements pool.Store.
func (s *Store) Heartbeat(ctx context.Context, sessionID string, now time.Time) error {
	return s.write(ctx, "heartbeat of session "+sessionID, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
			UPDATE sessions SET heartbeat_at = max(heartbeat_at, ?)
			WHERE id = ? AND ended_at IS NULL`, now.UnixMilli(), sessionID)
		return err
	})
}

// endSession ends a session that runs; one that has ended stays as it is.
func endSession(ctx context.Context, tx *sql.Tx, number int64, end pool.End, at time.Time) error {
	result, err := tx.ExecContext(ctx, `
		UPDATE sessions SET ended_at = ?, end_reason = ?, exit_code = ?, signal = ?
		WHERE number = ? AND ended_at IS NULL`,
		at.UnixMilli(), end.Reason, end.Code, end.Signal, number)
	if ended, err := changed(result, err); err != nil || !ended {
		return err
	}
	return heardLast(ctx, tx, number)
}

// sessionByPrefix finds a session by its id, or else by a prefix that no other id shares.
func sessionByPrefix(ctx context.Context, tx *sql.Tx, prefix string) (int64, error) {
	var numbers []int64
	var exact bool
	err := each(ctx, tx, func(rows *sql.Rows) error {
		var number int64
		var id string
		err := rows.Scan(&number, &id)
		exact = exact || id == prefix
		numbers = append(numbers, number)
		return err
	}, `
		SELECT number, id FROM sessions
		WHERE id >= ?1 AND id < ?1 || char(0x10ffff) AND ?1 <> ''
		ORDER BY id
		LIMIT 2`, prefix)
	switch {
	case err != nil:
		return 0, err
	case len(numbers) == 0:
		return 0, pool.ErrNotFound
	case len(numbers) > 1 && !exact: // an id sorts before all that it is a prefix of
		return 0, fmt.Errorf("%w: several sessions begin with it", pool.ErrAmbiguous)
	}
	return numbers[0], nil
}
