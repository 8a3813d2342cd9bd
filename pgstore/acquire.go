package pgstore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"claudepool/pool"
)

// Acquire implements pool.Store. The processes are looked at, and all that a choice needs is read, before the lock is taken,
// so that it is held for a few queries only.
func (s *Store) Acquire(
	ctx context.Context, req pool.Request, policy pool.Policy, probe pool.Probe, now time.Time,
) (session pool.Session, sub pool.Subscription, err error) {
	const what = "acquire a session"
	if err := s.endGone(ctx, probe, now); err != nil {
		return session, sub, err
	}
	select { // what is known is of one launch at a time
	case <-s.launching:
		defer func() { s.launching <- struct{}{} }()
	case <-ctx.Done():
		return session, sub, translate(what, ctx.Err())
	}
	if s.known == nil {
		if _, err := s.renew(ctx, s.db, now, nil); err != nil {
			return session, sub, translate(what, err)
		}
	}
	var refused error // not returned in the transaction: what it notes stays
	err = s.launch(ctx, what, func(tx pgx.Tx) error {
		sub, refused, err = s.choose(ctx, tx, req, policy, now)
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

// endGone ends what is gone of the oldest sessions, and of the queue.
func (s *Store) endGone(ctx context.Context, probe pool.Probe, now time.Time) error {
	gone, err := s.findGone(ctx, fromTheOldest, probe, now)
	if err != nil || gone.none() {
		return err
	}
	return s.write(ctx, "end what is gone", func(tx pgx.Tx) error {
		_, err := gone.end(ctx, tx, now)
		return err
	})
}

// turnAway notes that a request found no room.
func turnAway(ctx context.Context, tx pgx.Tx, req pool.Request, refused error, now time.Time) error {
	if err := stillWaits(ctx, tx, req.Ticket, now); err != nil {
		return err
	}
	return noteShortage(ctx, tx, req, refused, now)
}

// begin inserts the session that a request got, with what it ends and what there is to tell of it.
func begin(ctx context.Context, tx pgx.Tx, req pool.Request, session pool.Session, sub pool.Subscription, now time.Time) error {
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
func tellFailover(ctx context.Context, tx pgx.Tx, session pool.Session, sub pool.Subscription) error {
	if session.Follows == "" {
		return nil
	}
	from, err := querySessions(ctx, tx, sessionColumns+` WHERE id = $1`, session.Follows)
	if err != nil || len(from) == 0 { // one that the store did not take
		return err
	}
	return insertEvents(ctx, tx, pool.FailoverEvent(session, sub, from[0])...)
}

// choose picks for the request, behind those that came before it. refused is what the pool says instead.
func (s *Store) choose(
	ctx context.Context, tx pgx.Tx, req pool.Request, policy pool.Policy, now time.Time,
) (sub pool.Subscription, refused, err error) {
	var before []pool.Request
	var homeID int64
	k, err := s.renew(ctx, tx, now, func(b *batch) {
		home(b, req, &homeID)
		ahead(b, req.Ticket, now, &before)
	})
	if err != nil {
		return sub, nil, err
	}
	candidates := k.candidates()
	if i := slices.IndexFunc(candidates, func(c pool.Candidate) bool { return c.Subscription.ID == homeID }); i >= 0 {
		candidates[i].Home = true
	}
	if err := pool.CheckNames(req, candidates); err != nil {
		return sub, err, nil
	}
	picked, _, refused := policy.ChooseInTurn(req, before, candidates, now)
	return picked.Subscription, refused, nil
}

// insertSession adds a session and notes its start, which the caller has the lock for; one whose id is known stays as it is.
func insertSession(ctx context.Context, tx pgx.Tx, s pool.Session) error {
	var number int64
	err := tx.QueryRow(ctx, `
		WITH added AS (
			INSERT INTO sessions
				(id, subscription_id, conversation, host, boot_id, pid_namespace, pid, start_time, cwd,
				started_at, heartbeat_at, active_at, ended_at, follows, met, end_reason, exit_code, signal)
			VALUES ($1, nullif($2::bigint, 0), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
			ON CONFLICT (id) DO NOTHING
			RETURNING number),
		started AS (
			UPDATE starts SET number = nextval('start_numbers'), last_started_at = greatest(last_started_at, $10)
			WHERE subscription_id = $2 AND $16 <> 'outside' AND EXISTS (SELECT 1 FROM added))
		SELECT number FROM added`,
		s.ID, s.SubscriptionID, s.Conversation, s.Process.Host, s.Process.BootID, s.Process.PIDNamespace,
		s.Process.PID, s.Process.StartTime, s.CWD,
		s.StartedAt.UnixMilli(), s.HeartbeatAt.UnixMilli(), max(s.ActiveAt.UnixMilli(), s.StartedAt.UnixMilli()), millis(s.EndedAt),
		s.Follows, s.Met, s.End.Reason, s.End.Code, s.End.Signal).Scan(&number)
	switch {
	case errors.Is(err, pgx.ErrNoRows): // it is known
		return nil
	case err == nil && s.Conversation != "" && s.End.Reason != pool.EndedOutside:
		err = visit(ctx, tx, number, s.Conversation, s.StartedAt)
	}
	if err != nil {
		return fmt.Errorf("insert session %s: %w", s.ID, err)
	}
	return nil
}
