//go:build e2e

package e2e

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/conformance/harness"
	"claudepool/internal/sandbox"
)

// onScreen runs a test of the full-screen interface, directly, so that the test itself is tested, and
// through the shim. Afterwards the terminal's modes must be what they were, and the session given back.
func onScreen(t *testing.T, test func(t *testing.T, s *sandbox.Sandbox, sc *screen)) {
	t.Helper()
	t.Run("directly", func(t *testing.T) {
		t.Parallel()
		s := newDirectMachine(t)
		sc := newScreen(t, s, s.DirectEnv("only"))
		withSameModes(t, sc, func() { test(t, s, sc) })
	})
	t.Run("through the shim", func(t *testing.T) {
		t.Parallel()
		s := newMachine(t)
		sc := newScreen(t, s, s.Env())
		withSameModes(t, sc, func() { test(t, s, sc) })
		requireReleased(t, s, 1)
	})
}

func withSameModes(t *testing.T, sc *screen, test func()) {
	t.Helper()
	before := sc.shell(t, "stty -a")
	test()
	require.Equal(t, before, sc.shell(t, "stty -a"))
}

// start types `claude` and waits for its input box.
func (sc *screen) start(t *testing.T) {
	t.Helper()
	sc.enter(t, "claude")
	sc.expect(t, "\n❯")
}

// turn has the words answered.
func (sc *screen) turn(t *testing.T, words string) {
	t.Helper()
	sc.enter(t, "[[text:"+words+"]]")
	sc.expect(t, "● "+words)
}

// exit leaves the interface, which must end well.
func (sc *screen) exit(t *testing.T) {
	t.Helper()
	sc.enter(t, "/exit")
	sc.expect(t, "claude --resume")
	sc.expectPrompt(t)
	require.Equal(t, "0", sc.shell(t, "echo $?"))
}

// expectPrompt waits until bash has the terminal again.
func (sc *screen) expectPrompt(t *testing.T) {
	t.Helper()
	sc.expectThat(t, "a prompt at the end", atPrompt)
}

func atPrompt(content string) bool { return strings.HasSuffix(content, prompt) }

// expectWidth waits until the lines around the input box are that long.
func (sc *screen) expectWidth(t *testing.T, width int) {
	t.Helper()
	sc.expectThat(t, "a rule of "+strconv.Itoa(width), func(content string) bool {
		for line := range strings.Lines(content) {
			if strings.TrimSpace(line) == strings.Repeat("─", width) {
				return true
			}
		}
		return false
	})
}

func TestTheInterfaceWorks(t *testing.T) {
	t.Parallel()
	onScreen(t, func(t *testing.T, _ *sandbox.Sandbox, sc *screen) {
		sc.start(t)
		sc.expectWidth(t, 100)
		sc.turn(t, "first answer")
		sc.tmux(t, "resize-window", "-x", "121", "-y", "33")
		sc.expectWidth(t, 121)
		sc.tmux(t, "resize-window", "-x", "77", "-y", "25")
		sc.expectWidth(t, 77)
		sc.turn(t, "second answer")
		sc.enter(t, "/clear")
		sc.expectNo(t, "second answer")
		sc.turn(t, "third answer")
		sc.exit(t)
		sc.tmux(t, "resize-window", "-x", "100", "-y", "30") // stty tells the size too
	})
}

func TestCtrlCInTheInterface(t *testing.T) {
	t.Parallel()
	onScreen(t, func(t *testing.T, s *sandbox.Sandbox, sc *screen) {
		sc.start(t)
		sc.enter(t, "[[slow:300s]][[text:never said]]")
		requests(t, s, 1)
		sc.expect(t, "esc to interrupt")
		sc.press(t, "C-c")
		sc.expectNo(t, "esc to interrupt")
		// The prompt comes back for another try.
		sc.press(t, "C-c")
		sc.expectNo(t, "never said")
		sc.turn(t, "after all")
		// Twice ends it; the one before counts, if the turn has not taken long.
		sc.press(t, "C-c")
		sc.expectThat(t, "a way out", func(content string) bool {
			return strings.Contains(content, "again to exit") || atPrompt(content)
		})
		if !atPrompt(sc.content(t)) {
			sc.press(t, "C-c")
		}
		sc.expectPrompt(t)
		require.Equal(t, "0", sc.shell(t, "echo $?"))
	})
}

func TestCtrlZInTheInterface(t *testing.T) {
	t.Parallel()
	onScreen(t, func(t *testing.T, _ *sandbox.Sandbox, sc *screen) {
		before := sc.shell(t, "stty -a")
		sc.start(t)
		sc.turn(t, "before")
		for _, words := range []string{"once", "twice"} {
			sc.press(t, "C-z")
			sc.expect(t, "Stopped")
			sc.expectPrompt(t)
			require.Equal(t, before, sc.shell(t, "stty -a"), "while it is stopped")
			require.Contains(t, sc.shell(t, "jobs"), "Stopped")
			sc.enter(t, "fg")
			sc.expectNo(t, "suspended")
			sc.expect(t, "\n❯")
			sc.turn(t, words)
		}
		sc.exit(t)
	})
}

func TestTheTerminalIsClosed(t *testing.T) {
	t.Parallel()
	harness.NeedsProc(t)
	for _, turn := range []string{"idle", "in a turn"} {
		t.Run(turn, func(t *testing.T) {
			t.Parallel()
			s := newMachine(t)
			sc := newScreen(t, s, s.Env())
			sc.start(t)
			if turn != "idle" {
				sc.enter(t, "[[slow:300s]]")
				requests(t, s, 1)
			}
			running, err := s.Sessions()
			require.NoError(t, err)
			require.Len(t, running, 1)
			require.Nil(t, running[0].EndedAt)
			cli := cliProcess(t, s, "only")
			sc.tmux(t, "kill-pane")
			gone(t, cli)
			gone(t, running[0].PID)
			requireReleased(t, s, 1)
		})
	}
}

// cliProcess is the pid of the CLI that runs on the subscription, from the file that it keeps while it
// runs (2.1.330).
func cliProcess(t *testing.T, s *sandbox.Sandbox, subscription string) int {
	t.Helper()
	pattern := filepath.Join(s.ConfigDir(subscription), "sessions", "*.json")
	var found []string
	eventually(t, func() bool {
		found, _ = filepath.Glob(pattern) // the pattern is well formed
		return len(found) > 0
	}, func() string { return "no " + pattern })
	require.Len(t, found, 1)
	pid, err := strconv.Atoi(strings.TrimSuffix(filepath.Base(found[0]), ".json"))
	require.NoError(t, err)
	require.NotEmpty(t, harness.State(pid))
	return pid
}

// gone waits until the process has ended.
func gone(t *testing.T, pid int) {
	t.Helper()
	eventually(t, func() bool { return harness.State(pid) == "" }, func() string {
		return "process " + strconv.Itoa(pid) + " is in state " + harness.State(pid)
	})
}

// requests waits until the API has got that many requests for answers.
func requests(t *testing.T, s *sandbox.Sandbox, count int) {
	t.Helper()
	eventually(t, func() bool { return len(s.API.Requests()) >= count }, func() string {
		return "the API got only these requests: " + strconv.Itoa(len(s.API.Requests()))
	})
}
