package main

import (
	"context"
	"errors"
	"os/signal"
	"strings"
	"syscall"

	"claudepool/internal/notify"
	"claudepool/internal/upkeep"
	"claudepool/pool"
)

type notifyFlush struct{}

// Help says what it ends with.
func (notifyFlush) Help() string {
	return `All that waits is tried once, though it is not due yet or there are quiet hours. It ends with 1 where something did not arrive.`
}

func (notifyFlush) Run(a *app) error {
	if _, err := a.someChannels(); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	return a.withStore(func(_ context.Context, store pool.Store) error {
		reports, err := a.flush(ctx, store)
		failed := false
		for _, r := range reports {
			a.printf("%s: %s\n", r.Channel, flushedWords(r))
			failed = failed || r.Failed+r.Dead > 0
		}
		if err == nil && failed {
			return exitCode(exitFailure)
		}
		return err
	})
}

// flush delivers as the task does, so that nobody else does it meanwhile.
func (a *app) flush(ctx context.Context, store pool.Store) ([]notify.Report, error) {
	runner, err := a.upkeepRunner(store)
	if err != nil {
		return nil, err
	}
	var done deliveredReport
	var failure error
	outcomes, err := runner.RunDue(ctx, upkeep.Task{Name: taskDeliver, Run: func(ctx context.Context) (upkeep.Report, error) {
		deliverer := a.deliverer(store)
		deliverer.ByHand = true
		done, failure = a.deliver(ctx, store, deliverer)
		return upkeep.Report{Data: done}, failure
	}})
	switch {
	case err != nil || failure != nil:
		return done.Channels, errors.Join(err, failure)
	case len(outcomes) == 0:
		return nil, withHint(errors.New("another process is delivering"), "see what waits: claudepool notify list")
	}
	return done.Channels, nil
}

// flushedWords say what became of a channel's deliveries.
func flushedWords(r notify.Report) string {
	var words []string
	for _, part := range []struct {
		n    int
		what string
	}{{r.Delivered, "delivered"}, {r.Failed, "failed"}, {r.Dead, "dead"}} {
		if part.n > 0 {
			words = append(words, count(int64(part.n))+" "+part.what)
		}
	}
	if len(words) == 0 {
		return "nothing waits"
	}
	if r.Trouble != "" {
		return strings.Join(words, ", ") + ": " + r.Trouble
	}
	return strings.Join(words, ", ")
}
