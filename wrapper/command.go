package wrapper

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
)

// Command is a run of the real CLI.
type Command struct {
	// Path is the file to run.
	Path string
	// Args is the whole argument vector, the name first.
	Args []string
	// Env is the whole environment.
	Env []string
	// Tap gets a copy of everything that the CLI writes to standard output, but for a terminal that is
	// handed over as it is. It must not block and its errors are ignored. Nil where nobody reads along.
	Tap io.Writer
	// Gate says what of standard output goes on to ours, and when; nil lets everything through. What it
	// still holds when the CLI has ended is the caller's to write.
	Gate Gate
	// Stdin is the CLI's standard input; nil is ours. It is not closed.
	Stdin *os.File
	// Started is told the CLI's process once it runs; nil where nobody wants to know.
	Started func(pid int)
}

// Gate stands between the CLI's standard output and ours.
type Gate interface {
	// Pass takes what the CLI has written, and returns what of all so far goes on now. The result is used
	// before the next call. It must not block.
	Pass(p []byte) []byte
	// Open tells whether nothing is held back at the moment.
	Open() bool
}

// stdin is the descriptor that the CLI gets as its standard input.
func (c Command) stdin() int {
	if c.Stdin == nil {
		return 0
	}
	return int(c.Stdin.Fd())
}

// readsAlong tells whether anybody wants to see what the CLI writes.
func (c Command) readsAlong() bool { return c.Tap != nil || c.Gate != nil }

func (c Command) started(pid int) {
	if c.Started != nil {
		c.Started(pid)
	}
}

// Result is how the CLI ended: by a signal where Signal is not 0, else with an exit status of 0 to 255.
type Result struct {
	Code   int
	Signal syscall.Signal
	// Unread is set where nobody reads our standard output any more, or a signal came that ended the wait for
	// somebody to read. A Gate may still be in use then.
	Unread bool
}

// StartError says that the CLI could not be started.
type StartError struct {
	Path string
	Err  error
}

func (e *StartError) Error() string { return fmt.Sprintf("start %s: %v", e.Path, e.Err) }
func (e *StartError) Unwrap() error { return e.Err }

// Code is the exit status that a shell gives for it: 127 where there is no such file, else 126.
func (e *StartError) Code() int {
	if errors.Is(e.Err, os.ErrNotExist) {
		return codeNotFound
	}
	return codeNotRunnable
}

const (
	codeNotRunnable = 126
	codeNotFound    = 127
)

// Run runs the command to its end and returns how it ended. Errors: *StartError; any other is a
// fault of ours.
func Run(c Command) (Result, error) {
	signals := catchSignals()
	term, err := controllingTerminal()
	if err != nil {
		return runDirect(c, signals)
	}
	defer term.close()
	if !term.foreground() {
		return runDirect(c, signals) // the system stops it where it reads, as every job in the background
	}
	result, err := runOnPTY(c, term, signals)
	if errors.Is(err, errNoPTY) {
		return runDirect(c, signals)
	}
	return result, err
}

// Exec becomes the command: it returns only if that fails, with a *StartError.
func Exec(c Command) error {
	return &StartError{c.Path, syscall.Exec(c.Path, c.Args, withGuard(c.Env, os.Getppid()))}
}

func resultOf(status syscall.WaitStatus) Result {
	if status.Signaled() {
		return Result{Signal: status.Signal()}
	}
	return Result{Code: status.ExitStatus()}
}
