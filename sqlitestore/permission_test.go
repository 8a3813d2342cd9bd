package sqlitestore_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func TestPermissions(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file, dir os.FileMode
		want      error
	}{
		"all":                    {0o600, 0o700, nil},
		"unreadable file":        {0o000, 0o700, pool.ErrUnreadable},
		"write-only file":        {0o200, 0o700, pool.ErrUnreadable},
		"unreadable directory":   {0o600, 0o000, pool.ErrUnreadable},
		"read-only file":         {0o400, 0o700, pool.ErrReadOnly},
		"read-only directory":    {0o600, 0o500, pool.ErrReadOnly},
		"read-only both":         {0o400, 0o500, pool.ErrReadOnly},
		"unlistable but usable":  {0o600, 0o300, nil},
		"unreadable in readable": {0o000, 0o500, pool.ErrUnreadable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := dirOfChild(t)
			path := poolOfChild(t, dir)
			require.NoError(t, os.Chmod(path, c.file))
			require.NoError(t, os.Chmod(dir, c.dir))
			requireChild(t, c.want, childCommand(path))
		})
	}
}

func TestCreateWherePermissionsForbidIt(t *testing.T) {
	t.Parallel()
	dir := dirOfChild(t)
	require.NoError(t, os.Chmod(dir, 0o500))
	requireChild(t, pool.ErrUnreadable, childCommand(dir+"/pool.db", childCreateVar+"=1"))
	requireChild(t, pool.ErrUnreadable, childCommand(dir+"/state/pool.db", childCreateVar+"=1"))
}

// A limit of the size of files is met as a full disk is, and a quota: in the middle of writing. The
// smaller ones do not let the database be opened.
func TestNoRoom(t *testing.T) {
	t.Parallel()
	path := poolOfChild(t, dirOfChild(t))
	for _, size := range []string{"1000", "20000", "33000", "80000", "300000"} {
		requireChild(t, pool.ErrFull, childCommand(path, childSizeVar+"="+size))
	}
	requireChild(t, nil, childCommand(path)) // the database is as good as before
}
