package wrapper

import "syscall"

// The witness tells signals to our process group from signals to us alone. Where the CLI shares our
// group, the first reach it without us, and relayed they would arrive twice; the second are ours to
// relay. The system does not say which is which (si_code knows only the terminal, and Go hides it), so
// a process that does nothing else sits in the group, and what reached it went to the group.

// witnessName is the argv[0] by which the witness process is started.
const witnessName = "claudepool-witness"

// likelyToGroup is the rule of thumb for a run without a witness: what a terminal may have sent, where
// we are in its foreground.
func likelyToGroup(sig syscall.Signal) bool {
	switch sig {
	case syscall.SIGINT, syscall.SIGQUIT, syscall.SIGTSTP, syscall.SIGWINCH:
		return inForeground(0) || inForeground(2)
	}
	return false
}
