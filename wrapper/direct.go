package wrapper

import (
	"os"
	"syscall"
	"time"
)

// runDirect runs the CLI in our own process group with our own descriptors, but for a standard output
// that is no terminal and that somebody reads along: that becomes a pipe. What the terminal sends to the group (Ctrl-C,
// Ctrl-Z, a new size) reaches the CLI without us; the witness tells it from what was sent to us alone.
func runDirect(c Command, signals *caught) (Result, error) {
	c.Env = withGuard(c.Env, os.Getpid())
	w := startWitness() // before the CLI, so that it sees every signal that the CLI can see
	defer w.close()
	output, ch, err := startDirect(c)
	if err != nil {
		return Result{}, err
	}
	c.started(ch.pid)
	letGoOfStdin()
	if output != nil {
		go output.run()
	}
	result := resultOf(superviseDirect(ch, signals, w))
	if output != nil {
		output.ask(afterExit)
		if sig := drain(output, signals); sig != 0 {
			return Result{Signal: sig}, nil
		}
	}
	return result, nil
}

func startDirect(c Command) (*tee, *child, error) {
	fds := [3]uintptr{0, 1, 2}
	if c.Tap == nil || isTerminal(1) {
		ch, err := startChild(c, fds, &syscall.SysProcAttr{})
		return nil, ch, err
	}
	read, write, err := pipe()
	if err != nil {
		return nil, nil, err
	}
	defer write.Close() // the CLI's copy is then the only one, so its end is the end of the pipe
	fds[1] = blockingFd(write)
	ch, err := startChild(c, fds, &syscall.SysProcAttr{})
	if err != nil {
		_ = read.Close()
		return nil, nil, err
	}
	return newPipeTee(read, c.Tap), ch, nil
}

// superviseDirect relays signals until the CLI has ended, and stops when the CLI is stopped.
func superviseDirect(ch *child, signals *caught, w *witness) syscall.WaitStatus {
	var relayed syscall.Signal // the last
	for {
		select {
		case s := <-signals.c:
			if sig := s.(syscall.Signal); !w.saw(sig) {
				relayed = sig
				_ = syscall.Kill(ch.pid, sig) // best effort: it may just have ended
			}
		case <-signals.cont:
			relayContinue(ch, w)
		case status := <-ch.events:
			if !status.Stopped() {
				return status
			}
			if !isStopped(ch.pid) {
				continue
			}
			sig := status.StopSignal()
			if signals.stopSelf(os.Getpid(), sig) {
				relayContinue(ch, w)
			}
			if sig != relayed { // so the group got it, and ours may yet be on its way: relayed, it would stop the CLI again
				w.vouch(sig)
			}
			relayed = 0
		}
	}
}

func relayContinue(ch *child, w *witness) {
	if !w.saw(syscall.SIGCONT) {
		_ = syscall.Kill(ch.pid, syscall.SIGCONT)
	}
}

// interruptGrace is how long the last bytes may take once a signal has come. The signal may be the very
// one that ended the CLI, so it does not cut them off at once.
const interruptGrace = 250 * time.Millisecond

// drain waits for the last bytes of a CLI that has ended. Where a signal comes and whoever reads us
// does not take them, it returns the signal: the CLI itself would have died of it, still writing.
func drain(output *tee, signals *caught) syscall.Signal {
	var pending syscall.Signal
	var impatient <-chan time.Time
	for {
		select {
		case <-output.done:
			return 0
		case <-output.parked:
			return 0
		case <-impatient:
			return pending
		case s := <-signals.c:
			switch sig := s.(syscall.Signal); {
			case sig == syscall.SIGTSTP:
				signals.stopSelf(os.Getpid(), sig)
			case sig != syscall.SIGWINCH && pending == 0:
				pending, impatient = sig, time.After(interruptGrace)
			}
		}
	}
}

// letGoOfStdin drops our copy of a standard input that only the CLI reads: when it closes its own,
// whoever writes there must learn it. The number stays taken, so that no other file gets it.
func letGoOfStdin() {
	if !isControllingTerminal(0) {
		toNull(0)
	}
}

// toNull puts /dev/null in the place of a descriptor.
func toNull(fd int) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return // best effort: the descriptor stays what it was
	}
	defer null.Close()
	_ = dup2(int(null.Fd()), fd)
}
