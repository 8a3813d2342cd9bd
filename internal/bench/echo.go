package main

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// The bars for the time that a key takes to come back, over the child on a bare pty.
const (
	echoMedianBar = 100 * time.Microsecond
	echoP99Bar    = 500 * time.Microsecond
)

// typist is a person at a terminal: it types a key and waits until it shows.
type typist struct {
	cmd    *exec.Cmd
	master *os.File
	fd     int
	echoes samples
}

// measureEcho types at all contestants in turn, at the pace of a fast typist with a good deal of
// chance in it, so that nothing is warm by rhythm.
func measureEcho(b *bench) (rows []row, err error) {
	s, err := b.newSandbox(1, 0)
	if err != nil {
		return nil, err
	}
	typists := map[string]*typist{}
	defer func() {
		for _, t := range typists {
			err = errors.Join(err, t.leave())
		}
	}()
	for _, way := range s.contestants() {
		if typists[way.name], err = sitDown(way.command(b.actor("echo", 0))); err != nil {
			return nil, err
		}
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for range b.scale(3000) {
		for _, t := range typists {
			time.Sleep(time.Millisecond + rand.N(4*time.Millisecond))
			if err := t.press('x'); err != nil {
				return nil, err
			}
		}
	}
	return echoRows(typists), nil
}

func echoRows(typists map[string]*typist) []row {
	taken := map[string]samples{}
	for name, t := range typists {
		taken[name] = t.echoes
	}
	ours, bare := taken["claudepool"], taken["child alone"]
	median, p99 := ours.median()-bare.median(), ours.p99()-bare.p99()
	rows := []row{
		{what: "echo of a key", bar: fmt.Sprintf("≤ %s more, median", millis(echoMedianBar)), measured: millis(median), ok: median <= echoMedianBar},
		{what: "the same, p99", bar: fmt.Sprintf("≤ %s more, p99", millis(echoP99Bar)), measured: millis(p99), ok: p99 <= echoP99Bar},
	}
	rows[0].fill(taken)
	return rows
}

// sitDown starts the child and waits until it is there.
func sitDown(cmd *exec.Cmd) (*typist, error) {
	master, err := startOnPTY(cmd)
	if err != nil {
		return nil, err
	}
	// Fd makes reads block in the kernel: Go's own scheduler is not to be measured.
	t := &typist{cmd: cmd, master: master, fd: int(master.Fd())}
	return t, t.await(ready)
}

// press types a key and notes how long it took to come back.
func (t *typist) press(key byte) error {
	began := time.Now()
	if _, err := unix.Write(t.fd, []byte{key}); err != nil {
		return err
	}
	err := t.await(key)
	t.echoes = append(t.echoes, time.Since(began))
	return err
}

// await reads until a byte comes.
func (t *typist) await(want byte) error {
	buf := make([]byte, 4096)
	for {
		n, err := unix.Read(t.fd, buf)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return fmt.Errorf("%s: waiting for %q: %w", t.cmd, want, err)
		case bytes.IndexByte(buf[:n], want) >= 0:
			return nil
		}
	}
}

// leave ends the child by its own key.
func (t *typist) leave() error {
	if t == nil {
		return nil
	}
	defer t.master.Close()
	if _, err := unix.Write(t.fd, []byte{'q'}); err != nil {
		return err
	}
	return errors.Join(readAll(t.master, ignore), t.cmd.Wait())
}
