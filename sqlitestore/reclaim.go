package sqlitestore

import (
	"context"
	"database/sql"
	"time"

	"claudepool/pool"
)

// Reclaim implements pool.Store.
func (s *Store) Reclaim(ctx context.Context, probe pool.Probe, now time.Time) (ended []pool.Session, err error) {
	gone, err := s.findGone(ctx, probe, now)
	if err != nil || gone.none() {
		return nil, err
	}
	err = s.write(ctx, "reclaim sessions", func(tx *sql.Tx) error {
		if ended, err = endDead(ctx, tx, gone.sessions, now); err != nil {
			return err
		}
		return leave(ctx, tx, gone.tickets...)
	})
	return ended, err
}

// gone is what processes have left behind that are no more.
type gone struct {
	sessions []pool.Session
	tickets  []int64
}

func (g gone) none() bool { return len(g.sessions) == 0 && len(g.tickets) == 0 }

func (g gone) end(ctx context.Context, tx *sql.Tx, now time.Time) error {
	if _, err := endDead(ctx, tx, g.sessions, now); err != nil {
		return err
	}
	return leave(ctx, tx, g.tickets...)
}

// findGone looks at the processes, outside of any transaction.
func (s *Store) findGone(ctx context.Context, probe pool.Probe, now time.Time) (g gone, err error) {
	if g.sessions, err = s.findDead(ctx, probe, now); err != nil {
		return g, err
	}
	g.tickets, err = s.findLeft(ctx, probe, now)
	return g, err
}

// findDead looks at the running sessions.
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
