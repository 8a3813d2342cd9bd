//go:build pg

package pgstore_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/pgstore"
	"claudepool/pool"
	"claudepool/pool/pooltest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	pooltest.Run(t, func(t *testing.T) pool.Store { return open(t, pgstore.NewURL(t)) })
}

func TestStoreShared(t *testing.T) {
	t.Parallel()
	pooltest.RunShared(t, func(t *testing.T, handles int) (stores []pool.Store) {
		at := pgstore.NewURL(t)
		for range handles {
			stores = append(stores, open(t, at))
		}
		return stores
	})
}

// open makes the tables, or opens them again.
func open(t testing.TB, at string) *pgstore.Store {
	t.Helper()
	s, err := pgstore.Open(t.Context(), at, pgstore.Options{Create: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}
