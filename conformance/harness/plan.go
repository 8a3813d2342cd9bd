package harness

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// Kind says what a standard descriptor of a run is.
type Kind string

// Kinds of descriptors. OnTerminal is the run's own terminal; OnPipe's other end is held by the test.
const (
	OnTerminal Kind = "terminal"
	OnPipe     Kind = "pipe"
	OnFile     Kind = "file"
	OnNull     Kind = "null"
	Closed     Kind = "closed"
)

// Plan says how to start a run. The zero plan runs the stand-in without a script and without a
// terminal, on an empty pipe and two that are read.
type Plan struct {
	Script string
	Args   []string
	// Env is added to the ground's environment, as it is: duplicates stay.
	Env []string
	// Stdin, Stdout and Stderr are OnPipe where empty.
	Stdin, Stdout, Stderr Kind
	// Input is what a piped or filed standard input holds; the pipe ends after it unless HoldInput.
	Input     []byte
	HoldInput bool
	// Terminal is the controlling terminal; nil makes one where a descriptor needs it.
	Terminal *Terminal
	// Jobs starts the run from a shell with job control, in a group of its own, and not as the leader
	// of the terminal's session. The status is then the shell's $?.
	Jobs bool
	// HoldOutput leaves a piped standard output unread until Run.Read.
	HoldOutput bool
	// Extra is handed over as descriptor 3.
	Extra *os.File
	// SameSession starts a run without terminal in a process group of its own in the test's session, as
	// a shell would, so that the group can be stopped. Else it leads a session of its own.
	SameSession bool
	// User runs as somebody else; nil is the test's own user.
	User *syscall.Credential
}

// viaJobs runs its arguments as a job in the foreground, with the terminal's modes written down
// before and after.
// Bash finds its terminal by its own standard error only.
const viaJobs = `exec 9>&2 2>/dev/tty
set -m
stty -g </dev/tty >"$FAKECLAUDE_DIR/modes-before"
"$@" 2>&9 9>&-
echo $? >"$FAKECLAUDE_DIR/status"
stty -g </dev/tty >"$FAKECLAUDE_DIR/modes-after"
`

func (p Plan) argv(path string) []string {
	argv := append([]string{path}, p.Args...)
	if p.Jobs {
		argv = append([]string{"/bin/bash", "-c", viaJobs, "bash"}, argv...)
	}
	return argv
}

func (p Plan) needsTerminal() bool {
	return p.Terminal != nil || p.Jobs || p.Stdin == OnTerminal || p.Stdout == OnTerminal || p.Stderr == OnTerminal
}

// files opens the run's descriptors: what the child gets, and what the test keeps of pipes.
func (r *Run) files(t *testing.T, p Plan) []*os.File {
	t.Helper()
	files := []*os.File{r.openInput(t, p), r.openOutput(t, p.Stdout, "stdout", &r.stdout), r.openOutput(t, p.Stderr, "stderr", &r.stderr)}
	if p.Extra != nil {
		files = append(files, p.Extra)
	}
	return files
}

func (r *Run) openInput(t *testing.T, p Plan) *os.File {
	t.Helper()
	switch p.Stdin {
	case OnTerminal:
		return r.Terminal.Slave
	case Closed:
		return nil
	case OnNull:
		return r.opened(t, "/dev/null")
	case OnFile:
		path := r.path("input")
		require.NoError(t, os.WriteFile(path, p.Input, 0o600))
		return r.opened(t, path)
	}
	read, write, err := os.Pipe()
	require.NoError(t, err)
	r.ours = append(r.ours, read)
	r.input = write
	t.Cleanup(r.EndInput)
	go func() {
		_, _ = write.Write(p.Input) // a program may end without having read all
		if !p.HoldInput {
			r.EndInput()
		}
	}()
	return read
}

func (r *Run) opened(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	require.NoError(t, err)
	r.ours = append(r.ours, f)
	return f
}

func (r *Run) openOutput(t *testing.T, kind Kind, name string, to *stream) *os.File {
	t.Helper()
	switch kind {
	case OnTerminal:
		return r.Terminal.Slave
	case Closed:
		return nil
	case OnNull:
		return r.opened(t, "/dev/null")
	case OnFile:
		to.path = filepath.Join(r.Dir, name)
		return r.opened(t, to.path)
	}
	read, write, err := os.Pipe()
	require.NoError(t, err)
	r.ours = append(r.ours, write)
	to.pipe = read
	t.Cleanup(func() { _ = read.Close() })
	return write
}
