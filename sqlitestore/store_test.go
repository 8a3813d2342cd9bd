package sqlitestore_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
	"claudepool/pool/pooltest"
	"claudepool/sqlitestore"
)

func TestStore(t *testing.T) {
	t.Parallel()
	pooltest.Run(t, func(t *testing.T) pool.Store { return open(t, newPath(t)) })
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

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "pool.db") }

// open creates a database, or opens it again.
func open(t testing.TB, path string) *sqlitestore.Store {
	t.Helper()
	s, err := sqlitestore.Open(t.Context(), path, sqlitestore.Options{Create: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}
