package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"claudepool/pool"
)

type releaseCommand struct {
	ID string `arg:"" help:"Id of the session, or how it begins."`
}

func (c releaseCommand) Run(a *app) error {
	return a.withStore(func(ctx context.Context, store pool.Store) error {
		running, err := store.Sessions(ctx, false, 0)
		if err != nil {
			return err
		}
		err = store.Release(ctx, c.ID, pool.End{Reason: pool.EndedByHand}, a.now())
		if errors.Is(err, pool.ErrNotFound) {
			return withHint(fmt.Errorf("no session has the id %q", c.ID), "see what is running: claudepool sessions")
		}
		if err != nil {
			return err
		}
		for _, s := range running {
			if strings.HasPrefix(s.ID, c.ID) {
				a.printf("released %s; its CLI, if it still runs, is process %d\n", s.ID, s.Process.PID)
				return nil
			}
		}
		a.printf("that session has ended already\n")
		return nil
	})
}
