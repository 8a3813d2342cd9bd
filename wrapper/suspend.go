package wrapper

import (
	"os"
	"os/signal"
	"syscall"
)

// suspend stops us as the CLI was stopped, and lets it go on when we do: the shell gets its prompt,
// and `fg` brings the CLI back.
func (r *ptyRun) suspend(sig syscall.Signal) {
	r.keys.pause()
	r.output.ask(afterStop)
	select { // what the CLI wrote before it stopped belongs above the prompt
	case <-r.output.parked:
	case <-r.output.done:
	}
	r.term.restore()
	// A stop from the keyboard is for the whole group, as is the one that the CLI sends itself; a
	// SIGSTOP is for one process only.
	if sig == syscall.SIGSTOP {
		r.signals.stopSelf(os.Getpid(), sig)
	} else {
		r.signals.stopSelf(0, sig)
	}
	r.takeTerminal()
	r.output.resume()
	_ = send(r.monitor.link, message{kind: msgContinue})
}

// StopSelf does to this process what a stop signal does by default, and returns when it goes on. It is for
// who catches that signal while no CLI runs.
func StopSelf(sig syscall.Signal) {
	s := &caught{cont: make(chan os.Signal, 1)}
	signal.Notify(s.cont, syscall.SIGCONT)
	defer signal.Stop(s.cont)
	s.stopSelf(os.Getpid(), sig)
}
