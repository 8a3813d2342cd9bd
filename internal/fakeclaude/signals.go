package fakeclaude

import (
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// trap logs every signal of these in the file signals as it comes. Two that are pending at once are
// one, as everywhere in Unix.
func (a *actor) trap(words []string) error {
	wanted, err := signalsOf(words)
	if err != nil {
		return err
	}
	log, err := os.OpenFile(a.path("signals"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	got := make(chan os.Signal, 64)
	signal.Notify(got, wanted...)
	go func() {
		for s := range got {
			fmt.Fprintln(log, nameOf(s.(syscall.Signal)))
		}
	}()
	return nil
}

func (a *actor) ignore(words []string) error {
	unwanted, err := signalsOf(words)
	signal.Ignore(unwanted...)
	return err
}

// die ends by a signal as a C program does: Go's runtime handles some of them itself (QUIT prints
// stacks, USR1 does nothing), so a shell takes this process over first. No core file is left.
func (a *actor) die(words []string) error {
	return a.become([]string{"/bin/sh", "-c", "ulimit -c 0; kill -" + first(words) + " $$"})
}

func (a *actor) become(words []string) error {
	return syscall.Exec(first(words), words, os.Environ())
}

func signalsOf(names []string) ([]os.Signal, error) {
	var signals []os.Signal
	for _, name := range names {
		s := unix.SignalNum("SIG" + name)
		if s == 0 {
			return nil, fmt.Errorf("no signal %s", name)
		}
		signals = append(signals, s)
	}
	return signals, nil
}

func nameOf(s syscall.Signal) string { return strings.TrimPrefix(unix.SignalName(s), "SIG") }
