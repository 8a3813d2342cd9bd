package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"

	"claudepool/pool"
)

// defaultName is what init calls the login in ~/.claude.
const defaultName = "default"

type initCommand struct {
	Take   []string `sep:"none" placeholder:"DIR=NAME" help:"Take in this config directory by that name; may be repeated."`
	All    bool     `help:"Take in ~/.claude and every ~/.claude-… that the CLI has used."`
	NoShim bool     `xor:"shim" help:"Leave plain claude as it is."`
	RC     bool     `name:"rc" xor:"rc,shim" help:"Add the line that puts the shim first on PATH to the start-up file of the shell in $SHELL."`
	NoRC   bool     `name:"no-rc" xor:"rc" help:"Do not add it, nor ask."`
	Yes    bool     `short:"y" help:"Ask nothing: all that a terminal is asked is answered as Enter answers it."`
}

// Help says what happens without any of them.
func (initCommand) Help() string {
	return "On a terminal it asks, before it does anything. Elsewhere, with no flags, it makes the pool with the login in ~/.claude and no more."
}

// Run settles all that is to be done before it does any of it: Ctrl-C at a question leaves nothing behind.
func (c initCommand) Run(a *app) error {
	isAsking := isInteractive() && !c.Yes
	if !isAsking && c.isBare() {
		return a.initBare()
	}
	s, err := c.plan(context.Background(), a, isAsking)
	if err != nil {
		return err
	}
	if err := s.carryOut(context.Background(), a); err != nil {
		return err
	}
	return statusCommand{}.Run(a)
}

func (c initCommand) isBare() bool {
	return len(c.Take) == 0 && !c.All && !c.NoShim && !c.RC && !c.NoRC && !c.Yes
}

// initBare is init in a script that asks for nothing more than a pool.
func (a *app) initBare() error {
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
	a.printf("made the pool %s\n", a.settings.databaseWords())
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
	a.printf("there is a pool already, nothing was changed: %s\n", a.settings.databaseWords())
	if len(subscriptions) == 0 {
		a.printf("it is empty; to add a subscription: claudepool add NAME\n")
	}
	a.tellShim()
	return nil
}

// takeInDefault adds the login that plain `claude` uses, if there is one.
func (a *app) takeInDefault(ctx context.Context, store pool.Store) error {
	if a.settings.places.home == "" {
		a.printf("it is empty; to add a subscription: claudepool add NAME\n")
		return nil
	}
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
	a.warnOfConfigDirVar()
	shim := a.lookAtShim()
	if shim.First {
		return
	}
	if !shim.Installed {
		a.printf("to have plain claude use the pool: claudepool shim install\n")
	}
	a.printf("%s", a.shellenvAdvice())
}

func (a *app) warnOfConfigDirVar() {
	if dir, set := a.env.Get(configDirVar); set && dir != "" {
		a.warn("%s is set, which keeps claude on that directory; to let the pool choose: unset %s", configDirVar, configDirVar)
	}
}

// defaultConfigDir is what the CLI uses where CLAUDE_CONFIG_DIR is not set.
func (p places) defaultConfigDir() string { return filepath.Join(cmp.Or(p.home, nowhere), ".claude") }

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
