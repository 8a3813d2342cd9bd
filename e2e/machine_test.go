//go:build e2e

package e2e

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/sandbox"
)

// patience is how long anything may take that is waited for. The real CLI needs a second on a machine
// with nothing else to do.
const patience = 90 * time.Second

// newMachine is a sandbox with a pool of these subscriptions; with none its one subscription is "only".
func newMachine(t *testing.T, subscriptions ...string) *sandbox.Sandbox {
	t.Helper()
	s := newBareMachine(t)
	require.NoError(t, s.Install(program))
	if len(subscriptions) == 0 {
		subscriptions = []string{"only"}
	}
	for _, name := range subscriptions {
		require.NoError(t, s.AddSubscription(name))
	}
	return s
}

// newDirectMachine is a sandbox without claudepool, with a login for the subscription "only".
func newDirectMachine(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	s := newBareMachine(t)
	require.NoError(t, s.AddSubscription("only"))
	return s
}

func newBareMachine(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	dir, err := os.MkdirTemp("", "machine-") // not t.TempDir: a CLI that was killed may still write
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s, err := sandbox.New(dir, realCLI)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// output is what a run left behind.
type output struct {
	Stdout, Stderr string
	// Status is the exit status; -1 after a signal, which is in Signal.
	Status int
	Signal syscall.Signal
}

func outputOf(cmd *exec.Cmd, stdout, stderr *strings.Builder) output {
	out := output{Stdout: stdout.String(), Stderr: stderr.String(), Status: cmd.ProcessState.ExitCode()}
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		out.Signal = status.Signal()
	}
	return out
}

// run runs the command to its end with stdin, and must not run into patience.
func run(t *testing.T, cmd *exec.Cmd, stdin string) output {
	t.Helper()
	var stdout, stderr strings.Builder
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		require.NoError(t, err, "%s\n%s", stdout.String(), stderr.String())
	}
	return outputOf(cmd, &stdout, &stderr)
}

// limited ends with the test, or when patience does.
func limited(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// claude runs `claude ARGS` through the shim; it must succeed.
func claude(t *testing.T, s *sandbox.Sandbox, args ...string) output {
	t.Helper()
	out := run(t, s.Claude(limited(t), args...), "")
	require.Zero(t, out.Status, "%s\n%s", out.Stdout, out.Stderr)
	return out
}

// requireBooked holds the ledger against the API's books, token for token.
func requireBooked(t *testing.T, s *sandbox.Sandbox) {
	t.Helper()
	booked, err := s.Booked()
	require.NoError(t, err)
	require.Equal(t, s.Served(), booked, "served, and booked")
}

// requireReleased says that no session is running, that each was given back by its wrapper, and how many
// there have been. It returns them.
func requireReleased(t *testing.T, s *sandbox.Sandbox, count int) []sandbox.Session {
	t.Helper()
	sessions, err := s.Sessions()
	require.NoError(t, err)
	require.Len(t, sessions, count)
	for _, session := range sessions {
		require.NotNil(t, session.EndedAt, "%+v", session)
		require.Equal(t, "ended", session.State, "%+v", session)
	}
	return sessions
}
