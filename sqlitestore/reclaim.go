package sqlitestore

import (
	"context"
	"database/sql"
	"time"

	"claudepool/pool"
)

// Reclaim implements pool.Store.
func (s *Store) Reclaim(ctx context.Context, probe pool.Probe, now time.Time) (ended []pool.Session, err error) {
	dead, err := s.findDead(ctx, probe, now)
	if err != nil || len(dead) == 0 {
		return nil, err
	}
	err = s.write(ctx, "reclaim sessions", func(tx *sql.Tx) error {
		ended, err = endDead(ctx, tx, dead, now)
		return err
	})
	return ended, err
}

// findDead looks at the running sessions, outside of any transaction.
func (s *Store) findDead(ctx context.Context, probe pool.Probe, now time.Time) ([]pool.Session, error) {
	running, err := querySessions(ctx, s.db, runningSessions)
	if err != nil {
		return nil, translate("look for dead sessions", err)
	}
	var dead []pool.Session
	for _, session := range running {
		if session.IsDead(probe, now) {
			dead = append(dead, session)
		}
	}
	return dead, nil
}

// endDead ends sessions that were found dead and returns those that it ended itself: one that another
// process has ended meanwhile, or that has sent a heartbeat after all, is left alone.
func endDead(ctx context.Context, tx *sql.Tx, dead []pool.Session, now time.Time) ([]pool.Session, error) {
	var ended []pool.Session
	for _, session := range dead {
		session.EndedAt, session.End = pool.Moment(now), pool.End{Reason: pool.EndedByReclaim}
		result, err := tx.ExecContext(ctx, `
			UPDATE sessions SET ended_at = ?, end_reason = ?
			WHERE id = ? AND ended_at IS NULL AND heartbeat_at = ?`,
			session.EndedAt.UnixMilli(), session.End.Reason, session.ID, session.HeartbeatAt.UnixMilli())
		if err != nil {
			return nil, err
		}
		if n, err := result.RowsAffected(); err != nil {
			return nil, err
		} else if n > 0 {
			ended = append(ended, session)
		}
	}
	return ended, nil
}
