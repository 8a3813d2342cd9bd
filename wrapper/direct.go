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
	letGoOfStdin(c)
	if output != nil {
		go output.run()
	}
	result := resultOf(superviseDirect(ch, signals, w))
	if output != nil {
		output.ask(afterExit)
		if sig := drain(output.done, output.parked, signals); sig != 0 {
			return Result{Signal: sig, Unread: true}, nil
		}
		result.Unread = output.broken
	}
	return result, nil
}

func startDirect(c Command) (*tee, *child, error) {
	fds := [3]uintptr{uintptr(c.stdin()), 1, 2}
	if !c.readsAlong() || isTerminal(1) {
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
	return newPipeTee(read, c), ch, nil
}

// superviseDirect relays signals until the CLI has ended, and stops when the CLI is stopped.
func superviseDirect(ch *child, signals *caught, w *witness) syscall.WaitStatus {
	var relayed, late syscall.Signal // the last of each
	for {
		select {
		case s := <-signals.c:
			if sig := s.(syscall.Signal); !w.saw(sig) {
				relayed = sig
				if syscall.Kill(ch.pid, sig) != nil { // it has just ended
					late = sig
				}
			}
		case <-signals.cont:
			relayContinue(ch, w)
		case status := <-ch.events:
			if !status.Stopped() {
				signals.putBack(late)
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
// one that ended the CLI, so it does not cut them off at once; and a Ctrl-Z one that the CLI has gone on from,
// which under load reaches us after the CLI's end.
const interruptGrace = 250 * time.Millisecond

// drain waits for the last bytes of a CLI that has ended. Where a signal comes and whoever reads us
// does not take them, it returns the signal: the CLI itself would have died of it, still writing.
func drain(done, parked <-chan struct{}, signals *caught) syscall.Signal {
	var pending syscall.Signal
	var impatient, stop <-chan time.Time
	for {
		select {
		case <-done:
			signals.putBack(pending)
			return 0
		case <-parked:
			signals.putBack(pending)
			return 0
		case <-impatient:
			return pending
		case <-stop:
			stop = nil
			signals.stopSelf(os.Getpid(), syscall.SIGTSTP)
		case s := <-signals.c:
			switch sig := s.(syscall.Signal); {
			case sig == syscall.SIGTSTP:
				stop = time.After(interruptGrace)
			case sig != syscall.SIGWINCH && pending == 0:
				pending, impatient = sig, time.After(interruptGrace)
			}
		}
	}
}

// letGoOfStdin drops our copy of a standard input that only the CLI reads: when it closes its own,
// whoever writes there must learn it. The number stays taken, so that no other file gets it.
func letGoOfStdin(c Command) {
	if c.Stdin == nil && !isControllingTerminal(0) {
		toNull(0)
	}
}

// endOutput lets go of our standard output, unless that is a terminal, once the last of it is written: a
// reader sees the end even if we live on.
func endOutput() {
	if !isTerminal(1) {
		toNull(1)
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
