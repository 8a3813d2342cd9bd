package wrapper

import (
	"errors"
	"runtime"
	"syscall"
)

// child is a process that we started and that nobody else waits for.
type child struct {
	pid int
	// events tells of every stop, and last of the end, after which it is closed.
	events chan syscall.WaitStatus
}

// startChild starts a process with the descriptors fds as its 0, 1, 2. Where the system can, the
// process is killed when ours is: kill -9 of the wrapper ends the CLI as kill -9 of the CLI would.
func startChild(c Command, fds [3]uintptr, sys *syscall.SysProcAttr) (*child, error) {
	killWithParent(sys)
	ch := &child{events: make(chan syscall.WaitStatus, 16)}
	started := make(chan error)
	go func() {
		// The system watches the thread that forked, not the process: keep it until the child's end.
		runtime.LockOSThread()
		pid, err := syscall.ForkExec(c.Path, c.Args, &syscall.ProcAttr{Env: c.Env, Files: fds[:], Sys: sys})
		ch.pid = pid
		started <- err
		if err == nil {
			ch.wait()
		}
	}()
	if err := <-started; err != nil {
		return nil, &StartError{c.Path, err}
	}
	return ch, nil
}

// wait reports stops and the end. It is not os.Process.Wait, which knows no stops.
func (ch *child) wait() {
	defer close(ch.events)
	for {
		var status syscall.WaitStatus
		_, err := syscall.Wait4(ch.pid, &status, syscall.WUNTRACED, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		ch.events <- status
		if err != nil || !status.Stopped() {
			return
		}
	}
}
