package main

import (
	"context"
	"time"

	"claudepool/internal/transcripts"
	"claudepool/internal/upkeep"
	"claudepool/pool"
)

// syncEvery is how often the transcripts are read beside other commands.
const syncEvery = time.Minute

type syncCommand struct {
	JSON bool `name:"json" help:"Print one JSON document."`
}

func (c syncCommand) Run(a *app) error {
	return a.withStore(func(ctx context.Context, store pool.Store) error {
		report, err := a.sync(ctx, store)
		if err != nil {
			return err
		}
		for _, trouble := range report.Troubles {
			a.warn("can't read %s", trouble)
		}
		if c.JSON {
			return a.printJSON(object{
				{"files", report.Files}, {"bytes", report.Bytes}, {"messages", report.Messages},
				{"troubles", append([]string{}, report.Troubles...)},
			})
		}
		a.printf("read %d bytes of %s: %s\n", report.Bytes, plural(report.Files, "transcript"), plural(report.Messages, "message"))
		return nil
	})
}

// sync reads what is new in all transcripts.
func (a *app) sync(ctx context.Context, store pool.Store) (transcripts.Report, error) {
	subscriptions, err := store.Subscriptions(ctx)
	if err != nil {
		return transcripts.Report{}, err
	}
	table, err := a.settings.places.prices()
	if err != nil {
		return transcripts.Report{}, err
	}
	return transcripts.Sync(ctx, store, table.Estimate, transcripts.Roots(subscriptions, a.settings.places.defaultConfigDir())...)
}

// syncNowAndThen reads the transcripts unless that was done a moment ago.
func (a *app) syncNowAndThen(ctx context.Context, store pool.Store) {
	a.runNowAndThen(ctx, store, a.syncTask(store, syncEvery))
}

// runNowAndThen runs a task beside a command, if it is due. Best effort: what went wrong is noted with the task.
func (a *app) runNowAndThen(ctx context.Context, store pool.Store, task upkeep.Task) {
	if runner, err := a.upkeepRunner(store); err == nil {
		_, _ = runner.RunDue(ctx, task)
	}
}
