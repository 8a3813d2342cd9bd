package main

import (
	"context"
	"errors"

	"claudepool/internal/ledgerfile"
	"claudepool/pool"
)

// exportLedger prints all that the ledger consists of. It tells on standard error what running sessions will still add.
func (a *app) exportLedger(ctx context.Context, store pool.Store) error {
	archive, err := archiveOf(store)
	if err != nil {
		return err
	}
	running, err := store.Sessions(ctx, false, 0)
	if err != nil {
		return err
	}
	if len(running) > 0 {
		a.warn("%s running: what is used from now on is not in it", are(plural(len(running), "session"), len(running)))
	}
	if _, err := ledgerfile.Write(ctx, answer{a}, archive, a.ledgerHome()); a.lost == nil {
		return err
	}
	return a.lost
}

func are(what string, n int) string {
	if n == 1 {
		return what + " is"
	}
	return what + " are"
}

// ledgerHome is what ~ stands for in a ledger.
func (a *app) ledgerHome() ledgerfile.Home { return ledgerfile.NewHome(a.settings.places.home) }

func archiveOf(store pool.Store) (pool.Archive, error) {
	archive, is := store.(pool.Archive)
	if !is {
		return nil, errors.New("the ledger of this database can't be moved")
	}
	return archive, nil
}

// answer is standard output as a writer.
type answer struct{ *app }

func (w answer) Write(p []byte) (int, error) {
	w.printf("%s", p)
	return len(p), w.lost
}
