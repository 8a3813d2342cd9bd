package main

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"claudepool/pool"
)

// defaultName is what init calls the login in ~/.claude.
const defaultName = "default"

type initCommand struct{}

func (initCommand) Run(a *app) error {
	ctx := context.Background()
	store, err := a.openStore(ctx, false)
	switch {
	case err == nil:
		defer store.Close()
		return a.tellExisting(ctx, store)
	case !errors.Is(err, pool.ErrNoPool):
		return err
	}
	if store, err = a.openStore(ctx, true); err != nil {
		return err
	}
	defer store.Close()
	a.printf("made the pool %s\n", a.settings.Database)
	if err := a.takeInDefault(ctx, store); err != nil {
		return err
	}
	a.tellShim()
	return nil
}

// tellExisting is init on a machine that has a pool.
func (a *app) tellExisting(ctx context.Context, store pool.Store) error {
	subscriptions, err := store.Subscriptions(ctx)
	if err != nil {
		return err
	}
	a.printf("there is a pool already, nothing was changed: %s\n", a.settings.Database)
	if len(subscriptions) == 0 {
		a.printf("it is empty; to add a subscription: claudepool add NAME\n")
	}
	a.tellShim()
	return nil
}

// takeInDefault adds the login that plain `claude` uses, if there is one.
func (a *app) takeInDefault(ctx context.Context, store pool.Store) error {
	if !isDir(a.settings.places.defaultConfigDir()) {
		a.printf("it is empty: there is no %s; to add a subscription: claudepool add NAME\n",
			a.settings.places.defaultConfigDir())
		return nil
	}
	_, err := store.AddSubscription(ctx, pool.Subscription{Name: defaultName, Enabled: true, CreatedAt: a.now()})
	if err != nil {
		return err
	}
	a.printf("added %s: the login in %s\n", defaultName, a.settings.places.defaultConfigDir())
	a.printf("to add another one: claudepool add NAME\n")
	return nil
}

// tellShim says how `claude` comes to be claudepool, as far as it is not.
func (a *app) tellShim() {
	if dir, set := a.env.Get(configDirVar); set && dir != "" {
		a.warn("%s is set, which keeps claude on that directory; to let the pool choose: unset %s", configDirVar, configDirVar)
	}
	shim := a.lookAtShim()
	if shim.First {
		return
	}
	if !shim.Installed {
		a.printf("to have plain claude use the pool: claudepool shim install\n")
	}
	a.printf("%s", a.shellenvAdvice())
}

// defaultConfigDir is what the CLI uses where CLAUDE_CONFIG_DIR is not set.
func (p places) defaultConfigDir() string { return filepath.Join(p.home, ".claude") }

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
