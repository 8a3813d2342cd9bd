package wrapper

import (
	"errors"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// monitorName is the argv[0] by which the monitor process is started.
const monitorName = "claudepool-monitor"

// The monitor leads the session on the CLI's pseudo-terminal and starts the CLI in a process group of
// its own in the foreground there. A CLI that led the session itself would be in an orphaned process
// group, where stopping does nothing, and Ctrl-Z would leave the user at a dead screen (seen with
// 2.1.330). The same is why sudo has a monitor.

// startMonitor starts the monitor with the pseudo-terminal in place of every standard descriptor that
// is the user's terminal; the others are handed on as they are.
func startMonitor(c Command, slave *os.File) (*monitor, error) {
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, err
	}
	defer syscall.Close(theirs)
	path, err := ownBinary()
	if err != nil {
		return nil, err
	}
	var fds [3]uintptr
	for fd := range fds {
		fds[fd] = uintptr(fd)
		if isControllingTerminal(fd) {
			fds[fd] = slave.Fd()
		}
	}
	if c.Stdin != nil {
		fds[0] = c.Stdin.Fd()
	}
	// The link keeps its number, beyond what the caller may have opened for the CLI as 3, 4, 5, …
	if _, err := unix.FcntlInt(uintptr(theirs), unix.F_SETFD, 0); err != nil {
		return nil, err
	}
	argv := append([]string{monitorName, strconv.Itoa(theirs), c.Path}, c.Args...)
	pid, err := syscall.ForkExec(path, argv, &syscall.ProcAttr{
		Env: c.Env, Files: fds[:],
		Sys: &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 1},
	})
	if err != nil {
		_ = ours.Close()
		return nil, err
	}
	return &monitor{pid, ours}, nil
}

// monitor is the monitor process as the wrapper sees it.
type monitor struct {
	pid  int
	link *os.File
}

// close waits for the monitor, which ends right after the CLI.
func (m *monitor) close() {
	_ = m.link.Close()
	_, _ = syscall.Wait4(m.pid, nil, 0, nil)
}

// monitorMain is the monitor: argv is its name, the link's descriptor, the CLI's path, and the CLI's
// argument vector.
func monitorMain(argv []string) int {
	link, err := inheritedLink(argv)
	if err != nil {
		return complain(err)
	}
	// Caught, so that nothing the terminal sends ends the monitor before the CLI; not ignored, which
	// the CLI would inherit.
	signals := catchSignals()
	go func() {
		for range signals.c {
		}
	}()
	c := Command{Path: argv[2], Args: argv[3:], Env: withGuard(os.Environ(), os.Getpid())}
	ch, err := startChild(c, [3]uintptr{0, 1, 2}, &syscall.SysProcAttr{Setpgid: true, Foreground: true, Ctty: 1})
	if err != nil {
		errno := syscall.ENOEXEC
		errors.As(err, &errno)
		_ = send(link, message{msgFailed, uint32(errno)})
		return 0
	}
	letGoOfStdin(Command{})
	_ = send(link, message{msgStarted, uint32(ch.pid)})
	supervise(ch, link)
	return 0
}

// supervise reports to the wrapper and does what it says, until the CLI has ended. When the wrapper is
// gone the CLI is killed: whoever killed the wrapper meant the CLI.
func supervise(ch *child, link *os.File) {
	orders := messages(link)
	for {
		select {
		case status := <-ch.events:
			if !status.Stopped() {
				_ = send(link, message{msgEnded, uint32(status)})
				return
			}
			_ = send(link, message{msgStopped, uint32(status.StopSignal())})
		case order, more := <-orders:
			switch {
			case !more:
				_ = syscall.Kill(ch.pid, syscall.SIGKILL)
				orders = nil
			case order.kind == msgSignal:
				_ = syscall.Kill(ch.pid, syscall.Signal(order.value))
			case order.kind == msgContinue:
				_ = syscall.Kill(-ch.pid, syscall.SIGCONT)
			}
		}
	}
}

var errNotByHand = errors.New("this name is for claudepool's own use")

func inheritedLink(argv []string) (*os.File, error) {
	if len(argv) < 4 {
		return nil, errNotByHand
	}
	fd, err := strconv.Atoi(argv[1])
	if err != nil || unix.SetNonblock(fd, true) != nil {
		return nil, errNotByHand
	}
	unix.CloseOnExec(fd)
	return os.NewFile(uintptr(fd), "link"), nil
}
