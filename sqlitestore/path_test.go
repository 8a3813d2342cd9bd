package sqlitestore_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
	"claudepool/sqlitestore"
)

// The longest path works, and of a longer one nothing is made.
func TestLongPaths(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	const longest = 504
	for longest-len(dir) > 200 {
		dir = filepath.Join(dir, strings.Repeat("d", 100))
	}
	path := filepath.Join(dir, strings.Repeat("p", longest-len(dir)-1))
	s, err := sqlitestore.Open(context.Background(), path, sqlitestore.Options{Create: true})
	require.NoError(t, err)
	require.NoError(t, s.Close())

	_, err = sqlitestore.Open(context.Background(), path+"p", sqlitestore.Options{})
	require.ErrorIs(t, err, pool.ErrNoPool)
	_, err = sqlitestore.Open(context.Background(), path+"p", sqlitestore.Options{Create: true})
	require.ErrorIs(t, err, pool.ErrUnreadable)
	require.ErrorContains(t, err, "its path has 505 bytes, and SQLite takes no more than 504")
	_, err = os.Stat(path + "p")
	require.ErrorIs(t, err, os.ErrNotExist)
}
