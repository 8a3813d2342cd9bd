package wrapper

import (
	"os"
	"syscall"
	"unsafe"
)

// dieBy sends this process a signal with the system's default action. signal.Reset is not enough: of
// SIGQUIT a Go program dies with a trace of its goroutines and status 2, of others not at all.
func dieBy(sig syscall.Signal) {
	// struct sigaction of the kernel; all zero is SIG_DFL.
	var defaultAction struct {
		handler, flags, restorer uintptr
		mask                     uint64
	}
	_, _, _ = syscall.RawSyscall6(syscall.SYS_RT_SIGACTION, uintptr(sig),
		uintptr(unsafe.Pointer(&defaultAction)), 0, unsafe.Sizeof(defaultAction.mask), 0, 0)
	_ = syscall.Kill(os.Getpid(), sig)
}
