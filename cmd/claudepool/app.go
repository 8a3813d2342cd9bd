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
	log      *slog.Logger
	// trouble is what is wrong with the settings; only commands that tell of it go on with it.
	trouble error
	// lost is why a part of the answer could not be written.
	lost error
}

// newApp reads the settings. The app that it returns can tell the error.
func newApp(environ []string) (*app, error) {
	a := &app{env: environ, stdout: os.Stdout, stderr: os.Stderr, now: time.Now}
	var err error
	a.settings, err = loadSettings(a.env)
	a.log, a.trouble = newLogger(a.settings.Log), err
	return a, err
}

// openStore opens the pool's database. Errors: pool.ErrNoPool where there is none and create is not
// set, and those of every Store.
func (a *app) openStore(ctx context.Context, create bool) (pool.Store, error) {
	return a.openStoreWith(ctx, sqlitestore.Options{Create: create})
}

func (a *app) openStoreWith(ctx context.Context, o sqlitestore.Options) (pool.Store, error) {
	if strings.Contains(a.settings.Database, "://") {
		return nil, &settingError{"CLAUDEPOOL_DB", a.settings.Database, "the path of a file"}
	}
	if strings.HasPrefix(a.settings.Database, nowhere+"/") {
		return nil, withHint(fmt.Errorf("%w, and no place for one: HOME is not set", pool.ErrNoPool),
			"set it, or say where: export CLAUDEPOOL_DB=/absolute/path")
	}
	hasProject := a.settings.project.hasPool() && !o.ReadOnly
	o.Create = o.Create || hasProject
	store, err := sqlitestore.Open(ctx, a.settings.Database, o)
	if err != nil {
		return nil, err // not store: a nil *Store would be a pool.Store that is not nil
	}
	if hasProject {
		if err := a.takeInProject(ctx, store); err != nil {
			_ = store.Close()
			return nil, err
		}
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
