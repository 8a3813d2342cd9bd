package sqlitestore

import (
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

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

// unmigrated is a store on a new file that no migration has seen.
func unmigrated(t *testing.T) *Store {
	path := filepath.Join(t.TempDir(), "pool.db")
	require.NoError(t, prepareFile(path, true))
	s, err := connect(path, Options{BusyTimeout: time.Second})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func version(t *testing.T, s *Store) int {
	t.Helper()
	found, err := readMark(t.Context(), s.db)
	require.NoError(t, err)
	return found.version
}

func migrateTo(t *testing.T, s *Store, texts ...string) error {
	t.Helper()
	return s.migrate(t.Context(), scripts(texts...), time.Second)
}

const first, second = `CREATE TABLE one (n); INSERT INTO one VALUES (1)`, `CREATE TABLE two (n)`

func TestMigrationsRunOnceInOrder(t *testing.T) {
	t.Parallel()
	s := unmigrated(t)
	require.NoError(t, migrateTo(t, s, first))
	require.Equal(t, 1, version(t, s))
	require.NoError(t, migrateTo(t, s, first), "nothing is left to do")
	require.NoError(t, migrateTo(t, s, `not SQL: this one is in`, second, `INSERT INTO two SELECT n FROM one`))
	require.Equal(t, 3, version(t, s))
	var rows int
	require.NoError(t, s.db.QueryRow(`SELECT count(*) FROM two`).Scan(&rows))
	require.Equal(t, 1, rows)
}

func TestMigrationsGoForwardOnly(t *testing.T) {
	t.Parallel()
	s := unmigrated(t)
	require.NoError(t, migrateTo(t, s, first, second))
	require.ErrorIs(t, migrateTo(t, s, first), pool.ErrNewerSchema)
	require.Equal(t, 2, version(t, s))
}

func TestMigrationThatFailsLeavesNothing(t *testing.T) {
	t.Parallel()
	s := unmigrated(t)
	require.Error(t, migrateTo(t, s, first, `CREATE TABLE half (n); INSERT INTO nowhere VALUES (1)`))
	require.Equal(t, 1, version(t, s), "the one before it stays")
	var tables int
	require.NoError(t, s.db.QueryRow(`SELECT count(*) FROM sqlite_schema WHERE name = 'half'`).Scan(&tables))
	require.Zero(t, tables)
	require.NoError(t, migrateTo(t, s, first, second), "it can be tried again")
	require.Equal(t, 2, version(t, s))
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

// A transaction that meets the end of the disk leaves nothing, and its error says what it is.
func TestFullDatabase(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "pool.db"), Options{Create: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	_, err = s.AddSubscription(t.Context(), pool.Subscription{Name: "a", Enabled: true})
	require.NoError(t, err)
	_, err = s.db.Exec(`PRAGMA max_page_count = 1`) // which is at least what there is
	require.NoError(t, err)
	started := 0
	for range 1000 {
		_, _, err = s.Acquire(t.Context(), pool.Request{CWD: "/src"}, pool.DefaultPolicy(), alive, time.Now())
		if err != nil {
			break
		}
		started++
	}
	require.ErrorIs(t, err, pool.ErrFull)
	sessions, err := s.Sessions(t.Context(), true, 0)
	require.NoError(t, err)
	require.Len(t, sessions, started)
}

func alive(pool.Process) pool.Liveness { return pool.Alive }
