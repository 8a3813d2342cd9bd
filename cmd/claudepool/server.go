package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"claudepool/internal/outage"
	"claudepool/pgstore"
	"claudepool/pool"
)

// openServer opens a database on a server, and sets our clock by it.
func (a *app) openServer(ctx context.Context, o storeOptions) (pool.Store, error) {
	away := a.outage()
	attempt := away.Ask
	if o.inPassing {
		attempt = away.Try
	}
	var store *pgstore.Store
	err := attempt(func() (err error) {
		store, err = openPG(ctx, a.settings, o)
		return err
	})
	if err != nil {
		return nil, err
	}
	if a.clock != nil {
		a.clock.setAhead(store.Skew())
	}
	if o.inPassing {
		return bounded{store, away}, nil
	}
	return store, nil
}

// creatingTakes bounds opening the database in passing where it may have to be made, by the first of many. Else the time-out
// of a connection bounds it, which is a second unless the URL says otherwise; and where there are many hosts, callTakes.
const creatingTakes = 30 * time.Second

func openPG(ctx context.Context, s settings, o storeOptions) (*pgstore.Store, error) {
	if o.inPassing {
		limit := callTakes
		if o.create {
			limit = creatingTakes
		}
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, limit, errNoAnswer)
		defer cancel()
	}
	store, err := pgstore.Open(ctx, s.Database, pgstore.Options{Create: o.create, BusyTimeout: o.busy, Thresholds: s.Thresholds})
	return store, unanswered(ctx, err)
}

// outage is what the processes of this machine know of the database being away.
func (a *app) outage() outage.Outage {
	return outage.Outage{Path: filepath.Join(filepath.Dir(a.settings.databaseFile()), "away"), Away: isAway, Now: time.Now}
}

// errNoAnswer is why a call was given up.
var errNoAnswer = fmt.Errorf("%w: no answer in time", pool.ErrUnreadable)

// unanswered says that a call was given up, where that is why it failed.
func unanswered(ctx context.Context, err error) error {
	if err != nil && context.Cause(ctx) == errNoAnswer {
		return errNoAnswer
	}
	return err
}

// isAway tells whether an error says that a database on a server can't be reached, and not that it says no.
func isAway(err error) bool {
	var known *outage.Error
	return errors.As(err, &known) || errors.Is(err, errNoAnswer) || pgstore.IsAway(err)
}

// awayHint is what to type about that.
func (a *app) awayHint() string {
	return "see whether it is up: pg_isready -d " + shellQuote(a.settings.databaseWords())
}

// serverHint is what to type about an error of a database on a server, "" where nothing is known.
func (a *app) serverHint(err error) string {
	database := shellQuote(a.settings.databaseWords())
	switch {
	case errors.Is(err, pool.ErrBusy):
		return "try again; who has locks: psql " + database + " -c 'SELECT * FROM pg_stat_activity'"
	case errors.Is(err, pool.ErrFull):
		return "make room on the disk of the server and try again"
	case errors.Is(err, pool.ErrReadOnly):
		return "see what its role may do: psql " + database + " -c '\\dp'"
	case errors.Is(err, pool.ErrUnreadable), errors.Is(err, pool.ErrCorrupt):
		return "see what it says: psql " + database
	}
	return hintOf(err, database)
}
