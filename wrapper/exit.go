package wrapper

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// End makes this process end as the CLI did: it dies by the same signal, or returns the status to exit
// with. Call it last: nothing that is deferred runs after a signal.
func (r Result) End() (code int) {
	if r.Signal == 0 {
		return r.Code
	}
	// The CLI has left its core already, if it left one.
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
	dieBy(r.Signal)
	time.Sleep(time.Second) // the signal is on its way to some thread of ours
	return 128 + int(r.Signal)
}

// SignalName returns the name of a signal, as in "SIGTERM", or "" for 0.
func SignalName(sig syscall.Signal) string {
	if sig == 0 {
		return ""
	}
	return unix.SignalName(sig)
}
