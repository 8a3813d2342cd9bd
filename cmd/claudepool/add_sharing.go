package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"claudepool/internal/claudecli"
	"claudepool/internal/sharing"
	"claudepool/pool"
)

// sharingFlags say what a subscription has in common with others, and whether it is signed in at once.
type sharingFlags struct {
	Isolated bool     `xor:"sharing,from" help:"Share nothing; neither settings nor conversations go to other subscriptions, or come from them."`
	Share    []string `xor:"sharing" placeholder:"LIST" help:"Share these only, as in projects,CLAUDE.md. A directory that was there already shares nothing without it."`
	From     string   `xor:"from" placeholder:"NAME" help:"Share with this one; by default with ~/.claude."`
	NoLogin  bool     `help:"Do not sign in now; later: claudepool login NAME."`
}

// sharingOf is what the subscription is to share. One in a directory of the user's own shares only what is
// asked for, and the directory of plain claude is what others share with.
func (c addCommand) sharingOf(ctx context.Context, a *app, store pool.Store) (pool.Sharing, error) {
	asked := len(c.Share) > 0 || c.From != ""
	switch {
	case c.DefaultDir && asked:
		return pool.Sharing{}, withHint(&usageError{errors.New("the directory of plain claude is what others share with, and shares nothing itself")},
			"leave it out: claudepool add %s --default-dir", c.Name)
	case c.Isolated:
		return pool.Sharing{Isolated: true}, nil
	case c.DefaultDir, c.ConfigDir != "" && !asked:
		return pool.Sharing{}, nil
	}
	entries, err := sharedEntries(c.Share)
	if err != nil {
		return pool.Sharing{}, err
	}
	base, err := c.baseDir(ctx, a, store, entries)
	return pool.Sharing{Base: base, Entries: entries}, err
}

// sharedEntries are those that are asked for, or all that DESIGN names.
func sharedEntries(asked []string) (entries []string, err error) {
	var known []string
	for _, e := range claudecli.SharedEntries {
		known = append(known, e.Name)
		if len(asked) == 0 && !e.Extra || slices.Contains(asked, e.Name) || slices.Contains(asked, e.Name+"/") {
			entries = append(entries, e.Name)
		}
	}
	for _, name := range asked {
		if !slices.Contains(known, strings.TrimSuffix(name, "/")) {
			return nil, &pool.InvalidError{Field: "share", Value: name, Want: "be some of " + strings.Join(known, ",")}
		}
	}
	return entries, nil
}

// baseDir is the directory to share with. Where the subscription that is named shares all of it itself, that
// is the directory which it has it from: links are direct.
func (c addCommand) baseDir(ctx context.Context, a *app, store pool.Store, entries []string) (string, error) {
	standard := a.settings.places.defaultConfigDir()
	if c.From == "" {
		if a.settings.places.home == "" {
			return "", withHint(errors.New("there is no home directory to share with: HOME is not set"),
				"share nothing: claudepool add %s --isolated", c.Name)
		}
		return standard, nil
	}
	from, err := findSubscription(ctx, store, c.From)
	if err != nil {
		return "", err
	}
	hasAll := !slices.ContainsFunc(entries, func(e string) bool { return !slices.Contains(from.Sharing.Entries, e) })
	switch {
	case from.ConfigDir == "":
		return standard, nil
	case hasAll:
		return from.Sharing.Base, nil
	}
	return from.ConfigDir, nil
}

// furnish gives a config directory its links and, where it has no state yet, what spares the first-run screens.
// The subscription is in the pool by then: what fails here is mended when it is used.
func (a *app) furnish(sub pool.Subscription, made bool) {
	if sub.Sharing.Base != "" {
		done, err := a.mender().Mend(sub.ConfigDir, sub.Sharing)
		a.tellBackups(done)
		if err != nil {
			a.warn("share with %s: %v", sub.Sharing.Base, err)
			a.warn("to try again: claudepool doctor --fix")
		} else {
			a.printf("it shares %s with %s\n", strings.Join(sub.Sharing.Entries, ", "), a.dirWords(a.nameOfBase(sub.Sharing.Base)))
		}
	}
	if made {
		if err := a.seed(sub); err != nil {
			a.warn("the CLI will ask what it asks at its first start: %v", err)
		}
	}
}

// nameOfBase is "" for the directory of plain claude, as a subscription has it.
func (a *app) nameOfBase(dir string) string {
	if dir == a.settings.places.defaultConfigDir() {
		return ""
	}
	return dir
}

func (a *app) mender() sharing.Mender { return sharing.Mender{Now: a.now()} }

// tellBackups says where versions are that differed.
func (a *app) tellBackups(done []sharing.Mended) {
	for _, m := range done {
		if m.Backup != "" {
			a.warn("%s was not what it is in %s; the newer version is kept, both are in %s", m.Path, filepath.Dir(m.Target), m.Backup)
		}
	}
}

// seed writes the state of a new config directory, unless there is one. One that shares nothing takes nothing
// over.
func (a *app) seed(sub pool.Subscription) error {
	base := ""
	if sub.Sharing.Base != "" {
		text, err := os.ReadFile(a.statePath(a.nameOfBase(sub.Sharing.Base)))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		base = string(text)
	}
	seed := claudecli.NewSeed(base)
	file, err := os.OpenFile(a.statePath(sub.ConfigDir), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = file.Write(seed.State)
	err = errors.Join(err, file.Close())
	a.tellLeftOut(sub.Name, seed.LeftOut)
	return err
}

// statePath is where the CLI keeps its state for a config directory, "" being that of plain claude.
func (a *app) statePath(configDir string) string {
	return claudecli.StatePath(configDir, cmp.Or(a.settings.places.home, nowhere))
}

// tellLeftOut names the MCP servers that were not copied.
func (a *app) tellLeftOut(name string, servers []string) {
	if len(servers) > 0 {
		a.warn("MCP servers that may hold a secret are left out: %s; to add one: claudepool exec %s -- claude mcp add --scope user …",
			plain(strings.Join(servers, ", ")), name)
	}
}
