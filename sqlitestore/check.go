package sqlitestore

import (
	"context"
	"database/sql"
	"fmt"
)

// maxProblems is how many problems are worth telling: a damaged file has thousands.
const maxProblems = 10

// Check implements pool.Store. It reads the whole file, indexes included.
func (s *Store) Check(ctx context.Context) (problems []string, err error) {
	err = s.read(ctx, "check the database", func(tx *sql.Tx) error {
		if err := each(ctx, tx, func(rows *sql.Rows) error {
			var word string
			err := rows.Scan(&word)
			if word != "ok" {
				problems = append(problems, word)
			}
			return err
		}, fmt.Sprintf(`PRAGMA integrity_check(%d)`, maxProblems)); err != nil {
			return err
		}
		// integrity_check does not look at foreign keys.
		return each(ctx, tx, func(rows *sql.Rows) error {
			var table, parent string
			var row sql.NullInt64 // NULL where the table has no rowid
			var key int
			err := rows.Scan(&table, &row, &parent, &key)
			if len(problems) < maxProblems {
				problems = append(problems, fmt.Sprintf("row %d of %s refers to nothing in %s", row.Int64, table, parent))
			}
			return err
		}, `PRAGMA foreign_key_check`)
	})
	return problems, err
}
