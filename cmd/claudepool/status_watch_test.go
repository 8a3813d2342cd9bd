package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"
)

func TestScreenOf(t *testing.T) {
	t.Parallel()
	require.Equal(t, "\x1b[Hone\x1b[K\r\nthree\r\nlast\x1b[K\x1b[J", screenOf([]string{"one", "three3", "cut", "off", "last"}, 5, 3))
	require.Equal(t, "\x1b[Ha�[2Jb\x1b[K\x1b[J", screenOf([]string{"a\x1b[2Jb"}, 80, 1))
}

// watched is `status --watch` on a terminal of its own.
type watched struct {
	*exec.Cmd
	terminal *os.File
	mu       sync.Mutex
	drawn    bytes.Buffer
	closed   chan struct{}
}

func watch(t *testing.T, columns, rows uint16, interval string) *watched {
	t.Helper()
	home := t.TempDir()
	environ := []string{"HOME=" + home, "PATH=/usr/bin:/bin", "TZ=UTC", "TERM=xterm", "CLAUDEPOOL_MAINTAIN=off", "GORACE=" + noRaceSleep}
	claudepool := func(args ...string) *exec.Cmd {
		cmd := exec.Command(os.Args[0])
		cmd.Args, cmd.Env = append([]string{"claudepool"}, args...), environ
		return cmd
	}
	require.NoError(t, os.Mkdir(filepath.Join(home, ".claude"), 0o700))
	require.NoError(t, claudepool("init").Run())
	w := &watched{Cmd: claudepool("status", "--watch", "--interval", interval), closed: make(chan struct{})}
	var err error
	w.terminal, err = pty.StartWithSize(w.Cmd, &pty.Winsize{Cols: columns, Rows: rows})
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.terminal.Close() })
	t.Cleanup(func() { _ = w.Process.Kill() })
	go w.read()
	return w
}

func (w *watched) read() {
	defer close(w.closed)
	chunk := make([]byte, 4096)
	for {
		n, err := w.terminal.Read(chunk)
		w.mu.Lock()
		w.drawn.Write(chunk[:n])
		w.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (w *watched) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.drawn.String()
}

// until waits for a screen that holds the text, drawn after so many bytes.
func (w *watched) until(t *testing.T, after int, text string) {
	t.Helper()
	require.Eventually(t, func() bool { return strings.Contains(w.text()[after:], text) }, 20*time.Second, 5*time.Millisecond,
		"%q in %q", text, w.text())
}

// ends waits for the process, and returns its status with all that it has written. One that does not end fails the
// test, with what it has written.
func (w *watched) ends(t *testing.T) (syscall.WaitStatus, string) {
	t.Helper()
	overdue := time.AfterFunc(20*time.Second, func() { _ = w.Process.Kill() })
	_ = w.Wait() // the status says it
	require.True(t, overdue.Stop(), "it did not end: %q", w.text())
	<-w.closed
	return w.ProcessState.Sys().(syscall.WaitStatus), w.text()
}

// It redraws in place, follows the terminal's size, and leaves the screen as it was.
func TestStatusWatch(t *testing.T) {
	t.Parallel()
	w := watch(t, 60, 10, "1h")
	w.until(t, 0, "default  available      70")
	require.NotContains(t, w.text(), "COST/WEEK")
	before := len(w.text())
	require.NoError(t, pty.Setsize(w.terminal, &pty.Winsize{Cols: 160, Rows: 10}))
	w.until(t, before, "COST/WEEK")
	_, err := w.terminal.WriteString("\x03")
	require.NoError(t, err)
	status, drawn := w.ends(t)
	require.True(t, status.Exited() && status.ExitStatus() == 0, fmt.Sprint(status))
	require.True(t, strings.HasPrefix(drawn, screenEnter), "%q", drawn)
	require.True(t, strings.HasSuffix(drawn, screenLeave), "%q", drawn)
}

// Another signal ends it by that signal, with the screen as it was.
func TestStatusWatchEndsByASignal(t *testing.T) {
	t.Parallel()
	w := watch(t, 80, 24, "0.1s")
	w.until(t, 0, "Ctrl-C leaves")
	before := len(w.text())
	w.until(t, before, "Ctrl-C leaves")
	require.NoError(t, w.Process.Signal(syscall.SIGTERM))
	status, drawn := w.ends(t)
	require.True(t, status.Signaled() && status.Signal() == syscall.SIGTERM, fmt.Sprint(status))
	require.True(t, strings.HasSuffix(drawn, screenLeave), "%q", drawn)
}
