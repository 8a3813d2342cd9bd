package wrapper

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// ownBinary is the file of this process.
func ownBinary() (string, error) { return os.Executable() }

// killWithParent does nothing: macOS has no such wish. The CLI then ends when it next writes.
func killWithParent(*syscall.SysProcAttr) {}

// isStopped tells whether a process is stopped right now: the report of a stop can be older than a
// SIGCONT that has come since.
func isStopped(pid int) bool {
	const stopped = 4 // SSTOP of <sys/proc.h>
	info, err := unix.SysctlKinfoProc("kern.proc.pid", pid)
	return err == nil && info.Proc.P_stat == stopped
}
