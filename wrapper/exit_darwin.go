package wrapper

import (
	"fmt"
	"os"
	"syscall"
)

// dieBy becomes a shell that kills itself: exec puts every signal that Go catches back to the
// system's default action, which a Go program can't do itself on macOS.
func dieBy(sig syscall.Signal) {
	script := fmt.Sprintf("kill -%d $$", int(sig))
	_ = syscall.Exec("/bin/sh", []string{"sh", "-c", script}, os.Environ())
}

// stopBy sends SIGSTOP in the place of every other stop signal, which Go's own handlers swallow, then
// runs wait.
func stopBy(pid int, _ syscall.Signal, wait func()) {
	_ = syscall.Kill(pid, syscall.SIGSTOP) // best effort: a group member of another user can't be signalled
	wait()
}
