package sharing_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
	"claudepool/internal/sharing"
	"claudepool/pool"
)

// BenchmarkCheck is what every launch on a subscription that shares costs.
func BenchmarkCheck(b *testing.B) {
	dir, shared := b.TempDir(), pool.Sharing{Base: b.TempDir()}
	for _, e := range claudecli.SharedEntries {
		shared.Entries = append(shared.Entries, e.Name)
	}
	_, err := sharing.Mender{}.Mend(dir, shared)
	require.NoError(b, err)
	for b.Loop() {
		if len(sharing.Check(dir, shared)) > 0 {
			b.Fatal("there is nothing to mend")
		}
	}
}
