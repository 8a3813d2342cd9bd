package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// loop looks again and again until ctx is cancelled. Trouble with the store at the start is an error; later it is told,
// once while it lasts, and may pass: the file system of the pool may be away for a while.
func (c maintainCommand) loop(ctx context.Context, a *app, every time.Duration) error {
	said := ""
	for first := true; ; first = false {
		outcomes, err := a.maintain(ctx)
		switch {
		case ctx.Err() != nil:
		case err != nil && first:
			return err
		case err != nil && err.Error() != said:
			said = err.Error()
			a.warn("%s", said)
		case err == nil:
			said = ""
		}
		if len(outcomes) > 0 {
			c.tell(a, outcomes)
		}
		if a.lost != nil {
			return a.lost
		}
		select {
		case <-ctx.Done():
			return nil // it was asked to stop
		case <-time.After(every):
		}
	}
}

// untilSignal is ctx until a signal asks us to stop: what runs then finishes or rolls back. A second one ends us at once.
// Those that were ignored when we started stay ignored. The cause is an *interruptedError.
func untilSignal(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	asked := make(chan os.Signal, 1)
	for _, sig := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(sig) {
			signal.Notify(asked, sig)
		}
	}
	go func() {
		defer signal.Stop(asked)
		select {
		case sig := <-asked:
			cancel(&interruptedError{sig.(syscall.Signal)})
		case <-ctx.Done():
		}
	}()
	return ctx, func() { cancel(nil) }
}
