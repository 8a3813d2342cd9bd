package sqlitestore

import (
	"context"
	"database/sql"
	"time"
)

// querier is what a query needs: the database or a transaction.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// execer is what a statement needs.
type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// prepared is a transaction that compiles each text once: where the same few run for thousands of rows, that took a
// third of the time.
type prepared struct {
	*sql.Tx
	known map[string]*sql.Stmt // closed with the transaction
}

func (p prepared) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	if known := p.known[query]; known != nil {
		return known, nil
	}
	s, err := p.PrepareContext(ctx, query)
	if err == nil {
		p.known[query] = s
	}
	return s, err
}

func (p prepared) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := p.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

func (p prepared) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	s, err := p.statement(ctx, query)
	if err != nil {
		return p.Tx.QueryRowContext(ctx, query, args...) // which fails the same way
	}
	return s.QueryRowContext(ctx, args...)
}

// write runs f in an immediate transaction: it has the write lock from the start. Native errors come
// back translated, with what was being done in front.
func (s *Store) write(ctx context.Context, what string, f func(*sql.Tx) error) error {
	return s.transact(ctx, what, nil, f)
}

// read runs f in a transaction that sees one state of the database and takes no write lock.
func (s *Store) read(ctx context.Context, what string, f func(*sql.Tx) error) error {
	return s.transact(ctx, what, &sql.TxOptions{ReadOnly: true}, f)
}

func (s *Store) transact(ctx context.Context, what string, o *sql.TxOptions, f func(*sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, o)
	if err != nil {
		return translate(what, err)
	}
	if err := f(tx); err != nil {
		_ = tx.Rollback() // best effort: without a commit nothing stays anyway
		return translate(what, err)
	}
	return translate(what, tx.Commit())
}

// each calls scan for every row of a query.
func each(ctx context.Context, q querier, scan func(*sql.Rows) error, query string, args ...any) error {
	rows, err := q.QueryContext(ctx, query, args...)
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

// changed tells whether a statement has changed anything.
func changed(result sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := result.RowsAffected()
	return n > 0, err
}

// millis is a time as the database keeps it; the zero time is NULL.
func millis(t time.Time) sql.NullInt64 {
	return sql.NullInt64{Int64: t.UnixMilli(), Valid: !t.IsZero()}
}

// moment is the time that millis made n of.
func moment(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return time.UnixMilli(n.Int64).UTC()
}
