package pgstore

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// querier is what a query needs: the database or a transaction.
type querier interface {
	Query(ctx context.Context, query string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, query string, args ...any) pgx.Row
}

// lockPool is the lock that those who write take, one of each pool: several may be in schemas of one database. The
// first number is "clpd".
const lockPool = `pg_advisory_xact_lock(1668051044, 'subscriptions'::regclass::oid::int4)`

// writing begins a transaction that has the lock from the start. It sees what is committed while it goes on: launches
// do not take the lock.
var writing = pgx.TxOptions{BeginQuery: `BEGIN; SELECT ` + lockPool}

// lockLaunch is the lock that a launch takes while it chooses and inserts its session, and who must see no launch
// beside.
const lockLaunch = `pg_advisory_xact_lock(1668051044, 'starts'::regclass::oid::int4)`

// lockEvents is the lock that an event is written under.
const lockEvents = `pg_advisory_xact_lock(1668051044, 'events'::regclass::oid::int4)`

var launching = pgx.TxOptions{BeginQuery: `BEGIN; SELECT ` + lockLaunch}

func lockLaunches(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `SELECT `+lockLaunch)
	return err
}

// launch runs f in a transaction that no other launch overlaps.
func (s *Store) launch(ctx context.Context, what string, f func(pgx.Tx) error) error {
	return s.transact(ctx, what, launching, f)
}

// write runs f in a transaction that no other write overlaps. Native errors come back translated, with what was
// being done in front.
func (s *Store) write(ctx context.Context, what string, f func(pgx.Tx) error) error {
	return s.transact(ctx, what, writing, f)
}

// read runs f in a transaction that sees one state of the database and takes no lock.
func (s *Store) read(ctx context.Context, what string, f func(pgx.Tx) error) error {
	return s.transact(ctx, what, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, f)
}

// maxTries bounds how often a transaction is tried that the database gave up for another one.
const maxTries = 10

// transact runs f in a transaction, again where the database gave it up: f must not mind.
func (s *Store) transact(ctx context.Context, what string, o pgx.TxOptions, f func(pgx.Tx) error) error {
	return s.alone(ctx, what, func() error {
		return pgx.BeginTxFunc(ctx, s.db, o, func(tx pgx.Tx) error { return f(transaction{tx}) })
	})
}

// alone runs f, which is one transaction or one statement, again where the database gave it up.
func (s *Store) alone(ctx context.Context, what string, f func() error) error {
	for tries := 1; ; tries++ {
		err := f()
		if err == nil {
			return nil
		}
		if tries == maxTries || !mayRetry(err) || !pause(ctx, tries) {
			return translate(what, err)
		}
	}
}

// mayRetry tells whether nothing stayed of what failed, and it may well not fail again.
func mayRetry(err error) bool {
	var native *pgconn.PgError
	if errors.As(err, &native) {
		return native.Code == serializationFailure || native.Code == deadlockDetected
	}
	return pgconn.SafeToRetry(err) && !errors.As(err, new(*pgconn.ConnectError)) // the connection was closed by then
}

// pause waits before the next try, a random time so that those who met do not meet again. It tells false where the
// context has ended.
func pause(ctx context.Context, tries int) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(rand.N(time.Duration(tries) * 5 * time.Millisecond)):
		return true
	}
}

// each calls scan for every row of a query. scan must not use the transaction.
func each(ctx context.Context, q querier, scan func(pgx.Rows) error, query string, args ...any) error {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// changed tells whether a statement changed anything.
func changed(result pgconn.CommandTag, err error) (bool, error) {
	return result.RowsAffected() > 0, err
}

// atMost is a limit as a query has it; 0 is none.
func atMost(limit int) pgtype.Int8 { return pgtype.Int8{Int64: int64(limit), Valid: limit > 0} }

// millis is a time as the database keeps it; the zero time is NULL.
func millis(t time.Time) pgtype.Int8 {
	return pgtype.Int8{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// moment is the time that millis made n of.
func moment(n pgtype.Int8) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMilli(n.Int64).UTC()
}
