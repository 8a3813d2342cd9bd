// Package secret runs the commands by which a subscription gets its secrets. What they print is returned to
// the caller and goes nowhere else: not even into an error.
package secret

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"claudepool/pool"
)

// TimeLimit bounds one command: a run waits for it.
const TimeLimit = 10 * time.Second

// most is what a command may print, in bytes: a variable can't hold much more.
const most = 64 << 10

// Error says why a command gave no value. It holds nothing of what the command printed, nor the command.
type Error struct{ Var, Why string }

func (e *Error) Error() string { return fmt.Sprintf("its command for %s %s", e.Var, e.Why) }

// Runner runs commands.
type Runner struct {
	// Env is what commands run with.
	Env []string
	// Stderr is where their words go; nil is nowhere.
	Stderr io.Writer
	// Limit bounds each of them.
	Limit time.Duration
}

// Run runs the commands one after the other and returns VAR=value for each. The last newline of what a
// command prints is not part of the value. Errors: *Error for the first that gave none.
func (r Runner) Run(ctx context.Context, commands []pool.EnvCommand) ([]string, error) {
	var entries []string
	for _, c := range commands {
		value, why := r.read(ctx, c.Command)
		if why != "" {
			return nil, &Error{c.Var, why}
		}
		entries = append(entries, c.Var+"="+value)
	}
	return entries, nil
}

// read returns what a command prints, or why it is of no use.
func (r Runner) read(ctx context.Context, command string) (value, why string) {
	ctx, cancel := context.WithTimeout(ctx, r.Limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", command)
	var out limited
	// In our own process group, so that one that asks a person for a passphrase may use the terminal.
	cmd.Env, cmd.Stdout, cmd.Stderr = r.Env, &out, r.Stderr
	cmd.Cancel = func() error { return endTree(cmd.Process) }
	cmd.WaitDelay = time.Second // what it left behind may hold standard output open
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return "", fmt.Sprintf("took longer than %v", r.Limit)
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return "", failure(err)
	case out.over:
		return "", fmt.Sprintf("printed more than %d bytes", most)
	}
	value = strings.TrimSuffix(strings.TrimSuffix(out.kept.String(), "\n"), "\r")
	switch {
	case value == "":
		return "", "printed nothing"
	case strings.Contains(value, "\x00"):
		return "", "printed a zero byte"
	}
	return value, ""
}

// failure says how a command failed.
func failure(err error) string {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return "can't be run"
	}
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		return fmt.Sprintf("was ended by signal %d", status.Signal())
	}
	return fmt.Sprintf("ended with status %d", exit.ExitCode())
}

// limited keeps what is written up to a limit, and takes the rest without keeping it.
type limited struct {
	kept bytes.Buffer // not embedded: its ReadFrom would take all
	over bool
}

func (l *limited) Write(p []byte) (int, error) {
	if l.kept.Len()+len(p) > most {
		l.over = true
		return len(p), nil
	}
	return l.kept.Write(p)
}
