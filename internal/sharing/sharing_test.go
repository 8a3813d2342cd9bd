package sharing_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/sharing"
	"claudepool/pool"
)

var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// ground is a base directory and one that shares with it.
type ground struct {
	*testing.T
	base, dir string
	shared    pool.Sharing
}

func newGround(t *testing.T, entries ...string) *ground {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	g := &ground{T: t, base: filepath.Join(root, "base 'é'"), dir: filepath.Join(root, "dir")}
	require.NoError(t, os.MkdirAll(g.dir, 0o700))
	g.shared = pool.Sharing{Base: g.base, Entries: entries}
	return g
}

func (g *ground) mender() sharing.Mender { return sharing.Mender{Now: noon} }

func (g *ground) mend() []sharing.Mended {
	g.Helper()
	done, err := g.mender().Mend(g.dir, g.shared)
	require.NoError(g, err)
	require.Empty(g, sharing.Check(g.dir, g.shared), "all is mended")
	return done
}

func (g *ground) write(path, text string, at time.Time) {
	g.Helper()
	require.NoError(g, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(g, os.WriteFile(path, []byte(text), 0o600))
	require.NoError(g, os.Chtimes(path, at, at))
}

func (g *ground) requireText(path, want string) {
	g.Helper()
	text, err := os.ReadFile(path)
	require.NoError(g, err)
	require.Equal(g, want, string(text))
}

func (g *ground) requireLink(name, target string) {
	g.Helper()
	leads, err := os.Readlink(filepath.Join(g.dir, name))
	require.NoError(g, err)
	require.Equal(g, target, leads)
}

func kinds(problems []sharing.Problem) map[string]sharing.Kind {
	kinds := map[string]sharing.Kind{}
	for _, p := range problems {
		kinds[p.Entry] = p.Kind
	}
	return kinds
}

func TestLinksAreMadeDirectAndAbsolute(t *testing.T) {
	t.Parallel()
	g := newGround(t, "projects", "settings.json", "of-a-newer-claudepool")
	require.Equal(t, map[string]sharing.Kind{"projects": sharing.Missing, "settings.json": sharing.Missing}, kinds(sharing.Check(g.dir, g.shared)))
	require.Len(t, g.mend(), 2)
	require.DirExists(t, filepath.Join(g.base, "projects"), "what one side puts there, the other must see")
	require.NoFileExists(t, filepath.Join(g.base, "settings.json"), "the CLI writes it through the link")
	g.requireLink("settings.json", filepath.Join(g.base, "settings.json"))
	g.requireLink("projects", filepath.Join(g.base, "projects"))
	require.Empty(t, g.mend(), "again")
	require.NoDirExists(t, filepath.Join(g.dir, sharing.Backups))
}

func TestALinkPassesOverLinksOfTheBase(t *testing.T) {
	t.Parallel()
	g := newGround(t, "settings.json")
	dotfiles := filepath.Join(filepath.Dir(g.base), "dotfiles")
	g.write(filepath.Join(dotfiles, "claude.json"), "mine", noon)
	require.NoError(t, os.MkdirAll(g.base, 0o700))
	require.NoError(t, os.Symlink("../dotfiles/claude.json", filepath.Join(g.base, "settings.json")))
	g.mend()
	g.requireLink("settings.json", filepath.Join(dotfiles, "claude.json"))
}

func TestOfAReplacedFileTheNewerVersionIsKept(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		replaced, base time.Time
		want           string
	}{
		"the replaced one": {noon, noon.Add(-time.Hour), "replaced"},
		"that of the base": {noon.Add(-time.Hour), noon, "base"},
		"of the same time": {noon, noon, "base"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGround(t, "settings.json")
			g.write(filepath.Join(g.base, "settings.json"), "base", c.base)
			g.write(filepath.Join(g.dir, "settings.json"), "replaced", c.replaced)
			require.Equal(t, map[string]sharing.Kind{"settings.json": sharing.Replaced}, kinds(sharing.Check(g.dir, g.shared)))
			done := g.mend()
			require.Len(t, done, 1)
			g.requireText(filepath.Join(g.base, "settings.json"), c.want)
			g.requireText(filepath.Join(done[0].Backup, "settings.json.base"), "base")
			g.requireText(filepath.Join(done[0].Backup, "settings.json.replaced"), "replaced")
			info, err := os.Stat(done[0].Backup)
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
			require.Equal(t, filepath.Join(g.dir, sharing.Backups), filepath.Dir(done[0].Backup))
			requireNothingElse(t, g.dir, sharing.Backups, "settings.json")
			requireNothingElse(t, g.base, "settings.json")
		})
	}
}

func requireNothingElse(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	require.Equal(t, want, names)
}

// A backup is another name of a version, or the version itself: what is in it has been copied nowhere.
func TestABackupIsNoCopy(t *testing.T) {
	t.Parallel()
	for name, newer := range map[string]time.Duration{"the replaced one": time.Hour, "that of the base": -time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGround(t, "settings.json")
			base, replaced := filepath.Join(g.base, "settings.json"), filepath.Join(g.dir, "settings.json")
			g.write(base, "base", noon)
			g.write(replaced, "replaced", noon.Add(newer))
			infoBase, err := os.Stat(base)
			require.NoError(t, err)
			infoReplaced, err := os.Stat(replaced)
			require.NoError(t, err)
			backup := g.mend()[0].Backup
			for path, want := range map[string]os.FileInfo{"settings.json.base": infoBase, "settings.json.replaced": infoReplaced} {
				info, err := os.Stat(filepath.Join(backup, path))
				require.NoError(t, err)
				require.True(t, os.SameFile(want, info), path)
			}
		})
	}
}

func TestEqualVersionsLeaveNoBackup(t *testing.T) {
	t.Parallel()
	g := newGround(t, "settings.json", "CLAUDE.md")
	g.write(filepath.Join(g.base, "settings.json"), "same", noon)
	g.write(filepath.Join(g.dir, "settings.json"), "same", noon.Add(time.Hour))
	g.write(filepath.Join(g.dir, "CLAUDE.md"), "only here", noon)
	for _, m := range g.mend() {
		require.Empty(t, m.Backup)
	}
	g.requireText(filepath.Join(g.base, "settings.json"), "same")
	g.requireText(filepath.Join(g.base, "CLAUDE.md"), "only here")
	require.NoDirExists(t, filepath.Join(g.dir, sharing.Backups))
}

func TestAReplacedDirectoryIsMerged(t *testing.T) {
	t.Parallel()
	g := newGround(t, "projects")
	here, there := filepath.Join(g.dir, "projects"), filepath.Join(g.base, "projects")
	g.write(filepath.Join(here, "-a/new.jsonl"), "new", noon)
	g.write(filepath.Join(here, "-a/grown.jsonl"), "one\ntwo\n", noon)
	g.write(filepath.Join(here, "-a/old.jsonl"), "old", noon.Add(-time.Hour))
	g.write(filepath.Join(there, "-a/grown.jsonl"), "one\n", noon.Add(-time.Hour))
	g.write(filepath.Join(there, "-a/old.jsonl"), "newer", noon)
	g.write(filepath.Join(there, "-b/other.jsonl"), "other", noon)
	g.write(filepath.Join(here, "-c"), "a file", noon)
	g.write(filepath.Join(there, "-c/in.jsonl"), "a directory", noon)
	done := g.mend()
	g.requireText(filepath.Join(there, "-a/new.jsonl"), "new")
	g.requireText(filepath.Join(there, "-a/grown.jsonl"), "one\ntwo\n")
	g.requireText(filepath.Join(there, "-a/old.jsonl"), "newer")
	g.requireText(filepath.Join(there, "-b/other.jsonl"), "other")
	g.requireText(filepath.Join(there, "-c/in.jsonl"), "a directory")
	backup := filepath.Join(done[0].Backup, "projects")
	g.requireText(filepath.Join(backup, "-a/grown.jsonl.base"), "one\n")
	g.requireText(filepath.Join(backup, "-a/old.jsonl.replaced"), "old")
	g.requireText(filepath.Join(backup, "-c.replaced"), "a file")
	requireNothingElse(t, g.dir, sharing.Backups, "projects")
}

func TestALinkThatLeadsElsewhereIsSetRight(t *testing.T) {
	t.Parallel()
	g := newGround(t, "settings.json")
	other := filepath.Join(filepath.Dir(g.base), "other.json")
	g.write(other, "other", noon)
	require.NoError(t, os.Symlink(other, filepath.Join(g.dir, "settings.json")))
	require.Equal(t, map[string]sharing.Kind{"settings.json": sharing.Elsewhere}, kinds(sharing.Check(g.dir, g.shared)))
	g.mend()
	g.requireText(other, "other")
	g.requireLink("settings.json", filepath.Join(g.base, "settings.json"))
}

func TestWhatWasInterruptedIsFinished(t *testing.T) {
	t.Parallel()
	g := newGround(t, "settings.json")
	g.write(filepath.Join(g.base, "settings.json"), "base", noon.Add(-time.Hour))
	g.mend()
	g.write(filepath.Join(g.dir, "settings.json.claudepool-aside"), "replaced", noon)
	require.Equal(t, map[string]sharing.Kind{"settings.json": sharing.Unfinished}, kinds(sharing.Check(g.dir, g.shared)))
	g.mend()
	g.requireText(filepath.Join(g.base, "settings.json"), "replaced")
	requireNothingElse(t, g.dir, sharing.Backups, "settings.json")
}

func TestWhatCannotBeMendedStaysAsItIs(t *testing.T) {
	t.Parallel()
	g := newGround(t, "projects", "settings.json")
	g.write(filepath.Join(g.base, "projects"), "a file where a directory should be", noon)
	g.write(filepath.Join(g.dir, "projects/-a/b.jsonl"), "mine", noon)
	done, err := g.mender().Mend(g.dir, g.shared)
	require.ErrorContains(t, err, "projects: ")
	require.Len(t, done, 1, "the others are mended")
	g.requireText(filepath.Join(g.dir, "projects/-a/b.jsonl"), "mine")
}

func TestManyMendAtOnce(t *testing.T) {
	t.Parallel()
	g := newGround(t, "projects", "settings.json")
	g.write(filepath.Join(g.base, "settings.json"), "base", noon.Add(-time.Hour))
	g.write(filepath.Join(g.dir, "settings.json"), "replaced", noon)
	g.write(filepath.Join(g.dir, "projects/-a/b.jsonl"), "mine", noon)
	failed := make(chan error)
	for range 20 {
		go func() {
			_, err := g.mender().Mend(g.dir, g.shared)
			failed <- err
		}()
	}
	for range 20 {
		require.NoError(t, <-failed)
	}
	require.Empty(t, sharing.Check(g.dir, g.shared))
	g.requireText(filepath.Join(g.base, "settings.json"), "replaced")
	g.requireText(filepath.Join(g.base, "projects/-a/b.jsonl"), "mine")
}
