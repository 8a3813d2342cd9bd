package harness

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Screen is a terminal that answers and draws, with a shell on it in which `claude` is one way's program.
type Screen struct {
	way    Way
	socket string
}

// NewScreen opens a screen; without tmux the test is skipped.
func (g *Ground) NewScreen(t *testing.T, way Way) *Screen {
	t.Helper()
	NeedsProgram(t, "tmux")
	dir, err := os.MkdirTemp("", "tmux") // the path of a socket must be short
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	bin := g.MakeDir(t, filepath.Join("bin", way.Name))
	g.link(t, way.Path, filepath.Join(bin, "claude"))
	s := &Screen{way, filepath.Join(dir, "s")}
	cmd := s.command("-f", "/dev/null", "new-session", "-d", "-x", strconv.Itoa(DefaultCols), "-y", strconv.Itoa(DefaultRows),
		"/bin/bash", "--noprofile", "--norc", "--noediting", "-i")
	cmd.Env = append(g.Environ(), "PATH="+bin+":/usr/bin:/bin", "PS1=$? ready> ", "HISTFILE=", "LESSHISTFILE=-", "SHELL=/bin/bash")
	cmd.Dir = g.Project
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	t.Cleanup(func() { _ = s.command("kill-server").Run() }) // it may have ended with its shell
	s.Expect(t, "ready>")
	return s
}

// NeedsProgram skips a test whose program is missing.
func NeedsProgram(t *testing.T, name string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skip("no " + name + " on this machine")
	}
}

func (s *Screen) command(args ...string) *exec.Cmd {
	return exec.Command("tmux", append([]string{"-S", s.socket}, args...)...)
}

// Keys types keys as tmux names them ("Escape", "C-z"); what is no name is typed as it is.
func (s *Screen) Keys(t *testing.T, keys ...string) {
	t.Helper()
	out, err := s.command(append([]string{"send-keys", "--"}, keys...)...).CombinedOutput()
	require.NoError(t, err, string(out))
}

// Line types a line.
func (s *Screen) Line(t *testing.T, text string) {
	t.Helper()
	s.Keys(t, text, "Enter")
}

// Resize changes the size of the terminal.
func (s *Screen) Resize(t *testing.T, cols, rows int) {
	t.Helper()
	out, err := s.command("resize-window", "-x", strconv.Itoa(cols), "-y", strconv.Itoa(rows)).CombinedOutput()
	require.NoError(t, err, string(out))
}

// Text is what the screen shows, with the cursor's place.
func (s *Screen) Text() string { return s.shown("-p") }

// Picture is the same with colours and attributes.
func (s *Screen) Picture() string { return s.shown("-pe") }

func (s *Screen) shown(how string) string {
	text, _ := s.command("capture-pane", how, ";", "display-message", "-p", // nothing where it has ended
		"cursor #{cursor_x},#{cursor_y} full screen #{alternate_on} size #{pane_width}x#{pane_height}").Output()
	return string(text)
}

// screenEvery is how often a screen is looked at, which takes a process.
const screenEvery = 15 * time.Millisecond

// Expect waits until the screen shows all of the texts at once.
func (s *Screen) Expect(t *testing.T, texts ...string) {
	t.Helper()
	eventually(t, screenEvery, func() bool {
		shown := s.Text()
		for _, text := range texts {
			if !strings.Contains(shown, text) {
				return false
			}
		}
		return true
	}, func() string {
		return s.way.Name + ": the screen never showed " + strings.Join(texts, " and ") + "; it shows:\n" + s.Text()
	})
}

// Prompt waits until the shell has the screen again, and tells that status.
func (s *Screen) Prompt(t *testing.T, status int) {
	t.Helper()
	s.Expect(t, strconv.Itoa(status)+" ready>", "full screen 0")
}

// Modes are the terminal's modes as the shell's next command sees them.
func (s *Screen) Modes(t *testing.T, file string) string {
	t.Helper()
	s.Line(t, "stty -g >"+file+"; clear")
	var modes []byte
	Eventually(t, func() bool {
		modes, _ = os.ReadFile(file) // not there yet
		return strings.HasSuffix(string(modes), "\n")
	}, s.Text)
	return string(modes)
}
