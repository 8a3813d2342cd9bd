package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

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
	cmd.Env = []string{"HOME=" + home, "PATH=/usr/bin:/bin", "SHELL=/bin/bash", "TZ=UTC", "TERM=dumb"}
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

// Ctrl-C at the last question leaves nothing that the earlier ones were answered for.
func TestInitLeftByCtrlC(t *testing.T) {
	t.Parallel()
	w, home := askingInit(t)
	w.answer(t, "[default] ", "\n")
	w.answer(t, "[work] ", "-\n")
	w.answer(t, "the pool? [Y/n] ", "\n")
	w.answer(t, "add it to ~/.bashrc? [Y/n] ", "\x03")
	status, said := w.ends(t)
	require.True(t, status.Signaled() && status.Signal() == syscall.SIGINT, said)
	require.NoFileExists(t, filepath.Join(home, ".local/state/claudepool/pool.db"))
	require.NoDirExists(t, filepath.Join(home, ".local/share/claudepool/shim"))
	require.NoFileExists(t, filepath.Join(home, ".bashrc"))
}
