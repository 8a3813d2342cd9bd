package sqlitestore_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
	"claudepool/pool/pooltest"
	"claudepool/sqlitestore"
)

// TestStore also holds every statement that the suite has made the store run to a plan that reads no history as a whole.
func TestStore(t *testing.T) {
	t.Parallel()
	recorder := sqlitestore.NewRecorder()
	empty, full := newPath(t), analysed(t)
	t.Cleanup(func() { // once all of the suite is through
		recorder.CheckPlans(t, empty)
		recorder.CheckPlans(t, full)
	})
	pooltest.Run(t, func(t *testing.T) pool.Store {
		if strings.HasPrefix(t.Name(), "TestStore/Hostile/") { // a report over 8,000 years may read all there is
			return open(t, newPath(t))
		}
		return recorder.Open(t, newPath(t))
	})
}

func TestStoreShared(t *testing.T) {
	t.Parallel()
	pooltest.RunShared(t, func(t *testing.T, handles int) (stores []pool.Store) {
		path := newPath(t)
		for range handles {
			stores = append(stores, open(t, path))
		}
		return stores
	})
}

// analysed is a database with a past that SQLite plans by, as Checkpoint has it do.
func analysed(t *testing.T) string {
	path := newPath(t)
	past{subscriptions: 3, sessions: 3000, entries: 9000, days: 30}.make(t, path)
	db := raw(t, path)
	_, err := db.Exec(`ANALYZE`)
	require.NoError(t, err)
	require.NoError(t, db.Close())
	return path
}

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "pool.db") }

// open creates a database, or opens it again.
func open(t testing.TB, path string) *sqlitestore.Store {
	t.Helper()
	s, err := sqlitestore.Open(t.Context(), path, sqlitestore.Options{Create: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}
