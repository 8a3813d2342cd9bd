package sqlitestore_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"claudepool/pool"
	"claudepool/sqlitestore"
)

// SQLite says of a database on a read-only file system that it can't be opened.
func TestReadOnlyFileSystem(t *testing.T) {
	t.Parallel()
	dir := mount(t)
	path := poolOfChild(t, dir)
	require.NoError(t, unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""))
	require.ErrorIs(t, launchAndExit(path, sqlitestore.Options{}), pool.ErrReadOnly)
	_, err := sqlitestore.Open(t.Context(), dir+"/new/pool.db", sqlitestore.Options{Create: true})
	require.ErrorIs(t, err, pool.ErrReadOnly)
}

func TestFullFileSystem(t *testing.T) {
	t.Parallel()
	dir := mount(t)
	path := poolOfChild(t, dir)
	stuffing, err := os.Create(dir + "/stuffing")
	require.NoError(t, err)
	for err == nil {
		_, err = stuffing.Write(make([]byte, 1024))
	}
	require.NoError(t, stuffing.Close())
	require.ErrorIs(t, launchAndExit(path, sqlitestore.Options{}), pool.ErrFull)
	require.NoError(t, os.Remove(stuffing.Name()))
	require.NoError(t, launchAndExit(path, sqlitestore.Options{}), "the database is as good as before")
}

// mount makes a small file system.
func mount(t *testing.T) (dir string) {
	dir = t.TempDir()
	err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m,mode=0700")
	if err != nil {
		t.Skipf("can't mount a file system of its own: %v", err)
	}
	t.Cleanup(func() { require.NoError(t, unix.Unmount(dir, unix.MNT_DETACH)) })
	return dir
}
