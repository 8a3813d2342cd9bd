package wrapper

import (
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// relayed are the signals that reach the CLI through us, by number, so that none that Go uses itself
// (SIGURG, SIGCHLD) is among them. SIGCONT is one more, on a channel of its own.
var relayed = []syscall.Signal{
	syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT,
	syscall.SIGUSR1, syscall.SIGUSR2, syscall.SIGWINCH, syscall.SIGTSTP,
}

// caught are the signals that arrive while the CLI runs.
type caught struct {
	c    chan os.Signal
	cont chan os.Signal
}

// catchSignals catches them for good: until this process ends none does to it what it does by default,
// so that a second Ctrl-C does not end us while the session is given back. What comes between two runs
// reaches the next. A signal that was ignored when we started (as by nohup) stays ignored in the CLI.
var catchSignals = sync.OnceValue(func() *caught {
	s := &caught{c: make(chan os.Signal, 64), cont: make(chan os.Signal, 1)}
	for _, sig := range relayed {
		if !signal.Ignored(sig) {
			signal.Notify(s.c, sig)
		}
	}
	signal.Notify(s.cont, syscall.SIGCONT)
	// Of SIGPIPE a Go program dies when it writes to a standard output that nobody reads. It is caught
	// and not ignored: the CLI would inherit that.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	return s
})

// putBack lets whoever comes next have a signal that came too late for the CLI; 0 is none.
func (s *caught) putBack(sig syscall.Signal) {
	if sig == 0 {
		return
	}
	select {
	case s.c <- sig:
	default: // so many others wait that this one is not missed
	}
}

// stopTakes is how long a stop may take to happen. It does not happen at all where our process group
// is orphaned: nobody is there who could continue us.
const stopTakes = 200 * time.Millisecond

// stopSelf does to this process, or with pid 0 to its whole group, what the stop signal does by
// default, and returns when the process goes on: true where a SIGCONT did that.
//
// The program runs on for a moment after the signal, which another thread takes. Without the wait for
// SIGCONT the caller would go on as if continued, and the signal could meet its handler, set again.
func (s *caught) stopSelf(pid int, sig syscall.Signal) (continued bool) {
	select { // one from before does not count
	case <-s.cont:
	default:
	}
	stopBy(pid, sig, func() { continued = s.awaitContinue() })
	return continued
}

func (s *caught) awaitContinue() bool {
	timeout := time.After(stopTakes)
	select {
	case <-s.cont:
		return true
	case <-timeout:
	}
	select { // while we were stopped the time ran out as well
	case <-s.cont:
		return true
	default:
		return false
	}
}
