package sqlitestore_test

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
	"claudepool/sqlitestore"
)

func TestOpenWithoutAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, path := range []string{dir + "/pool.db", dir + "/no/such/pool.db"} {
		_, err := sqlitestore.Open(t.Context(), path, sqlitestore.Options{})
		require.ErrorIs(t, err, pool.ErrNoPool)
		require.NoFileExists(t, path, "it is not created by looking for it")
	}
}

func TestOpenCreatesPrivately(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state", "claudepool", "pool.db")
	s := open(t, path)
	addSubscriptions(t, s, 1)
	for name, want := range map[string]os.FileMode{
		filepath.Dir(path): 0o700, filepath.Dir(filepath.Dir(path)): 0o700,
		path: 0o600, path + "-wal": 0o600, path + "-shm": 0o600,
	} {
		info, err := os.Stat(name)
		require.NoError(t, err)
		require.Equal(t, want, info.Mode().Perm(), name)
	}
}

func TestOpenTakesAnyPath(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a b.db", "q?mode=memory.db", "h#x.db", "p%41.db", "é.db", "a;b&c=d.db", ":memory:", "file:x.db"} {
		path := filepath.Join(t.TempDir(), name)
		s := open(t, path)
		addSubscriptions(t, s, 1)
		require.FileExists(t, path)
		again := open(t, path)
		listed, err := again.Subscriptions(t.Context())
		require.NoError(t, err)
		require.Len(t, listed, 1, name)
	}
}

func TestOpenTakesAnEmptyFile(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	s, err := sqlitestore.Open(t.Context(), path, sqlitestore.Options{})
	require.NoError(t, err)
	addSubscriptions(t, s, 1)
	require.NoError(t, s.Close())
}

func TestOpenOfADirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, create := range []bool{false, true} {
		_, err := sqlitestore.Open(t.Context(), dir, sqlitestore.Options{Create: create})
		require.ErrorIs(t, err, pool.ErrUnreadable)
	}
}

func TestOpenBelowAFile(t *testing.T) {
	t.Parallel()
	file := newPath(t)
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := sqlitestore.Open(t.Context(), file+"/pool.db", sqlitestore.Options{Create: true})
	require.ErrorIs(t, err, pool.ErrUnreadable)
}

func TestOpenOfWhatIsNoDatabase(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"short": "hello", "long": strings.Repeat("this is no database\n", 1000), "zeroes": strings.Repeat("\x00", 8192),
	} {
		path := newPath(t)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		_, err := sqlitestore.Open(t.Context(), path, sqlitestore.Options{Create: true})
		require.ErrorIs(t, err, pool.ErrCorrupt, name)
		left, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, content, string(left), "%s: it is left alone", name)
	}
}

func TestOpenOfADamagedDatabase(t *testing.T) {
	t.Parallel()
	path := smallPool(t)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	const page = 4096
	damaged := append(bytes.Clone(content[:page]), bytes.Repeat([]byte{0xa5}, len(content)-page)...)
	require.NoError(t, os.WriteFile(path, damaged, 0o600))
	require.ErrorIs(t, launchAndExit(path, sqlitestore.Options{}), pool.ErrCorrupt)

	require.NoError(t, os.WriteFile(path, content[:len(content)/2], 0o600), "its end is gone")
	require.ErrorIs(t, launchAndExit(path, sqlitestore.Options{}), pool.ErrCorrupt)
}

func TestOpenOfAnotherProgramsDatabase(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"without a mark":  `CREATE TABLE notes (text)`,
		"of our version":  `CREATE TABLE notes (text); PRAGMA user_version = 1`,
		"of a higher one": `CREATE TABLE notes (text); PRAGMA user_version = 77`,
		"with a mark":     `PRAGMA application_id = 12; PRAGMA user_version = 1`,
		"with only that":  `PRAGMA application_id = 12`,
	} {
		path := newPath(t)
		execute(t, path, script)
		before, err := os.ReadFile(path)
		require.NoError(t, err)
		_, err = sqlitestore.Open(t.Context(), path, sqlitestore.Options{Create: true})
		require.ErrorIs(t, err, pool.ErrCorrupt, name)
		require.ErrorContains(t, err, "it belongs to another program", name)
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		const head = 100 // which counts the changes, and says that it is in WAL mode
		require.Equal(t, before[head:], after[head:], name)
	}
}

func TestOpenOfANewerSchema(t *testing.T) {
	t.Parallel()
	path := smallPool(t)
	execute(t, path, `PRAGMA user_version = 1000`)
	_, err := sqlitestore.Open(t.Context(), path, sqlitestore.Options{Create: true})
	require.ErrorIs(t, err, pool.ErrNewerSchema)
	require.ErrorContains(t, err, "its schema has version 1000, this claudepool knows up to ")
}

// execute runs SQL on a database that no store is open on.
func execute(t testing.TB, path, script string) {
	t.Helper()
	db := raw(t, path)
	_, err := db.Exec(script)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

// raw opens the database without a store, on one connection.
func raw(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	return db
}
