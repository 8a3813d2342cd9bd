package sharing_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/sharing"
)

func TestOldBackupsGo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put := func(name string) string {
		path := filepath.Join(dir, sharing.Backups, name)
		require.NoError(t, os.MkdirAll(path, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(path, "settings.json.base"), []byte("{}"), 0o600))
		return path
	}
	old := put(noon.AddDate(0, 0, -8).UTC().Format("20060102T150405.000Z") + "-settings.json")
	young := put(noon.AddDate(0, 0, -6).UTC().Format("20060102T150405.000Z") + "-settings.json")
	mine, bare := put("mine"), put("20200101T000000.000Z")
	require.NoError(t, os.WriteFile(filepath.Join(dir, sharing.Backups, "note"), nil, 0o600))

	removed, err := sharing.PruneBackups(dir, noon.AddDate(0, 0, -7))
	require.NoError(t, err)
	require.Equal(t, 1, removed)
	require.NoDirExists(t, old)
	for _, kept := range []string{young, mine, bare} {
		require.DirExists(t, kept)
	}
	removed, err = sharing.PruneBackups(filepath.Join(dir, "none"), noon)
	require.NoError(t, err)
	require.Zero(t, removed)
}

// What mending puts aside is what is found again.
func TestBackupsOfMendingAreFound(t *testing.T) {
	t.Parallel()
	g := newGround(t, "settings.json")
	g.write(filepath.Join(g.base, "settings.json"), "base", noon)
	g.write(filepath.Join(g.dir, "settings.json"), "replaced", noon)
	g.mend()
	removed, err := sharing.PruneBackups(g.dir, noon.AddDate(0, 0, 1))
	require.NoError(t, err)
	require.Equal(t, 1, removed)
}
