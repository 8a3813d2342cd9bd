package wrapper

import (
	"os"
	"syscall"
	"unsafe"
)

// sigaction is the kernel's struct of that name. All zero it is SIG_DFL.
type sigaction struct {
	handler, flags, restorer uintptr
	mask                     uint64
}

// setAction sets what a signal does and returns what it did. signal.Reset is not enough: Go keeps its
// handler, which swallows SIGTSTP, and answers SIGQUIT with a trace of its goroutines and status 2.
func setAction(sig syscall.Signal, action sigaction) (old sigaction) {
	_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(sig),
		uintptr(unsafe.Pointer(&action)), uintptr(unsafe.Pointer(&old)), unsafe.Sizeof(action.mask), 0, 0)
	return old
}

// dieBy sends this process a signal with the system's default action.
func dieBy(sig syscall.Signal) {
	setAction(sig, sigaction{})
	_ = syscall.Kill(os.Getpid(), sig)
}

// stopBy sends a stop signal with the system's default action, then runs wait, during which that
// action stays.
func stopBy(pid int, sig syscall.Signal, wait func()) {
	old := setAction(sig, sigaction{})
	defer setAction(sig, old)
	_ = syscall.Kill(pid, sig) // best effort: a group member of another user can't be signalled
	wait()
}
