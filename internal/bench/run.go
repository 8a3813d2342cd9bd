package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/creack/pty"
)

// onPipes runs a command with its output on pipes, calls each with what it reads from standard
// output, and returns how long it took until the command had ended.
func onPipes(cmd *exec.Cmd, each func([]byte)) (time.Duration, error) {
	var stderr tail
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return 0, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	readErr := readAll(out, each)
	err = cmd.Wait()
	took := time.Since(began)
	if err = errors.Join(err, readErr); err != nil || len(stderr) > 0 {
		return 0, fmt.Errorf("%s: %v, it said %q", cmd, err, stderr)
	}
	return took, nil
}

// onPTY runs a command on a pty of its own and returns how long it took until it had ended and all
// that it wrote was read.
func onPTY(cmd *exec.Cmd, each func([]byte)) (time.Duration, error) {
	began := time.Now()
	master, err := startOnPTY(cmd)
	if err != nil {
		return 0, err
	}
	defer master.Close()
	readErr := readAll(master, each)
	err = errors.Join(cmd.Wait(), readErr)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", cmd, err)
	}
	return time.Since(began), nil
}

// startOnPTY starts a command as the leader of a session on a new pty, and returns the user's side.
func startOnPTY(cmd *exec.Cmd) (master *os.File, err error) {
	return pty.StartWithAttrs(cmd, &pty.Winsize{Rows: 40, Cols: 120}, &syscall.SysProcAttr{Setsid: true, Setctty: true})
}

// readAll reads to the end, which on a pty is EIO.
func readAll(r io.Reader, each func([]byte)) error {
	buf := make([]byte, 1<<18)
	for {
		n, err := r.Read(buf)
		each(buf[:n])
		switch {
		case err == io.EOF || errors.Is(err, syscall.EIO):
			return nil
		case err != nil:
			return err
		}
	}
}

func ignore([]byte) {}

// tail keeps the last bytes of what is written to it.
type tail []byte

func (t *tail) Write(p []byte) (int, error) {
	const most = 4096
	*t = append(*t, p...)
	*t = (*t)[max(0, len(*t)-most):]
	return len(p), nil
}

// interleave runs every contestant once and again, for as many rounds, after one that does not
// count; each round starts with another, so that none always follows the same one.
func interleave(contestants []contestant, rounds int, once func(contestant) (time.Duration, error)) (map[string]samples, error) {
	taken := map[string]samples{}
	for round := -1; round < rounds; round++ {
		for i := range contestants {
			c := contestants[(i+round+1)%len(contestants)]
			took, err := once(c)
			if err != nil {
				return nil, err
			}
			if round >= 0 {
				taken[c.name] = append(taken[c.name], took)
			}
		}
	}
	return taken, nil
}

// runner is onPipes or onPTY.
type runner func(cmd *exec.Cmd, each func([]byte)) (time.Duration, error)

// fill sets the figures of the contestants that took part.
func (r *row) fill(taken map[string]samples) {
	cell := func(name string) string {
		if s, found := taken[name]; found {
			return s.String()
		}
		return ""
	}
	r.claudepool, r.alone, r.script = cell("claudepool"), cell("child alone"), cell("script")
}
