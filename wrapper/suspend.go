package wrapper

import (
	"os"
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
