package pgstore

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// batch is queries that go in one round trip.
type batch struct {
	pgx.Batch
	after []func()
}

// sender is what a batch goes to: the database or a transaction.
type sender interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// each has scan called for every row of a query.
func (b *batch) each(scan func(pgx.Rows) error, query string, args ...any) {
	b.Queue(query, toTexts(args)...).Query(func(rows pgx.Rows) error {
		for rows.Next() {
			if err := scan(anyRows{rows}); err != nil {
				return err
			}
		}
		return rows.Err()
	})
}

// exec runs a statement that returns no rows.
func (b *batch) exec(statement string, args ...any) { b.Queue(statement, toTexts(args)...) }

// then has f called once all rows are there.
func (b *batch) then(f func()) { b.after = append(b.after, f) }

// send runs the queries, in their order.
func (b *batch) send(ctx context.Context, to sender) error {
	if err := to.SendBatch(ctx, &b.Batch).Close(); err != nil {
		return err
	}
	for _, f := range b.after {
		f()
	}
	return nil
}
