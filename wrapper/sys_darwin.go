package wrapper

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	getTermios = unix.TIOCGETA
	setTermios = unix.TIOCSETA
	// disabledKey stands in a terminal's modes where a function has no key.
	disabledKey = 0xff
	pipeSize    = 64 << 10
)

func dup2(from, to int) error { return syscall.Dup2(from, to) }

func pipe() (read, write *os.File, err error) { return os.Pipe() }
