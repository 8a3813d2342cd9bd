package wrapper

import (
	"os"
	"syscall"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// openPTY makes a pseudo-terminal of the size and modes of the user's: the CLI never sees another. The
// master can be interrupted by a read deadline.
func openPTY(term *terminal) (master, slave *os.File, err error) {
	m, slave, err := pty.Open()
	if err != nil {
		return nil, nil, err
	}
	defer m.Close()
	if master, err = interruptible(m); err == nil {
		err = control(slave, func(fd int) error { return dress(fd, term) })
	}
	if err != nil {
		_ = slave.Close()
		return nil, nil, err
	}
	return master, slave, nil
}

// dress gives a new pseudo-terminal the size and modes of the user's terminal.
func dress(slave int, term *terminal) error {
	modes, err := unix.IoctlGetTermios(1, getTermios)
	if err != nil {
		return err
	}
	if err := unix.IoctlSetTermios(slave, setTermios, modes); err != nil {
		return err
	}
	size, err := term.size()
	if err != nil {
		return err
	}
	return unix.IoctlSetWinsize(slave, unix.TIOCSWINSZ, size)
}

// interruptible returns a copy of file that the runtime polls; pty.Open leaves its files blocking.
func interruptible(file *os.File) (*os.File, error) {
	var copied int
	err := control(file, func(fd int) (err error) {
		copied, err = unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 3)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := syscall.SetNonblock(copied, true); err != nil {
		_ = syscall.Close(copied)
		return nil, err
	}
	return os.NewFile(uintptr(copied), file.Name()), nil
}

// modesOf returns the modes that the CLI has set on its side of the pseudo-terminal.
func modesOf(master *os.File) (modes *unix.Termios, err error) {
	err = control(master, func(fd int) (err error) {
		modes, err = unix.IoctlGetTermios(fd, getTermios)
		return err
	})
	return modes, err
}

// resize gives the pseudo-terminal the size of the user's terminal, and tells whether that changed
// it: then the system sends SIGWINCH to whoever is in the foreground there.
func resize(master *os.File, term *terminal) (changed bool) {
	size, err := term.size()
	if err != nil {
		return false
	}
	_ = control(master, func(fd int) error { // best effort: it may be closing
		old, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ)
		if changed = err == nil && *old != *size; !changed {
			return err
		}
		return unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, size)
	})
	return changed
}
