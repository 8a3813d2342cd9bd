package spool_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/spool"
)

func TestTidyBoundsWhatNobodyCanRead(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "spool")
	require.NoError(t, os.Mkdir(dir, 0o700))
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	put := func(name string, age time.Duration) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte("?"), 0o600))
		require.NoError(t, os.Chtimes(path, now.Add(-age), now.Add(-age)))
		return path
	}
	for i := range spool.MostDamaged {
		put(fmt.Sprintf("kept-%d.jsonl.damaged", i), time.Hour)
	}
	oldest := put("oldest.jsonl.damaged", 2*time.Hour)
	stale, fresh := put("a.jsonl.new", 25*time.Hour), put("b.jsonl.new", time.Minute)
	record, other := put("c.jsonl", 1000*time.Hour), put("other.new", 1000*time.Hour)

	removed, err := spool.New(dir).Tidy(now)
	require.NoError(t, err)
	require.Equal(t, 2, removed)
	require.NoFileExists(t, oldest)
	require.NoFileExists(t, stale)
	for _, kept := range []string{fresh, record, other} {
		require.FileExists(t, kept)
	}
	removed, err = spool.New(dir).Tidy(now)
	require.NoError(t, err)
	require.Zero(t, removed)
}
