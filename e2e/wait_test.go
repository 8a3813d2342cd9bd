//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/fakeapi"
	"claudepool/internal/sandbox"
)

// closedUntil is a machine of two subscriptions, one that has met a limit and knows of it, to the second, and
// one that is switched off.
func closedUntil(t *testing.T, resetsAt time.Time) *sandbox.Sandbox {
	t.Helper()
	s := newMachine(t, "only", "off")
	require.NoError(t, s.Manage(nil, "disable", "off"))
	s.API.Script(sandbox.Token("only"), fakeapi.LimitUntil("five_hour", resetsAt), fakeapi.Answer())
	met := s.Claude(limited(t), with(streamJSON, "-p", "hello")...)
	met.Env = append(met.Env, "CLAUDEPOOL_FAILOVER=off")
	require.Equal(t, 1, run(t, met, "").Status)
	return s
}

// inSeconds is a whole second at least that far away, as the API tells resets.
func inSeconds(n int) time.Time {
	return time.Now().Add(time.Duration(n+1) * time.Second).Truncate(time.Second)
}

func TestARunWaitsForTheReset(t *testing.T) {
	t.Parallel()
	resetsAt := inSeconds(12) // a start of the CLI takes its time where many run
	s := closedUntil(t, resetsAt)
	waits := s.Claude(limited(t), "-p", "[[text:the answer]]")
	waits.Env = append(waits.Env, "CLAUDEPOOL_WAIT=1m")
	out := run(t, waits, "")
	require.Zero(t, out.Status, out.Stderr)
	require.Equal(t, "the answer\n", out.Stdout)
	require.Regexp(t, `^claudepool: pool is exhausted; only frees up at \d\d:\d\d \S+, in \d+s; waiting up to 1m00s\n$`, out.Stderr)
	sessions := requireReleased(t, s, 2)
	started := sessions[0].StartedAt
	require.False(t, started.Before(resetsAt), "started at %s, before the reset at %s", started, resetsAt)
	require.Less(t, started.Sub(resetsAt), 2*time.Second, "it wakes at the reset")
	require.Len(t, s.API.Requests(), 2)
}

// A run that meets the limit itself goes on where it was once the window has reset: one clean answer.
func TestALimitIsWaitedOut(t *testing.T) {
	t.Parallel()
	s := newMachine(t)
	s.API.Script(sandbox.Token("only"), fakeapi.Answer(), fakeapi.LimitUntil("five_hour", inSeconds(5)), fakeapi.Answer())
	waits := s.Claude(limited(t), with(streamJSON, "--allowedTools", "Bash", "-p", "[[bash:echo ran >>ran]] [[text:the answer]]")...)
	waits.Env = append(waits.Env, "CLAUDEPOOL_WAIT=1m")
	out := run(t, waits, "")
	require.Zero(t, out.Status, out.Stderr)
	requireAnswer(t, "stream-json", out.Stdout, "the answer")
	require.Regexp(t, `^claudepool: pool is exhausted; `, out.Stderr)
	requireAsked(t, s, "only only only")
	requireBooked(t, s)
	requireReleased(t, s, 2)
}

// A signal ends the wait for the reset too: the caller gets the limit, as it was, and the run ends by the signal.
func TestAWaitForTheResetIsEndedByASignal(t *testing.T) {
	t.Parallel()
	s := newMachine(t)
	s.API.Script(sandbox.Token("only"), fakeapi.LimitUntil("five_hour", inSeconds(3600)))
	waits := s.Claude(limited(t), with(streamJSON, "-p", "hello")...)
	waits.Env = append(waits.Env, "CLAUDEPOOL_WAIT=30m")
	stderr := filepath.Join(t.TempDir(), "stderr")
	file, err := os.Create(stderr)
	require.NoError(t, err)
	defer file.Close()
	var stdout strings.Builder
	waits.Stdout, waits.Stderr = &stdout, file
	require.NoError(t, waits.Start())
	told := func() string { content, _ := os.ReadFile(stderr); return string(content) }
	eventually(t, func() bool { return strings.Contains(told(), "pool is exhausted") }, told)
	require.NoError(t, waits.Process.Signal(syscall.SIGTERM))
	require.Error(t, waits.Wait())
	require.Equal(t, syscall.SIGTERM, waits.ProcessState.Sys().(syscall.WaitStatus).Signal())
	require.Contains(t, stdout.String(), `"is_error":true`)
	require.Equal(t, 1, strings.Count(told(), "\n"), told())
	requireReleased(t, s, 1)
}

// waitOnScreen waits on a screen for a subscription that has room in an hour.
func waitOnScreen(t *testing.T, s *sandbox.Sandbox) *screen {
	t.Helper()
	sc := newScreen(t, s, append(s.Env(), "CLAUDEPOOL_WAIT=30m"))
	sc.enter(t, "claude")
	sc.expect(t, "\nclaudepool: pool is exhausted; only frees up at ")
	return sc
}

const waitingLine = "frees up"

func TestWaitingOnATerminalIsLeftByCtrlC(t *testing.T) {
	t.Parallel()
	s := closedUntil(t, inSeconds(3600))
	sc := waitOnScreen(t, s)
	sc.expect(t, "waiting up to 29m5") // it is redrawn, where it was
	require.Regexp(t, `(?s)^prompt<> claude\nclaudepool: [^\n]*$`, sc.content(t))
	sc.press(t, "C-c")
	sc.expectNo(t, waitingLine)
	require.Equal(t, "130", sc.shell(t, "echo $?"))
	requireReleased(t, s, 1)
	require.Len(t, s.API.Requests(), 1)
}

func TestWaitingOnATerminalIsStopped(t *testing.T) {
	t.Parallel()
	s := closedUntil(t, inSeconds(3600))
	sc := waitOnScreen(t, s)
	sc.press(t, "C-z")
	sc.expect(t, "Stopped")
	sc.expectPrompt(t)
	require.NotContains(t, sc.content(t), waitingLine)
	sc.enter(t, "fg")
	sc.expect(t, waitingLine)
	sc.press(t, "C-c")
	sc.expectNo(t, waitingLine)
	require.Equal(t, "130", sc.shell(t, "echo $?"))
}

// Where room appears the interface starts, with nothing of the line left on the screen.
func TestWaitingOnATerminalEndsWithRoom(t *testing.T) {
	t.Parallel()
	s := closedUntil(t, inSeconds(3600))
	sc := waitOnScreen(t, s)
	require.NoError(t, s.Manage(nil, "enable", "off"))
	sc.expect(t, "\n❯")
	sc.turn(t, "good day")
	require.NotContains(t, sc.content(t), waitingLine)
	sc.exit(t)
	requireReleased(t, s, 2)
}
