package memstore_test

import (
	"slices"
	"testing"

	"claudepool/internal/memstore"
	"claudepool/pool"
	"claudepool/pool/pooltest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	pooltest.Run(t, func(*testing.T) pool.Store { return memstore.New() })
}

func TestStoreShared(t *testing.T) {
	t.Parallel()
	pooltest.RunShared(t, func(_ *testing.T, handles int) []pool.Store {
		return slices.Repeat([]pool.Store{memstore.New()}, handles)
	})
}
