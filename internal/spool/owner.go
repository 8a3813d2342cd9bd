package spool

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// lock locks a file for as long as it is open, or not at all where the file system knows no locks: then
// the process and its heartbeat have to tell.
func lock(file *os.File) { _ = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) }

// isLocked tells whether somebody else has locked the file.
func isLocked(file *os.File) bool {
	return errors.Is(syscall.Flock(int(file.Fd()), syscall.LOCK_SH|syscall.LOCK_NB), syscall.EWOULDBLOCK)
}

func isOurs(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}
