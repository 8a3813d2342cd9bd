package main

import (
	"context"

	"claudepool/internal/procid"
	"claudepool/pool"
)

type reclaimCommand struct {
	JSON bool `name:"json" help:"Print one JSON document."`
}

func (c reclaimCommand) Run(a *app) error {
	return a.withStore(func(ctx context.Context, store pool.Store) error {
		ended, err := store.Reclaim(ctx, procid.Probe, a.now())
		if err != nil {
			return err
		}
		booked, err := a.settings.spool().Drain(ctx, store, procid.Probe, a.now())
		if err != nil {
			return err
		}
		if c.JSON {
			return a.printJSON(append(sessionsDocument(ended, a.now()), field{"booked_from_spool", booked}))
		}
		a.printf("reclaimed %s, booked %s from the spool\n", plural(len(ended), "session"), plural(booked, "session"))
		for _, s := range ended {
			a.printf("%s on %s, process %d\n", s.ID, orUnknown(s.Subscription), s.Process.PID)
		}
		return nil
	})
}

// withCurrentStore runs f on a store that knows what has happened since: what waits in the spool is
// booked and dead sessions are ended, as far as the store takes it.
func (a *app) withCurrentStore(f func(context.Context, pool.Store) error) error {
	return a.withStore(func(ctx context.Context, store pool.Store) error {
		if _, err := a.settings.spool().Drain(ctx, store, procid.Probe, a.now()); err != nil {
			a.warn("usage in the spool can't be booked yet: %v", err)
		}
		_, _ = store.Reclaim(ctx, procid.Probe, a.now()) // best effort: what can't be written can be read
		a.syncNowAndThen(ctx, store)
		a.pruneNowAndThen(ctx, store)
		a.startUpkeep(ctx, store)
		return f(ctx, store)
	})
}
