package wrapper

import (
	"errors"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// terminal is the user's terminal, which is both our standard output and our controlling terminal.
type terminal struct {
	// keys is the descriptor its keyboard is read from: standard input where that is the terminal,
	// else one opened anew.
	keys int
	// opened is set where keys is ours to close.
	opened bool
	// modes are the user's own, to which the terminal is put back.
	modes *term.State
	raw   bool
}

var errNoTerminal = errors.New("standard output is not the controlling terminal")

// controllingTerminal returns the user's terminal, or errNoTerminal where standard output is something
// else.
func controllingTerminal() (*terminal, error) {
	if !isControllingTerminal(1) {
		return nil, errNoTerminal
	}
	modes, err := term.GetState(1)
	if err != nil {
		return nil, err
	}
	t := &terminal{keys: 0, modes: modes}
	if !isControllingTerminal(0) {
		if t.keys, err = unix.Open("/dev/tty", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0); err != nil {
			return nil, err
		}
		t.opened = true
	}
	return t, nil
}

// isControllingTerminal tells whether the descriptor is our controlling terminal, and not some other:
// only there does the system answer who is in the foreground.
func isControllingTerminal(fd int) bool {
	_, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	return err == nil
}

// isTerminal tells whether the descriptor is a terminal, our own or another.
func isTerminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, getTermios)
	return err == nil
}

// inForeground tells whether the descriptor is our controlling terminal and our process group the one
// that it talks to.
func inForeground(fd int) bool {
	group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	return err == nil && group == unix.Getpgrp()
}

func (t *terminal) foreground() bool { return inForeground(1) }

// makeRaw hands every key to us as it is typed. In the background it does nothing, for the terminal is
// then somebody else's. The modes found are those that restore goes back to.
func (t *terminal) makeRaw() {
	if t.raw || !t.foreground() {
		return
	}
	if modes, err := term.MakeRaw(1); err == nil {
		t.modes, t.raw = modes, true
	}
}

// restore puts the user's modes back. It may be called at any time, from any way out.
func (t *terminal) restore() {
	if t.raw && t.foreground() {
		_ = term.Restore(1, t.modes) // best effort: the terminal may be gone
	}
	t.raw = false
}

// rescue is deferred in every goroutine that runs while the terminal is raw: a panic there ends the
// program without running what main has deferred.
func (t *terminal) rescue() {
	if fault := recover(); fault != nil {
		t.restore()
		panic(fault)
	}
}

func (t *terminal) size() (*unix.Winsize, error) { return unix.IoctlGetWinsize(1, unix.TIOCGWINSZ) }

func (t *terminal) close() {
	t.restore()
	if t.opened {
		_ = unix.Close(t.keys)
	}
}
