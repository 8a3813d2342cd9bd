package notify

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const (
	// mostOutput is how much of what a program prints is kept, in bytes, and mostTold how much of that is told, in letters.
	mostOutput = 4 << 10
	mostTold   = 200
)

// start runs a program to its end, in a process group of its own, which is ended as a whole when the time is over.
// Errors: *Failure.
func (c Caller) start(ctx context.Context, argv []string, stdin io.Reader, environ ...string) error {
	program, err := c.find(argv[0])
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program, argv[1:]...)
	var said output
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.Stderr = append(c.Environ[:len(c.Environ):len(c.Environ)], environ...), stdin, &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second // what it left behind may hold its output open
	err = cmd.Run()
	if err == nil || errors.Is(err, exec.ErrWaitDelay) {
		return nil
	}
	why := ending(err)
	if words := printable(said.String(), mostTold); words != "" {
		why += ": " + words
	}
	return failed("%s %s", filepath.Base(argv[0]), why)
}

// find looks a program up on the PATH of the caller. Errors: *Failure.
func (c Caller) find(name string) (string, error) {
	if strings.ContainsRune(name, '/') {
		return name, nil
	}
	path, _ := c.Get("PATH")
	for _, dir := range filepath.SplitList(path) {
		if !filepath.IsAbs(dir) {
			continue // whatever directory we happen to be in
		}
		if found, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return found, nil
		}
	}
	return "", failed("%s is not on PATH", name)
}

// ending says how a program failed.
func ending(err error) string {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		var number syscall.Errno
		if errors.As(err, &number) {
			return "can't be run: " + number.Error()
		}
		return "can't be run"
	}
	return "ended with " + exit.Error()
}

// output keeps the first of what is written, and takes the rest.
type output struct{ kept strings.Builder }

func (o *output) Write(p []byte) (int, error) {
	o.kept.Write(p[:min(len(p), mostOutput-o.kept.Len())])
	return len(p), nil
}

func (o *output) String() string { return o.kept.String() }
