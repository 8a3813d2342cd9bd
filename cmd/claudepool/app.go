package main

import (
	"context"
	"fmt"
	"io"
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
	// lost is why a part of the answer could not be written.
	lost error
}

// newApp reads the settings. The app that it returns can tell the error.
func newApp(environ []string) (*app, error) {
	a := &app{env: environ, stdout: os.Stdout, stderr: os.Stderr, now: time.Now}
	var err error
	a.settings, err = loadSettings(a.env)
	return a, err
}

// openStore opens the pool's database. Errors: pool.ErrNoPool where there is none and create is not
// set, and those of every Store.
func (a *app) openStore(ctx context.Context, create bool) (pool.Store, error) {
	if strings.Contains(a.settings.Database, "://") {
		return nil, &settingError{"CLAUDEPOOL_DB", a.settings.Database, "the path of a file"}
	}
	store, err := sqlitestore.Open(ctx, a.settings.Database, sqlitestore.Options{Create: create})
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
