package main

import (
	"errors"
	"os"
	"os/signal"
	"syscall"

	"claudepool/wrapper"
)

// interruptedError says that a signal has ended a launch before its CLI was started.
type interruptedError struct{ signal syscall.Signal }

func (e *interruptedError) Error() string { return "ended by " + wrapper.SignalName(e.signal) }

// interrupts are the signals that end or stop who waits.
type interrupts struct{ c chan os.Signal }

// catchInterrupts catches them. Those that were ignored when we started, as by nohup, stay ignored.
func catchInterrupts() interrupts {
	i := interrupts{make(chan os.Signal, 8)}
	for _, sig := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGTSTP} {
		if !signal.Ignored(sig) {
			signal.Notify(i.c, sig)
		}
	}
	return i
}

// waitEnded notes why there is no next attempt: where a signal has ended the wait for it, the launch ends by that.
func (at *attempt) waitEnded(err error) {
	var interrupted *interruptedError
	if errors.As(err, &interrupted) {
		at.err = err
	}
}

func (i interrupts) stop() { signal.Stop(i.c) }
