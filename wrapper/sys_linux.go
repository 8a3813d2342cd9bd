package wrapper

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	getTermios = unix.TCGETS
	setTermios = unix.TCSETS
	// disabledKey stands in a terminal's modes where a function has no key.
	disabledKey = 0
	// pipeSize is as large as an unprivileged process may ask for.
	pipeSize = 1 << 20
)

func dup2(from, to int) error { return syscall.Dup3(from, to, 0) }

// pipe returns a large pipe: fewer turns between the CLI and us.
func pipe() (read, write *os.File, err error) {
	read, write, err = os.Pipe()
	if err == nil {
		_ = control(read, func(fd int) error { // best effort
			_, err := unix.FcntlInt(uintptr(fd), unix.F_SETPIPE_SZ, pipeSize)
			return err
		})
	}
	return read, write, err
}
