package memstore_test

import (
	"testing"

	"claudepool/internal/memstore"
	"claudepool/pool"
	"claudepool/pool/pooltest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	pooltest.Run(t, func(*testing.T) pool.Store { return memstore.New() })
}
