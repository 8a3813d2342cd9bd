package harness

import (
	"bytes"
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// Ground is a place to run in: a home directory of its own, a project directory, and a pool.
type Ground struct {
	// Dir holds everything; Project is the working directory of every run.
	Dir, Project string
	// Real is the program that both ways run.
	Real string
	// Maintain is what CLAUDEPOOL_MAINTAIN is set to: off, so that nothing outlives a test, unless it is about that.
	Maintain string
	runs     atomic.Int64
}

// Way is one way to run the real CLI: Path is a program, or a link to one, named `claude`.
type Way struct {
	Name, Path string
}

// New makes a ground whose real CLI is the stand-in, and a pool of one subscription, a.
func New(t *testing.T) *Ground {
	t.Helper()
	g := Bare(t)
	if os.Getenv(WrapperVar) == "" {
		g.Must(t, "init")
		g.Must(t, "add", "a", "--no-ramp-up", "--config-dir", g.MakeDir(t, "a"))
	}
	return g
}

// Bare makes a ground without a pool.
func Bare(t *testing.T) *Ground {
	t.Helper()
	dir, err := os.MkdirTemp("", "ground")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // a killed run may still write
	require.NoError(t, os.Chmod(dir, 0o755))
	g := &Ground{Dir: dir, Project: filepath.Join(dir, "project"), Real: Claude, Maintain: "off"}
	for _, sub := range []string{"home", "config", "state", "data", "cache", "project", "shim", "script", "tmp"} {
		require.NoError(t, os.Mkdir(filepath.Join(dir, sub), 0o700))
	}
	if wrapper := cmp.Or(Claudepool, os.Getenv(WrapperVar)); filepath.IsAbs(wrapper) {
		g.link(t, wrapper, filepath.Join(dir, "shim", "claude"))
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, "script", "claude"), []byte(viaScript), 0o755))
	return g
}

const viaScript = `#!/bin/bash
exec script -qec "$(printf '%q ' "$CLAUDEPOOL_CLAUDE" "$@")" /dev/null
`

func (g *Ground) link(t *testing.T, to, path string) {
	t.Helper()
	_ = os.Remove(path) // from an earlier shell
	require.NoError(t, os.Symlink(to, path))
}

// MakeDir makes a directory in the ground and returns its path.
func (g *Ground) MakeDir(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(g.Dir, name)
	require.NoError(t, os.MkdirAll(dir, 0o700))
	return dir
}

// Direct runs the real CLI itself.
func (g *Ground) Direct() Way { return Way{"direct", g.Real} }

// Wrapped runs it through the shim.
func (g *Ground) Wrapped() Way {
	switch os.Getenv(WrapperVar) {
	case "direct":
		return Way{"wrapped", g.Real}
	case "script":
		return Way{"wrapped", filepath.Join(g.Dir, "script", "claude")}
	}
	return Way{"wrapped", filepath.Join(g.Dir, "shim", "claude")}
}

// Ways are both, for tests that hold for either.
func (g *Ground) Ways() []Way { return []Way{g.Direct(), g.Wrapped()} }

// NeedsPool skips a test about the pool where no pool is behind the wrapped way.
func NeedsPool(t *testing.T) {
	t.Helper()
	if Claudepool == "" {
		t.Skip("the wrapped way is not claudepool: " + WrapperVar + "=" + os.Getenv(WrapperVar))
	}
}

// Environ is the environment of every run, without what a plan adds.
func (g *Ground) Environ() []string {
	in := func(name string) string { return filepath.Join(g.Dir, name) }
	return []string{
		"HOME=" + in("home"),
		"PATH=" + in("shim") + ":/usr/local/bin:/usr/bin:/bin",
		"TERM=xterm-256color",
		"LANG=C.UTF-8",
		"TMPDIR=" + in("tmp"),
		"XDG_CONFIG_HOME=" + in("config"),
		"XDG_STATE_HOME=" + in("state"),
		"XDG_DATA_HOME=" + in("data"),
		"XDG_CACHE_HOME=" + in("cache"),
		"CLAUDEPOOL_CLAUDE=" + g.Real,
		"CLAUDEPOOL_MAINTAIN=" + g.Maintain,
	}
}

// Database is the path of the pool's database.
func (g *Ground) Database() string { return filepath.Join(g.Dir, "state", "claudepool", "pool.db") }

// Manage runs claudepool and returns its output and exit status.
func (g *Ground) Manage(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.Command(Claudepool, args...)
	cmd.Env, cmd.Dir = g.Environ(), g.Project
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	_ = cmd.Run() // the status says it
	require.NotNil(t, cmd.ProcessState, "claudepool did not start")
	return out.String(), complaints.String(), cmd.ProcessState.ExitCode()
}

// Must runs claudepool, which must succeed, and returns its standard output.
func (g *Ground) Must(t *testing.T, args ...string) string {
	t.Helper()
	out, complaints, code := g.Manage(t, args...)
	require.Zero(t, code, "claudepool %q: %s", args, complaints)
	return out
}

// share makes the directory that one run shares with the test.
func (g *Ground) share(t *testing.T) string {
	t.Helper()
	return g.MakeDir(t, filepath.Join("runs", strconv.FormatInt(g.runs.Add(1), 10)))
}

// Spoil puts something that is no database in the place of the pool's.
func (g *Ground) Spoil() error {
	if err := os.MkdirAll(filepath.Dir(g.Database()), 0o700); err != nil {
		return err
	}
	return os.WriteFile(g.Database(), bytes.Repeat([]byte("no database "), 1000), 0o600)
}
