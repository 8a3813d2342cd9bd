package main

import (
	"context"

	"claudepool/pool"
)

type removeCommand struct {
	Name string `arg:"" help:"Name of the subscription."`
}

func (c removeCommand) Run(a *app) error {
	return a.withCurrentStore(func(ctx context.Context, store pool.Store) error {
		sub, err := exactSubscription(ctx, store, c.Name)
		if err != nil {
			return err
		}
		if err := store.RemoveSubscription(ctx, sub.Name, a.now()); err != nil {
			return err
		}
		a.printf("removed %s; its usage stays in the ledger and its config directory stays at %s\n",
			sub.Name, a.dirWords(sub.ConfigDir))
		return nil
	})
}
