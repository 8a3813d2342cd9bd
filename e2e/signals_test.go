//go:build e2e

package e2e

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"claudepool/internal/sandbox"
)

// What a signal in the middle of a turn does to a headless run, by whomever it is sent: to the wrapper
// alone, as by `kill`, or to the whole job, as by a key.
func TestSignalsEndAHeadlessRunAsTheyDoDirectly(t *testing.T) {
	t.Parallel()
	cases := []struct {
		signal syscall.Signal
		flags  []string
		// status is what 2.1.330 exits with; QUIT kills it.
		status int
	}{
		{syscall.SIGINT, streamJSON, 0},
		{syscall.SIGINT, []string{"--output-format", "json"}, 0},
		{syscall.SIGTERM, streamJSON, 143},
		{syscall.SIGHUP, streamJSON, 129},
		{syscall.SIGQUIT, streamJSON, -1},
	}
	for _, c := range cases {
		t.Run(strings.Join(append(c.flags[1:2:2], unix.SignalName(c.signal)), ", "), func(t *testing.T) {
			t.Parallel()
			args := with(c.flags, "-p", "[[slow:300s]]")
			alone := newDirectMachine(t)
			want := signalled(t, alone, alone.Direct(limited(t), "only", args...), c.signal, false)
			require.Equal(t, c.status, want.Status)

			for _, group := range []bool{false, true} {
				pooled := newMachine(t)
				got := signalled(t, pooled, pooled.Claude(limited(t), args...), c.signal, group)
				require.Equal(t, want.Status, got.Status, "to the whole group: %v", group)
				require.Equal(t, want.Signal, got.Signal)
				if c.signal != syscall.SIGINT { // what is printed then depends on how far the CLI had come
					require.Equal(t, normalLines(t, alone, want.Stdout), normalLines(t, pooled, got.Stdout))
				}
				require.Equal(t, normal(alone, want.Stderr), normal(pooled, got.Stderr))
				ended := requireReleased(t, pooled, 1)[0]
				if c.status < 0 {
					require.NotNil(t, ended.Signal, "%+v", ended)
					require.Equal(t, unix.SignalName(c.signal), *ended.Signal)
					continue
				}
				require.NotNil(t, ended.ExitCode, "%+v", ended)
				require.Equal(t, c.status, *ended.ExitCode)
			}
		})
	}
}

// signalled runs the command in a process group of its own until the API has its request, and sends it
// the signal, or its group.
func signalled(t *testing.T, s *sandbox.Sandbox, cmd *exec.Cmd, signal syscall.Signal, group bool) output {
	t.Helper()
	var stdout, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, cmd.Start())
	requests(t, s, 1)
	target := cmd.Process.Pid
	if group {
		target = -target
	}
	require.NoError(t, syscall.Kill(target, signal))
	_ = cmd.Wait() // the status says it
	return outputOf(cmd, &stdout, &stderr)
}
