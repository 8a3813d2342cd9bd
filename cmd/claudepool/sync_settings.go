package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

type syncSettingsCommand struct {
	Name string `arg:"" help:"Name of the subscription that gets them."`
	From string `placeholder:"NAME" help:"Copy from this subscription; by default from the directory that it shares with, or ~/.claude."`
}

// Run copies the MCP servers of the user's scope, which lie in .claude.json beside what is never shared.
func (c syncSettingsCommand) Run(a *app) error {
	return a.withStore(func(ctx context.Context, store pool.Store) error {
		sub, err := findSubscription(ctx, store, c.Name)
		if err != nil {
			return err
		}
		from, err := c.source(ctx, a, store, sub)
		if err != nil {
			return err
		}
		if err := a.copyServers(sub, from); err != nil {
			return err
		}
		return a.warnOfRunning(ctx, store, sub)
	})
}

// source is the .claude.json to copy from.
func (c syncSettingsCommand) source(ctx context.Context, a *app, store pool.Store, sub pool.Subscription) (string, error) {
	dir := a.nameOfBase(sub.Sharing.Base)
	if c.From != "" {
		from, err := findSubscription(ctx, store, c.From)
		if err != nil {
			return "", err
		}
		dir = from.ConfigDir
	}
	if dir == sub.ConfigDir {
		return "", withHint(&usageError{fmt.Errorf("there is nothing to copy from %s to itself", sub.Name)},
			"say from where: claudepool sync-settings %s --from NAME", sub.Name)
	}
	if dir == "" && a.settings.places.home == "" {
		return "", withHint(errors.New("there is no home directory to copy from: HOME is not set"),
			"say from where: claudepool sync-settings %s --from NAME", sub.Name)
	}
	return a.statePath(dir), nil
}

func (a *app) copyServers(sub pool.Subscription, from string) error {
	source, err := os.ReadFile(from)
	if err != nil {
		return withHint(fmt.Errorf("read the settings: %w", err), "say from where: claudepool sync-settings %s --from NAME", sub.Name)
	}
	servers := claudecli.ReadMCPServers(string(source))
	path := a.statePath(sub.ConfigDir)
	if end, err := filepath.EvalSymlinks(path); err == nil {
		path = end // the file itself: renaming would replace a link
	}
	state, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return withHint(fmt.Errorf("read the settings: %w", err), "see what it is: ls -l %s", shellQuote(path))
	}
	text, changed, err := claudecli.WithMCPServers(string(state), servers.Safe)
	if err != nil {
		return withHint(fmt.Errorf("%s %w", path, err), "see what it is: less %s", shellQuote(path))
	}
	if len(changed) > 0 {
		if err := writeAnew(path, text); err != nil {
			return withHint(fmt.Errorf("write the settings: %w", err), "%s", whoMayWrite(filepath.Dir(path)))
		}
	}
	a.tellCopied(sub.Name, changed, len(servers.Safe))
	a.tellLeftOut(sub.Name, servers.Secret)
	return nil
}

func (a *app) tellCopied(name string, changed []string, all int) {
	switch {
	case len(changed) > 0:
		a.printf("copied MCP servers to %s: %s\n", name, plain(strings.Join(changed, ", ")))
	case all > 0:
		a.printf("%s has these MCP servers already\n", name)
	default:
		a.printf("there are no MCP servers to copy\n")
	}
}

// warnOfRunning says that a running CLI may write back what it read at its start.
func (a *app) warnOfRunning(ctx context.Context, store pool.Store, sub pool.Subscription) error {
	running, err := store.Sessions(ctx, false, 0)
	if err != nil {
		return err
	}
	for _, s := range running {
		if s.SubscriptionID == sub.ID {
			a.warn("%s has running sessions, which may write back what they have; to be sure, do it again when they have ended", sub.Name)
			return nil
		}
	}
	return nil
}

// writeAnew replaces a file in one step, for the user alone: the CLI may be reading it.
func writeAnew(path, text string) error {
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	err = errors.Join(err, file.Close())
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		_ = os.Remove(file.Name()) // best effort
	}
	return err
}
