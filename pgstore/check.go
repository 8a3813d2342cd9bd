package pgstore

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// maxProblems is how many problems are worth telling: a damaged database has thousands.
const maxProblems = 10

// Check implements pool.Store. It reads every row, which finds damage where the server keeps checksums. Indexes are looked at
// as far as the server itself knows that one is of no use.
func (s *Store) Check(ctx context.Context) (problems []string, err error) {
	err = s.read(ctx, "check the database", func(tx pgx.Tx) error {
		if err := readAll(ctx, tx); err != nil {
			return err
		}
		if problems, err = invalidIndexes(ctx, tx); err != nil {
			return err
		}
		dangling, err := danglingRows(ctx, tx)
		problems = append(problems, dangling...)
		return err
	})
	return problems, err
}

// words returns the rows of a query that has one text each.
func words(ctx context.Context, tx pgx.Tx, query string, args ...any) (found []string, err error) {
	err = each(ctx, tx, func(rows pgx.Rows) error {
		var word string
		err := rows.Scan(&word)
		found = append(found, word)
		return err
	}, query, args...)
	return found, err
}

// readAll reads all columns of every row of the pool's tables.
func readAll(ctx context.Context, tx pgx.Tx) error {
	tables, err := words(ctx, tx, `
		SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace`)
	for _, table := range tables {
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, fmt.Sprintf(`SELECT count(hashtext(one::text)) FROM %s AS one`, table))
	}
	return err
}

func invalidIndexes(ctx context.Context, tx pgx.Tx) ([]string, error) {
	return words(ctx, tx, `
		SELECT 'index ' || indexrelid::regclass || ' is not valid; make it anew with: REINDEX INDEX ' || indexrelid::regclass
		FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
		WHERE NOT indisvalid AND relnamespace = current_schema()::regnamespace
		LIMIT $1`, maxProblems)
}

// danglingRows finds rows that refer to nothing: somebody may have switched off what keeps them from it.
func danglingRows(ctx context.Context, tx pgx.Tx) (problems []string, err error) {
	queries, err := words(ctx, tx, `
		SELECT format('SELECT %L || %I || %L FROM %s AS one WHERE NOT EXISTS (SELECT 1 FROM %s AS other WHERE other.%I = one.%I) AND %I IS NOT NULL LIMIT %s',
			'a row of ' || child.relname || ' refers to ', one.attname, ', which is not in ' || parent.relname,
			conrelid::regclass, confrelid::regclass, other.attname, one.attname, one.attname, $1::int)
		FROM pg_constraint
		JOIN pg_class AS child ON child.oid = conrelid
		JOIN pg_class AS parent ON parent.oid = confrelid
		JOIN pg_attribute AS one ON one.attrelid = conrelid AND one.attnum = conkey[1]
		JOIN pg_attribute AS other ON other.attrelid = confrelid AND other.attnum = confkey[1]
		WHERE contype = 'f' AND connamespace = current_schema()::regnamespace
		ORDER BY conname`, maxProblems)
	for _, query := range queries {
		if err != nil {
			return nil, err
		}
		var found []string
		found, err = words(ctx, tx, query)
		problems = append(problems, found...)
	}
	return problems[:min(len(problems), maxProblems)], err
}
