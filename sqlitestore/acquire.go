package sqlitestore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"claudepool/pool"
)

// Acquire implements pool.Store. The processes are looked at before the write lock is taken, so that it
// is held for a few queries only; what was dead then stays dead.
func (s *Store) Acquire(
	ctx context.Context, req pool.Request, policy pool.Policy, probe pool.Probe, now time.Time,
) (session pool.Session, sub pool.Subscription, err error) {
	gone, err := s.findGone(ctx, fromTheOldest, probe, now)
	if err != nil {
		return session, sub, err
	}
	const what = "acquire a session"
	var refused error // not returned in the transaction: the dead stay ended
	err = s.write(ctx, what, func(tx *sql.Tx) error {
		if _, err := gone.end(ctx, tx, now); err != nil {
			return err
		}
		sub, refused, err = choose(ctx, tx, req, policy, now)
		if err != nil {
			return err
		}
		if refused != nil {
			return turnAway(ctx, tx, req, refused, now)
		}
		session = pool.NewSession(req, sub, now)
		return begin(ctx, tx, req, session, sub, now)
	})
	if err == nil {
		err = translate(what, refused)
	}
	if err != nil {
		return pool.Session{}, pool.Subscription{}, err
	}
	return session, sub, nil
}

// turnAway notes that a request found no room.
func turnAway(ctx context.Context, tx *sql.Tx, req pool.Request, refused error, now time.Time) error {
	if err := stillWaits(ctx, tx, req.Ticket, now); err != nil {
		return err
	}
	return noteShortage(ctx, tx, req, refused, now)
}

// begin inserts the session that a request got, with what it ends and what there is to tell of it.
func begin(ctx context.Context, tx *sql.Tx, req pool.Request, session pool.Session, sub pool.Subscription, now time.Time) error {
	if err := leave(ctx, tx, req.Ticket); err != nil {
		return err
	}
	if err := insertSession(ctx, tx, session); err != nil {
		return err
	}
	if err := tellFailover(ctx, tx, session, sub); err != nil {
		return err
	}
	return endShortage(ctx, tx, req, now)
}

// tellFailover tells that a session goes on for another.
func tellFailover(ctx context.Context, tx *sql.Tx, session pool.Session, sub pool.Subscription) error {
	if session.Follows == "" {
		return nil
	}
	from, err := querySessions(ctx, tx, sessionColumns+` WHERE id = ?`, session.Follows)
	if err != nil || len(from) == 0 { // one that the store did not take
		return err
	}
	return insertEvents(ctx, tx, pool.FailoverEvent(session, sub, from[0])...)
}

// choose picks for the request, behind those that came before it. refused is what the pool says instead.
func choose(
	ctx context.Context, tx *sql.Tx, req pool.Request, policy pool.Policy, now time.Time,
) (sub pool.Subscription, refused, err error) {
	candidates, err := candidatesFor(ctx, tx, req, now)
	if err != nil {
		return sub, nil, err
	}
	ahead, err := ahead(ctx, tx, req.Ticket, now)
	if err != nil {
		return sub, nil, err
	}
	if err := pool.CheckNames(req, candidates); err != nil {
		return sub, err, nil
	}
	picked, _, refused := policy.ChooseInTurn(req, ahead, candidates, now)
	return picked.Subscription, refused, nil
}

func candidatesFor(ctx context.Context, tx *sql.Tx, req pool.Request, now time.Time) ([]pool.Candidate, error) {
	candidates, err := loadCandidates(ctx, tx, now)
	if err != nil {
		return nil, err
	}
	homeID, err := home(ctx, tx, req)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(candidates, func(c pool.Candidate) bool { return c.Subscription.ID == homeID }); i >= 0 {
		candidates[i].Home = true
	}
	return candidates, nil
}

// insertSession adds a session and notes its start; one whose id is known stays as it is.
func insertSession(ctx context.Context, tx *sql.Tx, s pool.Session) error {
	result, err := tx.ExecContext(ctx, `
		INSERT INTO sessions
			(id, subscription_id, conversation, host, boot_id, pid_namespace, pid, start_time, cwd,
			started_at, heartbeat_at, active_at, ended_at, follows, met, end_reason, exit_code, signal)
		VALUES (?, nullif(?, 0), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO NOTHING`,
		s.ID, s.SubscriptionID, s.Conversation, s.Process.Host, s.Process.BootID, s.Process.PIDNamespace,
		s.Process.PID, s.Process.StartTime, s.CWD,
		s.StartedAt.UnixMilli(), s.HeartbeatAt.UnixMilli(), max(s.ActiveAt.UnixMilli(), s.StartedAt.UnixMilli()), millis(s.EndedAt),
		s.Follows, s.Met, s.End.Reason, s.End.Code, s.End.Signal)
	if err != nil {
		return fmt.Errorf("insert session %s: %w", s.ID, err)
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 || s.End.Reason == pool.EndedOutside {
		return err
	}
	if s.Conversation != "" {
		number, err := result.LastInsertId()
		if err != nil {
			return err
		}
		if err := visit(ctx, tx, number, s.Conversation, s.StartedAt); err != nil {
			return fmt.Errorf("insert session %s: %w", s.ID, err)
		}
	}
	return noteStart(ctx, tx, s)
}

// noteStart keeps the subscription's latest start.
func noteStart(ctx context.Context, tx execer, s pool.Session) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE subscriptions SET last_started_at = max(ifnull(last_started_at, ?1), ?1) WHERE id = ?2`,
		s.StartedAt.UnixMilli(), s.SubscriptionID)
	return err
}
