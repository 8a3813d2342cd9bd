package sqlitestore

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var work = pool.Subscription{Name: "work", ConfigDir: "/work", Enabled: true, CreatedAt: time.UnixMilli(1)}

// namesIn are the names of what is in a directory.
func namesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// Who reads only leaves nothing behind, sees what others have just written, and can't write.
func TestReadingOnlyChangesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pool.db")
	writer, err := Open(t.Context(), path, Options{Create: true})
	require.NoError(t, err)
	_, err = writer.AddSubscription(t.Context(), work)
	require.NoError(t, err)
	for _, running := range []bool{true, false} {
		if !running {
			require.NoError(t, writer.Close())
		}
		before := namesIn(t, filepath.Dir(path))
		require.Equal(t, running, len(before) > 1, "a writer has a journal")
		reader, err := Open(t.Context(), path, Options{ReadOnly: true})
		require.NoError(t, err)
		all, err := reader.Subscriptions(t.Context())
		require.NoError(t, err)
		require.Len(t, all, 1)
		problems, err := reader.Check(t.Context())
		require.NoError(t, err)
		require.Empty(t, problems)
		require.ErrorIs(t, reader.SetEnabled(t.Context(), "work", false), pool.ErrReadOnly)
		require.Equal(t, before, namesIn(t, filepath.Dir(path)))
		require.NoError(t, reader.Close())
		require.Equal(t, before, namesIn(t, filepath.Dir(path)))
	}
}

// A schema is not brought up to date by who reads only.
func TestReadingOnlyRefusesAnOlderSchema(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "pool.db")
	_, err := Open(t.Context(), path, Options{ReadOnly: true})
	require.ErrorIs(t, err, pool.ErrNoPool)
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	_, err = Open(t.Context(), path, Options{ReadOnly: true})
	require.ErrorIs(t, err, pool.ErrOlderSchema)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Zero(t, info.Size())
	require.Equal(t, []string{"pool.db"}, namesIn(t, filepath.Dir(path)))
}
