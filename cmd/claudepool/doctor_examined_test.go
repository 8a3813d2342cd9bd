package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
	"claudepool/internal/memstore"
	"claudepool/pool"
)

// examined is a doctor with a home directory, a pool with nothing wrong in it, and a CLI.
type examined struct {
	*testing.T
	*doctor
	home string
}

func healthy(t *testing.T) examined {
	home, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	env := claudecli.Environment{"HOME=" + home, "PATH=" + filepath.Join(home, "bin") + ":/usr/bin:/bin", "SHELL=/bin/bash"}
	s := defaultSettings(findPlaces(env))
	a, err := newApp(env)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(s.places.state, 0o700))
	d := &doctor{app: a, cwd: filepath.Join(home, "src"), store: memstore.New(), probe: func(pool.Process) pool.Liveness { return pool.Alive }}
	e := examined{t, d, home}
	e.write(".claude/settings.json", "{}", 0o600)
	e.write(".claude.json", `{"firstStartTime":"made up"}`, 0o600)
	e.write(".local/state/claudepool/pool.db", "", 0o600)
	e.write("bin/claude", "#!/bin/sh\necho '2.1.330 (Claude Code)'\n", 0o755)
	e.add(pool.Subscription{Name: "default"})
	return e
}

func (e examined) write(path, text string, mode os.FileMode) string {
	e.Helper()
	path = filepath.Join(e.home, path)
	require.NoError(e, os.MkdirAll(filepath.Dir(path), 0o700))
	syscall.ForkLock.RLock() // a child of another test would hold the file open, and a script that is can't be run
	defer syscall.ForkLock.RUnlock()
	require.NoError(e, os.WriteFile(path, []byte(text), mode))
	require.NoError(e, os.Chmod(path, mode)) // whatever the umask
	return path
}

// add adds a subscription, whose directory is made.
func (e examined) add(s pool.Subscription) {
	e.Helper()
	s.Enabled, s.CreatedAt = true, e.now()
	if s.ConfigDir != "" {
		require.NoError(e, os.MkdirAll(s.ConfigDir, 0o700))
	}
	_, err := e.store.AddSubscription(e.Context(), s)
	require.NoError(e, err)
	e.subscriptions, err = e.store.Subscriptions(e.Context())
	require.NoError(e, err)
}

// set sets a variable of the caller.
func (e examined) set(name, value string) { e.env = e.env.Set(name, value) }

// ask returns the findings of a check, one a line.
func (e examined) ask(name string) string {
	e.Helper()
	var lines []string
	for _, c := range checks {
		if c.name != name {
			continue
		}
		for _, f := range c.ask(e.doctor, e.Context()) {
			lines = append(lines, string(f.level)+": "+f.words+" | "+f.hint)
		}
	}
	return strings.ReplaceAll(strings.Join(lines, "\n"), e.home, "HOME")
}

// install puts the shim first on PATH, here and in a start-up file.
func (e examined) install() {
	self, err := os.Executable()
	require.NoError(e, err)
	dir := e.settings.places.shimDir()
	require.NoError(e, os.MkdirAll(dir, 0o700))
	require.NoError(e, os.Symlink(self, filepath.Join(dir, "claude")))
	e.set("PATH", dir+":"+e.home+"/bin:/usr/bin:/bin")
	e.write(".bashrc", "eval \"$(claudepool shellenv bash)\"\n", 0o600)
}

func (e examined) uninstall() { require.NoError(e, os.Remove(e.settings.places.shim())) }

// extension installs that of VS Code, with a program to start.
func (e examined) extension(starts string) {
	require.NoError(e, os.MkdirAll(e.home+"/.vscode/extensions/anthropic.claude-code-2.1.330-linux-x64", 0o700))
	if starts != "" {
		e.write(".config/Code/User/settings.json", `{"claudeCode.claudeProcessWrapper": "`+starts+`"}`, 0o600)
	}
}

// login has the CLI say this of every subscription.
func (e examined) login(says string) {
	e.cli = e.write("bin/claude", "#!/bin/sh\ncase $1 in --version) echo '2.1.330 (Claude Code)' ;; *) cat <<'EOF'\n"+says+"\nEOF\nesac\n", 0o755)
	version, _ := claudecli.ParseVersion("2.1.330 (Claude Code)")
	e.version = &version
}

func (e examined) session(at time.Time) pool.Session {
	s, _, err := e.store.Acquire(e.Context(), pool.Request{CWD: "/src"}, pool.DefaultPolicy(), e.probe, at)
	require.NoError(e, err)
	return s
}

func (e examined) spoolRecord() {
	w, err := e.settings.spool().Create(pool.Session{ID: "5e55104000000001", Subscription: "default", StartedAt: e.now()}, "")
	require.NoError(e, err)
	require.NoError(e, w.End(pool.End{Reason: pool.EndedByExit}, e.now()))
}

// sharing adds a subscription that is to have one link.
func (e examined) sharing() {
	e.add(pool.Subscription{Name: "work", ConfigDir: e.home + "/w", Sharing: pool.Sharing{Base: e.home + "/.claude", Entries: []string{"settings.json"}}})
}

// sick gives the store damage, as --fix finds it: it reads with a lock, and so looks once.
func (e examined) sick(s sickStore) {
	s.Store = e.store
	e.store, e.changes = s, true
}

// sickStore is a store with damage.
type sickStore struct {
	pool.Store
	problems []string
	err      error
}

// Check implements pool.Store.
func (s sickStore) Check(context.Context) ([]string, error) { return s.problems, s.err }
