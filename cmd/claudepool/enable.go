package main

import (
	"context"

	"claudepool/pool"
)

type enableCommand struct {
	Name string `arg:"" help:"Name of the subscription."`
}

func (c enableCommand) Run(a *app) error { return a.setEnabled(c.Name, true, "enabled") }

type disableCommand struct {
	Name string `arg:"" help:"Name of the subscription."`
}

func (c disableCommand) Run(a *app) error { return a.setEnabled(c.Name, false, "disabled") }

// setEnabled says also where that was so before.
func (a *app) setEnabled(name string, enabled bool, word string) error {
	return a.withStore(func(ctx context.Context, store pool.Store) error {
		sub, err := findSubscription(ctx, store, name)
		if err != nil {
			return err
		}
		if sub.Enabled == enabled {
			a.printf("%s is %s already\n", sub.Name, word)
			return nil
		}
		if err := store.SetEnabled(ctx, sub.Name, enabled); err != nil {
			return err
		}
		a.printf("%s %s\n", word, sub.Name)
		return nil
	})
}
