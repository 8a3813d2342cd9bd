//go:build pg

package pgstore

import (
	"sync"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// scripts are migrations of the given texts.
func scripts(texts ...string) fstest.MapFS {
	files := fstest.MapFS{}
	for i, text := range texts {
		files["migrations/000"+string(rune('1'+i))+"_test.sql"] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// unmigrated is a store on a schema that no migration has seen.
func unmigrated(t *testing.T, at string) *Store {
	config, err := configFor(at, Options{})
	require.NoError(t, err)
	db, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(db.Close)
	return &Store{db: database{db}}
}

func version(t *testing.T, s *Store) int {
	t.Helper()
	found, err := readMark(t.Context(), s.db)
	require.NoError(t, err)
	return found.version
}

func migrateTo(t *testing.T, s *Store, texts ...string) error {
	t.Helper()
	return s.migrate(t.Context(), scripts(texts...), Options{Create: true})
}

const first, second = `CREATE TABLE one (n INT); INSERT INTO one VALUES (1)`, `CREATE TABLE two (n INT)`

func TestMigrationsRunOnceInOrder(t *testing.T) {
	t.Parallel()
	s := unmigrated(t, NewURL(t))
	require.NoError(t, migrateTo(t, s, first))
	require.Equal(t, 1, version(t, s))
	require.NoError(t, migrateTo(t, s, first), "nothing is left to do")
	require.NoError(t, migrateTo(t, s, `not SQL: this one is in`, second, `INSERT INTO two SELECT n FROM one`))
	require.Equal(t, 3, version(t, s))
	var rows int
	require.NoError(t, s.db.QueryRow(t.Context(), `SELECT count(*) FROM two`).Scan(&rows))
	require.Equal(t, 1, rows)
}

func TestMigrationsGoForwardOnly(t *testing.T) {
	t.Parallel()
	s := unmigrated(t, NewURL(t))
	require.NoError(t, migrateTo(t, s, first, second))
	require.ErrorIs(t, migrateTo(t, s, first), pool.ErrNewerSchema)
	require.Equal(t, 2, version(t, s))
}

func TestMigrationThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	s := unmigrated(t, NewURL(t))
	require.Error(t, migrateTo(t, s, first, `CREATE TABLE half (n INT); INSERT INTO nowhere VALUES (1)`))
	require.Equal(t, 1, version(t, s), "the one before it stays")
	var there bool
	require.NoError(t, s.db.QueryRow(t.Context(), `SELECT to_regclass('half') IS NOT NULL`).Scan(&there))
	require.False(t, there)
	require.NoError(t, migrateTo(t, s, first, second), "it can be tried again")
	require.Equal(t, 2, version(t, s))
}

// Many runners may begin with an empty database at once.
func TestMigrationsOfManyAtOnce(t *testing.T) {
	t.Parallel()
	at := NewURL(t)
	errs := make([]error, 16)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() {
			s, err := Open(t.Context(), at, Options{Create: true})
			if errs[i] = err; err == nil {
				_ = s.Close() // it has nothing to say
			}
		})
	}
	all.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
}

func TestMigrationsAreNumberedWithoutGaps(t *testing.T) {
	t.Parallel()
	files, err := migrations.ReadDir("migrations")
	require.NoError(t, err)
	for i, f := range files {
		require.Regexp(t, `^\d{4}_[a-z_]+\.sql$`, f.Name())
		require.Equal(t, i+1, int(f.Name()[2]-'0')*10+int(f.Name()[3]-'0'), f.Name())
	}
}
