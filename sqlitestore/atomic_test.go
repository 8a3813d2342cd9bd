package sqlitestore_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/sqlitestore"
)

// What a write does in the middle is seen, stopped or killed by triggers: they stand for a disk that is full, a bug, or kill -9
// between two statements.

// TestWhatFailsInTheMiddleLeavesNothing lets each operation fail at each change that it makes: nothing of it stays, and the
// same store does it well afterwards.
func TestWhatFailsInTheMiddleLeavesNothing(t *testing.T) {
	t.Parallel()
	template := usedPool(t)
	for name, do := range writes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := copyOf(t, template)
			changes := changesOf(t, template, name)
			require.NotEmpty(t, changes)
			s, db := open(t, path), raw(t, path)
			before := dump(t, db)
			for _, c := range changes {
				c.trigger(t, db, `SELECT RAISE(ABORT, 'no room')`)
				err := do(t.Context(), s)
				require.ErrorContains(t, err, "no room", "at %s", c)
				requireSameDump(t, before, dump(t, db), "failed at %s", c)
				_, err = db.Exec(`DROP TRIGGER staged`)
				require.NoError(t, err)
			}
			require.NoError(t, do(t.Context(), s))
			require.NotEqual(t, before, dump(t, db))
			require.NoError(t, db.Close())
			problems, err := s.Check(t.Context())
			require.NoError(t, err)
			require.Empty(t, problems)
		})
	}
}

// change is one kind of change to a table.
type change struct{ event, table string }

func (c change) String() string { return c.event + " " + c.table }

// trigger makes one that runs a statement after each such change.
func (c change) trigger(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	_, err := db.Exec(fmt.Sprintf(`CREATE TRIGGER staged AFTER %s ON %s BEGIN %s; END`, c.event, c.table, statement))
	require.NoError(t, err)
}

// changesOf are the changes that an operation makes, in the order in which it first makes each.
func changesOf(t *testing.T, template, name string) (changes []change) {
	t.Helper()
	path := copyOf(t, template)
	db := raw(t, path)
	_, err := db.Exec(`CREATE TABLE seen (event TEXT, changed TEXT)`)
	require.NoError(t, err)
	for _, table := range tables(t, db) {
		for _, event := range []string{"INSERT", "UPDATE", "DELETE"} {
			_, err := db.Exec(fmt.Sprintf(`CREATE TRIGGER seen_%[1]s_%[2]s AFTER %[1]s ON %[2]s BEGIN INSERT INTO seen VALUES ('%[1]s', '%[2]s'); END`, event, table))
			require.NoError(t, err)
		}
	}
	require.NoError(t, writes[name](t.Context(), open(t, path)))
	rows, err := db.Query(`SELECT event, changed FROM seen GROUP BY event, changed ORDER BY min(rowid)`)
	require.NoError(t, err)
	for rows.Next() {
		var c change
		require.NoError(t, rows.Scan(&c.event, &c.table))
		changes = append(changes, c)
	}
	require.NoError(t, rows.Err())
	require.NoError(t, db.Close())
	return changes
}

// tables are those of the schema.
func tables(t *testing.T, db *sql.DB) (names []string) {
	t.Helper()
	rows, err := db.Query(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'seen' ORDER BY name`)
	require.NoError(t, err)
	for rows.Next() {
		var name string
		require.NoError(t, rows.Scan(&name))
		names = append(names, name)
	}
	require.NoError(t, rows.Err())
	return names
}

// dump is every row of every table, as lines.
func dump(t *testing.T, db *sql.DB) (lines []string) {
	t.Helper()
	for _, table := range tables(t, db) {
		rows, err := db.Query(`SELECT * FROM ` + table)
		require.NoError(t, err)
		columns, err := rows.Columns()
		require.NoError(t, err)
		for rows.Next() {
			values, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			require.NoError(t, rows.Scan(into...))
			lines = append(lines, fmt.Sprint(table, " ", values))
		}
		require.NoError(t, rows.Err())
	}
	slices.Sort(lines)
	return lines
}

func requireSameDump(t *testing.T, want, got []string, format string, args ...any) {
	t.Helper()
	require.Equal(t, strings.Join(want, "\n"), strings.Join(got, "\n"), fmt.Sprintf(format, args...))
}

// copyOf copies a database that nobody has open.
func copyOf(t *testing.T, from string) string {
	t.Helper()
	data, err := os.ReadFile(from)
	require.NoError(t, err)
	path := newPath(t)
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return path
}

// write is an operation on the pool that usedPool makes.
type write func(context.Context, *sqlitestore.Store) error
