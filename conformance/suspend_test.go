package conformance

import (
	"strings"
	"syscall"
	"testing"

	"claudepool/conformance/harness"
	"claudepool/internal/fakeclaude"

	"github.com/stretchr/testify/require"
)

// atPrompt runs a subtest for each way, with a shell whose `claude` runs the script.
func atPrompt(t *testing.T, script string, test func(t *testing.T, sh *harness.Shell)) {
	t.Helper()
	for i, name := range []string{"direct", "wrapped"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := harness.New(t)
			sh := g.Shell(t, g.Ways()[i], script)
			before := sh.Modes(t)
			test(t, sh)
			require.Equal(t, before, sh.Modes(t), "the shell's terminal modes are back")
			sh.Exit(t)
			noneRunning(t, g)
		})
	}
}

// The full-screen interface handles Ctrl-Z itself and stops its whole process group.
func TestSuspendTheFullScreenInterface(t *testing.T) {
	t.Parallel()
	atPrompt(t, "screen\nexit 5", func(t *testing.T, sh *harness.Shell) {
		before := sh.Modes(t)
		sh.Type(t, "claude")
		sh.Terminal.Expect(t, fakeclaude.ScreenReady)
		for range 3 {
			sh.Terminal.Type(t, "k")
			sh.Terminal.Expect(t, "<k>")
			sh.Terminal.Type(t, harness.CtrlZ)
			sh.Terminal.Expect(t, fakeclaude.ScreenSuspended)
			sh.Terminal.Expect(t, "Stopped")
			sh.Terminal.Expect(t, harness.Prompt)
			require.Equal(t, before, sh.Modes(t), "the shell's terminal modes while the job is stopped")
			sh.Type(t, "fg")
			sh.Terminal.Expect(t, fakeclaude.ScreenResumed)
		}
		sh.Terminal.Type(t, "c"+harness.CtrlC)
		sh.Terminal.Expect(t, "<c>")
		sh.Terminal.Expect(t, "<ctrl-c>")
		sh.Terminal.Type(t, "q")
		sh.Terminal.Expect(t, harness.Prompt)
		require.Equal(t, 5, sh.LastStatus(t))
	})
}

func TestResizeWhileSuspended(t *testing.T) {
	t.Parallel()
	atPrompt(t, "screen", func(t *testing.T, sh *harness.Shell) {
		sh.Type(t, "claude")
		sh.Terminal.Expect(t, fakeclaude.ScreenReady)
		sh.Terminal.Type(t, harness.CtrlZ)
		sh.Terminal.Expect(t, harness.Prompt)
		sh.Terminal.Resize(t, 101, 41)
		sh.Type(t, "fg")
		sh.Terminal.Expect(t, fakeclaude.ScreenResumed+" 101x41")
		sh.Terminal.Resize(t, 55, 22)
		sh.Terminal.Expect(t, "size 55x22")
		sh.Terminal.Type(t, "q")
		sh.Terminal.Expect(t, harness.Prompt)
	})
}

// A child that leaves Ctrl-Z to the terminal.
func TestSuspendACookedChild(t *testing.T) {
	t.Parallel()
	atPrompt(t, "mark ready\necho\nexit 3", func(t *testing.T, sh *harness.Shell) {
		sh.Type(t, "claude")
		sh.Marked(t, "ready")
		for _, line := range []string{"first", "second"} {
			sh.Type(t, line)
			sh.Terminal.Expect(t, line+"\r\n"+line+"\r\n")
			sh.Terminal.Type(t, harness.CtrlZ)
			sh.Terminal.Expect(t, "Stopped")
			sh.Terminal.Expect(t, harness.Prompt)
			require.Equal(t, 128+int(syscall.SIGTSTP), sh.LastStatus(t))
			sh.Type(t, "fg")
			sh.Terminal.Expect(t, "claude")
		}
		sh.Type(t, "third")
		sh.Terminal.Expect(t, "third\r\nthird\r\n")
		sh.Terminal.Type(t, "\x04")
		sh.Terminal.Expect(t, harness.Prompt)
		require.Equal(t, 3, sh.LastStatus(t))
	})
}

func TestSuspendInAPipeline(t *testing.T) {
	t.Parallel()
	atPrompt(t, "mark ready\ntrickle", func(t *testing.T, sh *harness.Shell) {
		sh.Type(t, "claude | cat")
		for range 3 {
			sh.Terminal.Expect(t, "drop")
			sh.Terminal.Type(t, harness.CtrlZ)
			sh.Terminal.Expect(t, "Stopped")
			sh.Terminal.Expect(t, harness.Prompt)
			sh.Type(t, "fg")
			sh.Terminal.Expect(t, "claude | cat")
		}
		sh.Terminal.Expect(t, "drop")
		sh.Terminal.Type(t, harness.CtrlC)
		sh.Terminal.Expect(t, harness.Prompt)
	})
}

// `kill -TSTP` and `kill -CONT` from another window, to a run in the foreground of a shell.
func TestSuspendFromOutside(t *testing.T) {
	t.Parallel()
	harness.NeedsProc(t)
	atPrompt(t, "mark ready\necho", func(t *testing.T, sh *harness.Shell) {
		sh.Type(t, "claude")
		child := sh.Marked(t, "ready")
		require.NoError(t, syscall.Kill(sh.Job(t, child), syscall.SIGTSTP))
		sh.Terminal.Expect(t, "Stopped")
		sh.Terminal.Expect(t, harness.Prompt)
		inState(t, true, child)
		sh.Type(t, "fg")
		inState(t, false, child)
		sh.Type(t, "back")
		sh.Terminal.Expect(t, "back\r\nback\r\n")
		sh.Terminal.Type(t, "\x04")
		sh.Terminal.Expect(t, harness.Prompt)
	})
}

// A job that only prints may do that from the background.
func TestBackgroundJobPrints(t *testing.T) {
	t.Parallel()
	atPrompt(t, `out "from the background\n"`+"\nexit 4", func(t *testing.T, sh *harness.Shell) {
		sh.Type(t, "claude & wait $!")
		sh.Terminal.Expect(t, "from the background\r\n")
		sh.Terminal.Expect(t, harness.Prompt)
		require.Equal(t, 4, sh.LastStatus(t))
	})
}

// A job that reads its keys is stopped in the background, and goes on in the foreground.
func TestBackgroundJobThatReads(t *testing.T) {
	t.Parallel()
	atPrompt(t, "mark ready\necho\nexit 2", func(t *testing.T, sh *harness.Shell) {
		sh.Do(t, "claude &")
		harness.Eventually(t, func() bool { return strings.Contains(sh.Output(t, "jobs"), "Stopped") }, sh.Describe)
		sh.Type(t, "fg")
		sh.Terminal.Expect(t, "claude\r\n")
		sh.Type(t, "now")
		sh.Terminal.Expect(t, "now\r\nnow\r\n")
		sh.Terminal.Type(t, "\x04")
		sh.Terminal.Expect(t, harness.Prompt)
		require.Equal(t, 2, sh.LastStatus(t))
	})
}

// A suspended run that is killed for good, as by `kill %1`.
func TestKillASuspendedRun(t *testing.T) {
	t.Parallel()
	harness.NeedsProc(t)
	for _, signal := range []string{"TERM", "HUP", "KILL"} {
		t.Run(signal, func(t *testing.T) {
			t.Parallel()
			atPrompt(t, "mark ready\nscreen", func(t *testing.T, sh *harness.Shell) {
				sh.Type(t, "claude")
				child := sh.Marked(t, "ready")
				sh.Terminal.Expect(t, fakeclaude.ScreenReady)
				sh.Terminal.Type(t, harness.CtrlZ)
				sh.Terminal.Expect(t, harness.Prompt)
				// Continued by that, the child may be stopped again before it has ended, for it takes the terminal's modes back.
				sh.Do(t, "kill -"+signal+" %1; while kill -CONT %1; do sleep 0.1; done 2>/dev/null; wait %1 2>/dev/null")
				harness.Eventually(t, func() bool { return harness.State(child) == "" }, func() string { return "the child is in state " + harness.State(child) })
			})
		})
	}
}
