package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"claudepool/internal/claudecli"
	"claudepool/pool"
	"claudepool/sqlitestore"
)

// app is what every command and every launch gets.
type app struct {
	env      claudecli.Environment
	settings settings
	stdout   io.Writer
	stderr   io.Writer
	now      func() time.Time
	// clock is what now reads, nil in tests that bring their own.
	clock *clock
	log   *slog.Logger
	// trouble is what is wrong with the settings; only commands that tell of it go on with it.
	trouble error
	// lost is why a part of the answer could not be written.
	lost error
}

// newApp reads the settings. The app that it returns can tell the error.
func newApp(environ []string) (*app, error) {
	a := &app{env: environ, stdout: os.Stdout, stderr: os.Stderr, clock: &clock{}}
	a.now = a.clock.now
	var err error
	a.settings, err = loadSettings(a.env)
	a.log, a.trouble = newLogger(a.settings.Log, a.settings.Maintenance.LogMaxMB), err
	return a, err
}

// openStore opens the pool's database. Errors: pool.ErrNoPool where there is none and create is not
// set, and those of every Store.
func (a *app) openStore(ctx context.Context, create bool) (pool.Store, error) {
	return a.openStoreWith(ctx, storeOptions{create: create})
}

// storeOptions say how to open the pool's database.
type storeOptions struct {
	// create makes what is missing of it; readOnly changes nothing.
	create, readOnly bool
	// busy is how long to wait for somebody else's lock, 0 for the store's own limit.
	busy time.Duration
	// inPassing is set where somebody waits for something else: a database that was away a moment ago is not tried.
	inPassing bool
}

func (a *app) openStoreWith(ctx context.Context, o storeOptions) (pool.Store, error) {
	if strings.HasPrefix(a.settings.Database, nowhere+"/") {
		return nil, withHint(fmt.Errorf("%w, and no place for one: HOME is not set", pool.ErrNoPool),
			"set it, or say where: export CLAUDEPOOL_DB=/absolute/path")
	}
	hasProject := a.settings.project.hasPool() && !o.readOnly
	o.create = o.create || hasProject
	open := a.openFile
	if a.settings.onServer() {
		open = a.openServer
	}
	store, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	if hasProject {
		if err := a.takeInProject(ctx, store); err != nil {
			_ = store.Close()
			return nil, err
		}
	}
	return store, nil
}

// openFile opens a database that is a file.
func (a *app) openFile(ctx context.Context, o storeOptions) (pool.Store, error) {
	store, err := sqlitestore.Open(ctx, a.settings.Database, sqlitestore.Options{
		Create: o.create, ReadOnly: o.readOnly, BusyTimeout: o.busy, Thresholds: a.settings.Thresholds,
	})
	if err != nil {
		return nil, err // not store: a nil *Store would be a pool.Store that is not nil
	}
	return store, nil
}

// withStore runs f on the pool's database, which must exist.
func (a *app) withStore(f func(context.Context, pool.Store) error) (err error) {
	ctx := context.Background()
	store, err := a.openStore(ctx, false)
	if err != nil {
		return err
	}
	defer func() {
		if closed := store.Close(); err == nil {
			err = closed
		}
	}()
	return f(ctx, store)
}

// printf writes to standard output, which belongs to the answer.
func (a *app) printf(format string, args ...any) {
	if _, err := fmt.Fprintf(a.stdout, format, args...); err != nil && a.lost == nil {
		a.lost = withHint(fmt.Errorf("write the answer: %w", err), "see whether there is room left: df -h")
	}
}
