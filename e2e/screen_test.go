//go:build e2e

package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/sandbox"
)

// screen is a window of a tmux server of its own, with bash in it, in which `claude` is one way to run
// the CLI.
type screen struct {
	socket string
	// bash is the pid of the shell.
	bash int
}

// prompt is bash's prompt on a screen; it appears in nothing that is typed.
const prompt = "prompt<" + ">"

// newScreen opens a screen. Its tmux server is ended with the test.
func newScreen(t *testing.T, s *sandbox.Sandbox, env []string) *screen {
	t.Helper()
	dir, err := os.MkdirTemp("", "screen-") // not t.TempDir: the path of a socket must be short
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	sc := &screen{socket: filepath.Join(dir, "tmux")}
	start := exec.Command("tmux", "-S", sc.socket, "-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "30",
		"--", "/bin/bash", "--noprofile", "--norc", "-i")
	start.Dir, start.Env = s.Work, append(env, "PS1=prompt<\\[\\]> ", "HISTFILE=")
	out, err := start.CombinedOutput()
	require.NoError(t, err, "%s", out)
	t.Cleanup(func() { _ = sc.command("kill-server").Run() }) // it may have ended with its last window
	sc.bash, err = strconv.Atoi(strings.TrimSpace(sc.tmux(t, "display-message", "-p", "#{pane_pid}")))
	require.NoError(t, err)
	sc.expect(t, prompt)
	return sc
}

func (sc *screen) command(args ...string) *exec.Cmd {
	return exec.Command("tmux", append([]string{"-S", sc.socket}, args...)...)
}

func (sc *screen) tmux(t *testing.T, args ...string) string {
	t.Helper()
	out, err := sc.command(args...).CombinedOutput()
	require.NoError(t, err, "tmux %q: %s", args, out)
	return string(out)
}

// content is what is on the screen, without empty lines.
func (sc *screen) content(t *testing.T) string {
	t.Helper()
	var lines []string
	for line := range strings.Lines(sc.tmux(t, "capture-pane", "-p")) {
		if strings.TrimSpace(line) != "" {
			lines = append(lines, strings.TrimRight(line, " \n"))
		}
	}
	return strings.Join(lines, "\n")
}

// expect waits until the text is on the screen.
func (sc *screen) expect(t *testing.T, text string) {
	t.Helper()
	sc.expectThat(t, strconv.Quote(text), func(content string) bool { return strings.Contains(content, text) })
}

// expectNo waits until the text is on the screen no more.
func (sc *screen) expectNo(t *testing.T, text string) {
	t.Helper()
	sc.expectThat(t, "no "+strconv.Quote(text), func(content string) bool { return !strings.Contains(content, text) })
}

func (sc *screen) expectThat(t *testing.T, wanted string, holds func(content string) bool) {
	t.Helper()
	eventually(t, func() bool { return holds(sc.content(t)) }, func() string {
		return "there is never " + wanted + " on the screen, but:\n" + sc.content(t)
	})
}

// press presses a key, by tmux's name for it.
func (sc *screen) press(t *testing.T, key string) {
	t.Helper()
	sc.tmux(t, "send-keys", key)
}

// enter types a line. It waits for the line's end to appear before Enter: the interface takes what comes
// in one piece for a paste.
func (sc *screen) enter(t *testing.T, line string) {
	t.Helper()
	sc.tmux(t, "send-keys", "-l", line)
	sc.expect(t, line[max(0, len(line)-20):])
	sc.press(t, "Enter")
}

// shell runs a command at bash's prompt and returns what it prints.
func (sc *screen) shell(t *testing.T, command string) string {
	t.Helper()
	said := filepath.Join(filepath.Dir(sc.socket), "said")
	sc.tmux(t, "send-keys", "-l", "{ "+command+"; } >"+said+".part; mv "+said+".part "+said)
	sc.press(t, "Enter")
	var answer []byte
	eventually(t, func() (happened bool) {
		content, err := os.ReadFile(said)
		answer = content
		return err == nil
	}, func() string { return command + " does not end:\n" + sc.content(t) })
	require.NoError(t, os.Remove(said))
	return strings.TrimSpace(string(answer))
}

// eventually waits until happened is true, else it fails with complaint.
func eventually(t *testing.T, happened func() bool, complaint func() string) {
	t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for !happened() {
		select {
		case <-look.C:
		case <-deadline.C:
			t.Fatal(complaint())
		}
	}
}
