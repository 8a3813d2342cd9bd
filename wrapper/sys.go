package wrapper

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// control calls f with the file's descriptor and leaves its mode alone: File.Fd makes it blocking,
// after which neither Close nor a deadline interrupts a read.
func control(file *os.File, f func(fd int) error) error {
	conn, err := file.SyscallConn()
	if err != nil {
		return err
	}
	var result error
	if err := conn.Control(func(fd uintptr) { result = f(int(fd)) }); err != nil {
		return err
	}
	return result
}

// blockingFd returns a descriptor for another process, which expects a blocking one.
func blockingFd(file *os.File) uintptr {
	fd := file.Fd()
	_ = syscall.SetNonblock(int(fd), false) // best effort: what Fd promises, made sure
	return fd
}

// socketPair returns two connected ends: one for us, and one as a bare descriptor for a process that
// we start. Both close on exec.
func socketPair() (ours *os.File, theirs int, err error) {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		return nil, -1, err
	}
	unix.CloseOnExec(fds[0])
	unix.CloseOnExec(fds[1])
	if err := unix.SetNonblock(fds[0], true); err != nil {
		_ = unix.Close(fds[0])
		_ = unix.Close(fds[1])
		return nil, -1, err
	}
	return os.NewFile(uintptr(fds[0]), "link"), fds[1], nil
}
