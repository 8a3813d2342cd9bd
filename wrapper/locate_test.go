package wrapper

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// place makes files in a directory of its own; names that end with / are directories.
type place struct {
	t   *testing.T
	dir string
}

func newPlace(t *testing.T) place {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	return place{t, dir}
}

func (p place) at(name string) string { return filepath.Join(p.dir, name) }

func (p place) file(name string, mode fs.FileMode) string {
	p.t.Helper()
	require.NoError(p.t, os.MkdirAll(filepath.Dir(p.at(name)), 0o755))
	require.NoError(p.t, os.WriteFile(p.at(name), []byte("#!/bin/sh\n"), 0o600))
	require.NoError(p.t, os.Chmod(p.at(name), mode))
	return p.at(name)
}

func (p place) link(name, to string) string {
	p.t.Helper()
	require.NoError(p.t, os.MkdirAll(filepath.Dir(p.at(name)), 0o755))
	require.NoError(p.t, os.Symlink(to, p.at(name)))
	return p.at(name)
}

func (p place) path(dirs ...string) string {
	path := ""
	for _, dir := range dirs {
		path += p.at(dir) + ":"
	}
	return path[:len(path)-1]
}

func ourselves(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	return self
}

func TestLocateTakesTheFirstOnPathThatIsNotOurs(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.link("ours/claude", ourselves(t))
	p.link("chain/claude", p.at("ours/claude"))
	p.file("elsewhere/claudepool", 0o755)
	p.link("other/claude", p.at("elsewhere/claudepool")) // another installation of claudepool
	p.file("shim/claude", 0o755)                         // ours by its place, whatever it is
	p.file("plain/claude", 0o644)
	require.NoError(t, os.MkdirAll(p.at("directory/claude"), 0o755))
	p.link("dangling/claude", p.at("nowhere"))
	want := p.link("real/claude", p.file("versions/2.1.330", 0o755))
	p.file("later/claude", 0o755)
	require.NoError(t, os.Link(ourselves(t), p.file("hard/x", 0o755)+"y"))
	require.NoError(t, os.Rename(p.at("hard/xy"), p.at("hard/claude")))
	l := Lookup{ShimDirs: []string{p.at("shim") + "/", ""}, Path: p.path("ours", "chain", "other", "hard", "shim", "missing", "plain", "directory", "dangling", "real", "later")}
	got, err := l.Locate()
	require.NoError(t, err)
	require.Equal(t, want, got, "the link and not what it leads to: the CLI's updater changes that")
}

func TestLocateByName(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.link("shim/claude-next", ourselves(t))
	want := p.file("bin/claude-next", 0o755)
	got, err := Lookup{Named: "claude-next", Path: p.path("shim", "bin")}.Locate()
	require.NoError(t, err)
	require.Equal(t, want, got)
	got, err = Lookup{Named: want}.Locate()
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func TestLocateInTheUsualPlaces(t *testing.T) {
	t.Parallel()
	for _, dir := range []string{".local/bin", ".claude/local", ".npm-global/bin", ".bun/bin"} {
		p := newPlace(t)
		want := p.file(dir+"/claude", 0o755)
		got, err := Lookup{Path: p.at("empty"), Home: p.dir}.Locate()
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

// Not parallel: the working directory is the process's.
func TestLocateWithRelativeEntriesOnPath(t *testing.T) {
	p := newPlace(t)
	inBin, here := p.file("bin/claude", 0o755), p.file("claude", 0o755)
	t.Chdir(p.dir)
	for path, want := range map[string]string{"bin": inBin, "./bin:x": inBin, "missing:": here, ":bin": here, "..": ""} {
		got, err := Lookup{Path: path}.Locate()
		if want == "" {
			require.NotEqual(t, here, got)
			continue
		}
		require.NoError(t, err, path)
		require.Equal(t, want, got, path)
	}
	got, err := Lookup{Named: "bin/claude"}.Locate()
	require.NoError(t, err)
	require.Equal(t, inBin, got)
}

func TestLocateErrors(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	plain := p.file("plain/claude", 0o644)
	p.link("ours/claude", ourselves(t))
	p.file("elsewhere/claudepool", 0o755)
	for name, tc := range map[string]struct {
		lookup Lookup
		want   error
		code   int
	}{
		"nothing":                  {Lookup{Named: p.at("nothing")}, fs.ErrNotExist, 127},
		"a name that is nowhere":   {Lookup{Named: "no-such-claude", Path: p.dir}, fs.ErrNotExist, 127},
		"below a file":             {Lookup{Named: plain + "/claude"}, syscall.ENOTDIR, 126},
		"a directory":              {Lookup{Named: p.dir}, syscall.EISDIR, 126},
		"not executable":           {Lookup{Named: plain}, fs.ErrPermission, 126},
		"a link to ourselves":      {Lookup{Named: p.at("ours/claude")}, ErrIsOurselves, 126},
		"ourselves":                {Lookup{Named: ourselves(t)}, ErrIsOurselves, 126},
		"another claudepool":       {Lookup{Named: p.at("elsewhere/claudepool")}, ErrIsOurselves, 126},
		"only not executable ones": {Lookup{Named: "claude", Path: p.path("plain")}, fs.ErrPermission, 126},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := tc.lookup.Locate()
			var start *StartError
			require.ErrorAs(t, err, &start)
			require.ErrorIs(t, err, tc.want)
			require.Equal(t, tc.code, start.Code())
		})
	}
}

func TestStartErrorCodesAreTheShells(t *testing.T) {
	t.Parallel()
	for err, code := range map[error]int{
		syscall.ENOENT: 127, fs.ErrNotExist: 127,
		syscall.EACCES: 126, syscall.ENOEXEC: 126, syscall.ENOTDIR: 126, syscall.E2BIG: 126, syscall.ELOOP: 126, ErrIsOurselves: 126,
	} {
		start := &StartError{"/x/claude", err}
		require.Equal(t, code, start.Code(), err.Error())
		require.True(t, errors.Is(start, err))
		require.Equal(t, "start /x/claude: "+err.Error(), start.Error())
	}
}
