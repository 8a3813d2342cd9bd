package transcripts_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/transcripts"
	"claudepool/pool"
	"claudepool/sqlitestore"
)

// BenchmarkSync reads the transcripts below CLAUDEPOOL_BENCH_TRANSCRIPTS, as internal/maketranscripts
// writes them, into an empty database.
func BenchmarkSync(b *testing.B) {
	dir := os.Getenv("CLAUDEPOOL_BENCH_TRANSCRIPTS")
	if dir == "" {
		b.Skip("CLAUDEPOOL_BENCH_TRANSCRIPTS names no transcripts")
	}
	for b.Loop() {
		store, err := sqlitestore.Open(b.Context(), filepath.Join(b.TempDir(), "pool.db"), sqlitestore.Options{Create: true})
		require.NoError(b, err)
		_, err = store.AddSubscription(b.Context(), pool.Subscription{Name: "g", Enabled: true, CreatedAt: noon})
		require.NoError(b, err)
		report, err := transcripts.Sync(b.Context(), store, noPrice, transcripts.Root{Dir: filepath.Join(dir, "projects"), Owner: "g"})
		require.NoError(b, err)
		b.SetBytes(report.Bytes)
		require.NoError(b, store.Close())
	}
}
