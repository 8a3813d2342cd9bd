package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"claudepool/pool"
)

// hasPool tells whether the project file describes a pool, and not only settings.
func (p *project) hasPool() bool { return p != nil && len(p.subscriptions) > 0 }

// takeInProject makes the pool what the project file says, as far as that is from it. Nothing is written where
// nothing has changed. Errors: *configError, and the store's.
func (a *app) takeInProject(ctx context.Context, store pool.Store) error {
	a.hideProjectState()
	wanted, err := a.projectSubscriptions()
	if err != nil {
		return err
	}
	there, err := store.Subscriptions(ctx)
	if err != nil {
		return err
	}
	for _, s := range there { // first, since the directories become free by it
		if err := a.dropFromProject(ctx, store, s, wanted); err != nil {
			return err
		}
	}
	for _, s := range wanted {
		if err := os.MkdirAll(s.ConfigDir, 0o700); err != nil {
			return withHint(fmt.Errorf("config directory: %w", err), "choose another place for the pool: export CLAUDEPOOL_DB=PATH")
		}
		if err := a.putFromProject(ctx, store, s, there); err != nil {
			return err
		}
	}
	return nil
}

// dropFromProject takes a subscription out of the pool that the file has dropped, or whose directory has moved
// with the file. One that is in use is only kept from being picked, until a later launch can take it out.
func (a *app) dropFromProject(ctx context.Context, store pool.Store, s pool.Subscription, wanted []pool.Subscription) error {
	kept := slices.ContainsFunc(wanted, func(w pool.Subscription) bool { return w.Name == s.Name && w.ConfigDir == s.ConfigDir })
	if kept || s.Origin == "" || s.Origin != a.projectOrigin() {
		return nil
	}
	err := store.RemoveSubscription(ctx, s.Name, a.now())
	switch {
	case errors.Is(err, pool.ErrNotFound): // another launch was faster
		return nil
	case errors.Is(err, pool.ErrInUse) && s.Enabled:
		return store.SetEnabled(ctx, s.Name, false)
	case errors.Is(err, pool.ErrInUse):
		return nil
	}
	return err
}

// putFromProject adds a subscription to the pool, or changes the one that is there. It stays disabled where a
// person has disabled it.
func (a *app) putFromProject(ctx context.Context, store pool.Store, wanted pool.Subscription, there []pool.Subscription) error {
	i := slices.IndexFunc(there, func(s pool.Subscription) bool { return s.Name == wanted.Name })
	if i < 0 || there[i].ConfigDir != wanted.ConfigDir && there[i].Origin == wanted.Origin {
		_, err := store.AddSubscription(ctx, wanted)
		if errors.Is(err, pool.ErrNameTaken) { // another launch was faster
			return nil
		}
		return err
	}
	if there[i].Origin != wanted.Origin {
		return withHint(&configError{path: a.settings.project.path, err: fmt.Errorf("subscription %q is in the pool already, and not from this file", wanted.Name)},
			"choose another name, or another pool: export CLAUDEPOOL_DB=PATH")
	}
	as := func(s *pool.Subscription) error {
		wanted.ID, wanted.CreatedAt, wanted.Enabled = s.ID, s.CreatedAt, s.Enabled
		*s = wanted
		return nil
	}
	changed, err := there[i].Changed(as)
	if err != nil || reflect.DeepEqual(changed, there[i]) {
		return err
	}
	_, err = store.UpdateSubscription(ctx, wanted.Name, as)
	return err
}

// projectOrigin is how the pool knows the project file: by its path from the database, so that both can move.
func (a *app) projectOrigin() string {
	origin, err := filepath.Rel(filepath.Dir(a.settings.databaseFile()), a.settings.project.path)
	if err != nil {
		return a.settings.project.path
	}
	return origin
}

// projectSubscriptions are those of the project file, checked, each with a config directory beside the database.
func (a *app) projectSubscriptions() ([]pool.Subscription, error) {
	var wanted []pool.Subscription
	for _, s := range a.settings.project.subscriptions {
		sub, err := s.subscription(filepath.Dir(a.settings.databaseFile()))
		sub.Origin, sub.CreatedAt = a.projectOrigin(), a.now()
		if err = cmp.Or(err, sub.Check()); err != nil {
			return nil, &configError{path: a.settings.project.path, err: fmt.Errorf("subscription %q: %v", s.Name, err)} // not %w: it is no wrong command line
		}
		wanted = append(wanted, sub.Normal())
	}
	return wanted, nil
}

func (s projectSubscription) subscription(state string) (pool.Subscription, error) {
	sub := pool.Subscription{
		Name: s.Name, Email: s.Email, Tags: s.Tags, Tier: s.Tier, Priority: s.Priority,
		AllowOverage: s.AllowOverage, Enabled: true,
	}
	if err := pool.CheckName("name", s.Name); err != nil {
		return sub, err // before a path is made of it
	}
	sub.ConfigDir = filepath.Join(state, "subscriptions", s.Name)
	for _, name := range slices.Sorted(maps.Keys(s.EnvFrom)) {
		sub.EnvFrom = append(sub.EnvFrom, pool.EnvFrom{Var: name, Source: s.EnvFrom[name]})
	}
	for _, name := range slices.Sorted(maps.Keys(s.Env)) {
		sub.Env = append(sub.Env, pool.EnvValue{Var: name, Value: s.Env[name]})
	}
	sub.API = s.API || getsAPIKey(sub)
	var errSessions, errBudget, errReserve error
	given := addCommand{MaxSessions: s.MaxSessions, WeeklyBudget: s.WeeklyBudget}
	sub.MaxSessions, errSessions = given.maxSessions()
	sub.WeeklyBudget, errBudget = given.weeklyBudget()
	sub.Reserve, errReserve = parseShare("reserve", s.Reserve)
	return sub, cmp.Or(errSessions, errBudget, errReserve)
}

// hideProjectState keeps the state of a project out of its repository.
func (a *app) hideProjectState() {
	dir := filepath.Join(filepath.Dir(a.settings.project.path), filepath.Dir(projectDatabase))
	if filepath.Dir(a.settings.databaseFile()) != dir {
		return // in a place of the user's own
	}
	path := filepath.Join(dir, ".gitignore")
	if !isFile(path) {
		_ = os.WriteFile(path, []byte("*\n"), 0o600) // best effort
	}
}
