package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"
)

// askingInit is `init` on a terminal, in a home with two config directories.
func askingInit(t *testing.T) (*watched, string) {
	t.Helper()
	home := t.TempDir()
	for _, dir := range []string{".claude", ".claude-work"} {
		require.NoError(t, os.Mkdir(filepath.Join(home, dir), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(home, dir, ".claude.json"), []byte("{}"), 0o600))
	}
	return initIn(t, home), home
}

func initIn(t *testing.T, home string) *watched {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Args = []string{"claudepool", "init"}
	cmd.Env = []string{"HOME=" + home, "PATH=/usr/bin:/bin", "SHELL=/bin/bash", "TZ=UTC", "TERM=dumb", "CLAUDEPOOL_MAINTAIN=off", "GORACE=" + noRaceSleep}
	w := &watched{Cmd: cmd, closed: make(chan struct{})}
	var err error
	w.terminal, err = pty.StartWithSize(cmd, &pty.Winsize{Cols: 120, Rows: 40})
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.terminal.Close() })
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	go w.read()
	return w
}

func (w *watched) answer(t *testing.T, question, text string) {
	t.Helper()
	w.until(t, 0, question)
	_, err := w.terminal.WriteString(text)
	require.NoError(t, err)
}

// Enter is an answer to every question, and a second run has none left.
func TestInitAsks(t *testing.T) {
	t.Parallel()
	w, home := askingInit(t)
	w.answer(t, "take in ~/.claude as a subscription? its name, or - for no [default] ", "\n")
	w.answer(t, "take in ~/.claude-work as a subscription? its name, or - for no [work] ", "default\n")
	w.until(t, 0, "add subscription default: ")
	w.answer(t, "taken\r\nclaudepool: take in ~/.claude-work", "office\n")
	w.answer(t, "so that plain claude uses the pool? [Y/n] ", "\n")
	w.answer(t, "add it to ~/.bashrc? [Y/n] ", "\n")
	status, said := w.ends(t)
	require.True(t, status.Exited() && status.ExitStatus() == 0, said)
	require.Contains(t, said, "added office: the login in "+home+"/.claude-work\r\n")
	require.Regexp(t, `(?m)^office +available`, said)
	require.FileExists(t, filepath.Join(home, ".local/share/claudepool/shim/claude"))
	before, err := os.ReadFile(filepath.Join(home, ".bashrc"))
	require.NoError(t, err)
	require.Contains(t, string(before), "shellenv bash")

	again := initIn(t, home)
	_, said = again.ends(t)
	require.Contains(t, said, "there is a pool already, nothing was changed: ")
	require.NotContains(t, said, "? its name")
	after, err := os.ReadFile(filepath.Join(home, ".bashrc"))
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
}

// questions are those of askingInit, in their order.
var questions = []string{"[default] ", "[work] ", "the pool? [Y/n] ", "add it to ~/.bashrc? [Y/n] "}

// requireNothingDone says that init has left nothing behind.
func requireNothingDone(t *testing.T, home string) {
	t.Helper()
	entries, err := os.ReadDir(home)
	require.NoError(t, err)
	require.Len(t, entries, 2, "%v", entries)
}

// Ctrl-C and Ctrl-D at a question leave nothing that the earlier ones were answered for.
func TestInitLeftAtAQuestion(t *testing.T) {
	t.Parallel()
	for at := range questions {
		for name, key := range map[string]string{"Ctrl-C": "\x03", "Ctrl-D": "\x04"} {
			t.Run(fmt.Sprintf("%s at %d", name, at), func(t *testing.T) {
				t.Parallel()
				w, home := askingInit(t)
				for _, question := range questions[:at] {
					w.answer(t, question, "\n")
				}
				w.answer(t, questions[at], key)
				status, said := w.ends(t)
				if name == "Ctrl-C" {
					require.True(t, status.Signaled() && status.Signal() == syscall.SIGINT, said)
				} else {
					require.True(t, status.Exited() && status.ExitStatus() == 1, said)
					require.Contains(t, said, "claudepool: no answer came, nothing was done\r\nclaudepool: to be asked nothing: claudepool init --yes")
				}
				requireNothingDone(t, home)
			})
		}
	}
}

// No is an answer too, to each question; what was said no to is told how to do later.
func TestInitTakesNoForAnAnswer(t *testing.T) {
	t.Parallel()
	w, home := askingInit(t)
	w.answer(t, questions[0], "n\n")
	w.answer(t, questions[1], "No\n")
	w.answer(t, questions[2], "perhaps\n")
	require.Eventually(t, func() bool { return strings.Count(w.text(), questions[2]) == 2 }, 20*time.Second, 5*time.Millisecond, "asked again")
	_, err := w.terminal.WriteString("n\n")
	require.NoError(t, err)
	status, said := w.ends(t)
	require.True(t, status.Exited() && status.ExitStatus() == 0, said)
	require.NotContains(t, said, "added ")
	require.NotContains(t, said, "add it to")
	require.Contains(t, said, "to have plain claude use the pool: claudepool shim install\r\n")
	require.Contains(t, said, "the pool is empty; to add a subscription: claudepool add NAME\r\n")
	require.NoDirExists(t, filepath.Join(home, ".local/share/claudepool"))
	require.FileExists(t, filepath.Join(home, ".local/state/claudepool/pool.db"))
}

// With the shim but not its line it says what to add where.
func TestInitLeavesTheStartUpFileAlone(t *testing.T) {
	t.Parallel()
	w, home := askingInit(t)
	require.NoError(t, os.Mkdir(filepath.Join(home, "dotfiles"), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(home, "dotfiles/bashrc"), []byte("export LAST=1"), 0o600))
	require.NoError(t, os.Symlink("dotfiles/bashrc", filepath.Join(home, ".bashrc")))
	w.answer(t, questions[0], "yes\n")
	w.answer(t, questions[1], "y\n")
	w.answer(t, questions[2], "Y\n")
	w.answer(t, questions[3], "no\n")
	status, said := w.ends(t)
	require.True(t, status.Exited() && status.ExitStatus() == 0, said)
	require.Contains(t, said, "added default: ")
	require.Contains(t, said, "added work: ")
	require.Contains(t, said, "to put the shim first on PATH, add this line to ~/.bashrc and start a new shell: ")
	text, err := os.ReadFile(filepath.Join(home, ".bashrc"))
	require.NoError(t, err)
	require.Equal(t, "export LAST=1", string(text))

	again := initIn(t, home) // all that is left to ask for
	again.answer(t, questions[3], "\n")
	_, said = again.ends(t)
	require.NotContains(t, said, "its name")
	leads, err := os.Readlink(filepath.Join(home, ".bashrc"))
	require.NoError(t, err)
	require.Equal(t, "dotfiles/bashrc", leads)
	text, err = os.ReadFile(filepath.Join(home, "dotfiles/bashrc"))
	require.NoError(t, err)
	require.Contains(t, string(text), "export LAST=1\n"+startupBegin)
}

// Where a start-up file can't be added to nobody is asked to.
func TestInitDoesNotAskForWhatItCannotDo(t *testing.T) {
	t.Parallel()
	w, home := askingInit(t)
	require.NoError(t, os.Symlink("/nowhere/bashrc", filepath.Join(home, ".bashrc")))
	for _, question := range questions[:3] {
		w.answer(t, question, "\n")
	}
	status, said := w.ends(t)
	require.True(t, status.Exited() && status.ExitStatus() == 0, said)
	require.Contains(t, said, "/.bashrc can't be added to: it is a link that leads nowhere\r\n")
	require.NotContains(t, said, "add it to")
	require.Contains(t, said, "to put the shim first on PATH, add this line to ~/.bashrc")
}

// Which files bash reads depends on what is there.
func TestBashLineFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		there        map[string]string
		linux, macOS []string
	}{
		{nil, []string{".bashrc"}, []string{".bash_profile"}},
		{map[string]string{".profile": ". ~/.bashrc"}, []string{".bashrc"}, []string{".bashrc"}},
		{map[string]string{".profile": "umask 022"}, []string{".bashrc", ".profile"}, []string{".profile"}},
		{map[string]string{".profile": ". ~/.bashrc", ".bash_profile": "umask 022"}, []string{".bashrc", ".bash_profile"}, []string{".bash_profile"}},
		{map[string]string{".bash_login": "", ".profile": ". ~/.bashrc"}, []string{".bashrc", ".bash_login"}, []string{".bash_login"}},
	} {
		home := t.TempDir()
		for name, text := range c.there {
			require.NoError(t, os.WriteFile(filepath.Join(home, name), []byte(text), 0o600))
		}
		for goos, want := range map[string][]string{"linux": c.linux, "darwin": c.macOS} {
			var got []string
			for _, path := range bashLineFiles(home, goos) {
				got = append(got, filepath.Base(path))
			}
			require.Equal(t, want, got, "%s: %v", goos, c.there)
		}
	}
}
