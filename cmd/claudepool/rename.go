package main

import (
	"context"
	"errors"
	"slices"

	"claudepool/pool"
)

type renameCommand struct {
	Old  string `arg:"" help:"Name of the subscription."`
	Name string `arg:"" help:"What it is to be called."`
}

// Run leaves the directory where it is: on macOS the login belongs to the path.
func (c renameCommand) Run(a *app) error {
	if err := pool.CheckName("name", c.Name); err != nil {
		return withHint(err, "as in: claudepool rename work work-2")
	}
	return a.withCurrentStore(func(ctx context.Context, store pool.Store) error { // with an empty spool, which goes by names
		old, err := findSubscription(ctx, store, c.Old)
		if err != nil {
			return err
		}
		if old.Name == c.Name {
			a.printf("%s is its name already\n", c.Name)
			return nil
		}
		sub, err := store.UpdateSubscription(ctx, old.Name, func(s *pool.Subscription) error {
			s.Name = c.Name
			return nil
		})
		if errors.Is(err, pool.ErrNameTaken) {
			return withHint(err, "choose another name, or see what is there: claudepool list")
		}
		if err != nil {
			return err
		}
		a.printf("renamed %s to %s; its config directory stays at %s\n", old.Name, sub.Name, a.dirWords(sub.ConfigDir))
		if slices.Contains(a.settings.Names, old.Name) {
			a.warn("runs here are pinned to %s by CLAUDEPOOL_SUBSCRIPTION or the config file: put %s there", old.Name, sub.Name)
		}
		return nil
	})
}
