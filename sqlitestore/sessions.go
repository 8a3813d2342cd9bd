package sqlitestore

import (
	"context"
	"database/sql"
	"time"

	"claudepool/pool"
)

// Sessions implements pool.Store.
func (s *Store) Sessions(ctx context.Context, all bool, limit int) ([]pool.Session, error) {
	if limit <= 0 {
		limit = -1 // SQLite's word for no limit
	}
	query := runningSessions
	if all {
		query = allSessions
	}
	sessions, err := querySessions(ctx, s.db, query+` LIMIT ?`, limit)
	return sessions, translate("list sessions", err)
}

// SessionsSince implements pool.Store.
func (s *Store) SessionsSince(ctx context.Context, since time.Time) ([]pool.Session, error) {
	sessions, err := querySessions(ctx, s.db, sessionsSince, since.UnixMilli())
	return sessions, translate("list the latest sessions", err)
}

// Session implements pool.Store.
func (s *Store) Session(ctx context.Context, id string) (session pool.Session, err error) {
	err = s.read(ctx, "look for session "+id, func(tx *sql.Tx) error {
		number, err := sessionByPrefix(ctx, tx, id)
		if err != nil {
			return err
		}
		found, err := querySessions(ctx, tx, sessionColumns+` WHERE number = ?`, number)
		if len(found) == 1 {
			session = found[0]
		}
		return err
	})
	return session, err
}

const (
	// sessionFields are what scanSession reads.
	sessionFields = `id, ifnull(subscription_id, 0),
			ifnull((SELECT name FROM subscriptions WHERE subscriptions.id = subscription_id), ''),
			conversation, host, boot_id, pid_namespace, pid, start_time, cwd,
			started_at, heartbeat_at, active_at, said, ended_at, follows, met, end_reason, exit_code, signal`
	sessionColumns  = `SELECT number, ` + sessionFields + ` FROM sessions`
	latestFirst     = ` ORDER BY started_at DESC, number DESC`
	runningSessions = sessionColumns + ` WHERE ended_at IS NULL` + latestFirst
	allSessions     = sessionColumns + latestFirst
	// sessionsSince are found by two indexes, and not among all that ever ran.
	sessionsSince = sessionColumns + `
		WHERE number IN (
			SELECT number FROM sessions WHERE ended_at IS NULL
			UNION ALL SELECT number FROM sessions WHERE ended_at >= ?)` + latestFirst
	// oldestRunning are those after a heartbeat and a number, by these.
	oldestRunning = sessionColumns + `
		WHERE ended_at IS NULL AND (heartbeat_at, number) > (?, ?)
		ORDER BY heartbeat_at, number
		LIMIT ?`
)

func querySessions(ctx context.Context, q querier, query string, args ...any) ([]pool.Session, error) {
	var sessions []pool.Session
	found, err := queryNumbered(ctx, q, query, args...)
	for _, s := range found {
		sessions = append(sessions, s.Session)
	}
	return sessions, err
}

// numbered is a session with the store's number of it.
type numbered struct {
	pool.Session
	number int64
}

func queryNumbered(ctx context.Context, q querier, query string, args ...any) (sessions []numbered, err error) {
	err = each(ctx, q, func(rows *sql.Rows) (err error) {
		var s numbered
		s.Session, err = scanSession(rows, &s.number)
		sessions = append(sessions, s)
		return err
	}, query, args...)
	return sessions, err
}

// scanSession reads a session, and into before what the row has in front of it.
func scanSession(rows *sql.Rows, before ...any) (s pool.Session, err error) {
	var started, heartbeat, active, ended sql.NullInt64
	p := &s.Process
	err = rows.Scan(append(before, &s.ID, &s.SubscriptionID, &s.Subscription,
		&s.Conversation, &p.Host, &p.BootID, &p.PIDNamespace, &p.PID, &p.StartTime, &s.CWD,
		&started, &heartbeat, &active, &s.Said, &ended, &s.Follows, &s.Met, &s.End.Reason, &s.End.Code, &s.End.Signal)...)
	s.StartedAt, s.HeartbeatAt, s.ActiveAt, s.EndedAt = moment(started), moment(heartbeat), moment(active), moment(ended)
	return s, err
}
