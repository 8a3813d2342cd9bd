package pgstore

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"claudepool/pool"
)

// Release implements pool.Store, in one statement.
func (s *Store) Release(ctx context.Context, sessionID string, end pool.End, now time.Time) error {
	return s.alone(ctx, "release session "+sessionID, func() error {
		var found, fitting int
		err := s.db.QueryRow(ctx, `
			WITH found AS (
				SELECT number, id FROM sessions
				WHERE id >= $1 AND id < $1 || chr(1114111) AND $1 <> ''
				ORDER BY id
				LIMIT 2),
			fitting AS (SELECT number FROM found WHERE id = $1 OR (SELECT count(*) FROM found) = 1),
			ended AS (
				UPDATE sessions SET ended_at = $2, end_reason = $3, exit_code = $4, signal = $5
				WHERE number = (SELECT number FROM fitting) AND ended_at IS NULL
				RETURNING conversation, active_at),
			heard AS (
				UPDATE conversations SET active_at = greatest(conversations.active_at, ended.active_at)
				FROM ended
				WHERE conversations.id = ended.conversation)
			SELECT (SELECT count(*) FROM found), (SELECT count(*) FROM fitting)`,
			sessionID, now.UnixMilli(), end.Reason, end.Code, end.Signal).Scan(&found, &fitting)
		switch {
		case err != nil:
			return err
		case found == 0:
			return pool.ErrNotFound
		case fitting == 0:
			return errSeveral
		}
		return nil
	})
}

// Heartbeat implements pool.Store, in one statement.
func (s *Store) Heartbeat(ctx context.Context, sessionID string, now time.Time) error {
	return s.alone(ctx, "heartbeat of session "+sessionID, func() error {
		_, err := s.db.Exec(ctx, `
			UPDATE sessions SET heartbeat_at = greatest(heartbeat_at, $1)
			WHERE id = $2 AND ended_at IS NULL`, now.UnixMilli(), toText(sessionID))
		return err
	})
}

var errSeveral = fmt.Errorf("%w: several sessions begin with it", pool.ErrAmbiguous)

// endSession ends a session that runs; one that has ended stays as it is.
func endSession(ctx context.Context, tx pgx.Tx, number int64, end pool.End, at time.Time) error {
	result, err := tx.Exec(ctx, `
		UPDATE sessions SET ended_at = $1, end_reason = $2, exit_code = $3, signal = $4
		WHERE number = $5 AND ended_at IS NULL`,
		at.UnixMilli(), end.Reason, end.Code, end.Signal, number)
	if ended, err := changed(result, err); err != nil || !ended {
		return err
	}
	return heardLast(ctx, tx, number)
}

// sessionByPrefix finds a session by its id, or else by a prefix that no other id shares.
func sessionByPrefix(ctx context.Context, tx pgx.Tx, prefix string) (int64, error) {
	var numbers []int64
	var exact bool
	err := each(ctx, tx, func(rows pgx.Rows) error {
		var number int64
		var id string
		err := rows.Scan(&number, &id)
		exact = exact || id == prefix
		numbers = append(numbers, number)
		return err
	}, `
		SELECT number, id FROM sessions
		WHERE id >= $1 AND id < $1 || chr(1114111) AND $1 <> ''
		ORDER BY id
		LIMIT 2`, prefix)
	switch {
	case err != nil:
		return 0, err
	case len(numbers) == 0:
		return 0, pool.ErrNotFound
	case len(numbers) > 1 && !exact: // an id sorts before all that it is a prefix of
		return 0, errSeveral
	}
	return numbers[0], nil
}
