package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"claudepool/internal/claudecli"
	"claudepool/internal/procid"
	"claudepool/pool"
)

// The variables by which children know where they are.
const (
	sessionVar      = "CLAUDEPOOL_SESSION"
	subscriptionVar = "CLAUDEPOOL_ACTIVE_SUBSCRIPTION"
	configDirVar    = "CLAUDE_CONFIG_DIR"
)

// errLeftAlone: the user has set a config directory by hand that is in no subscription; the pool has
// no part in that run.
var errLeftAlone = errors.New("config directory was set by hand")

// lease is a session with what it was taken from.
type lease struct {
	// store is nil for a run that the store could not be used for.
	store pool.Store
	// trouble is why not.
	trouble      error
	session      pool.Session
	subscription pool.Subscription
	// asIs is set where the environment is on the subscription already.
	asIs bool
	// secrets are what the subscription's commands gave, as NAME=value.
	secrets []string
}

// acquire takes a session for this launch from the store. Besides the store's errors: errLeftAlone.
func (l *launch) acquire(ctx context.Context, store pool.Store) (lease, error) {
	request, err := l.request()
	if err != nil {
		return lease{}, err
	}
	if request.Forced, err = l.alreadyOn(ctx, store); err != nil {
		return lease{}, err
	}
	if err := l.keepIsolated(ctx, store, request); err != nil {
		return lease{}, err
	}
	return l.take(ctx, store, request, l.settings.Wait)
}

// takeAny takes a session on whatever subscription is chosen.
func (l *launch) takeAny(ctx context.Context, store pool.Store, request pool.Request, wait time.Duration) (lease, error) {
	session, subscription, err := store.Acquire(ctx, request, l.settings.Policy, procid.Probe, l.now())
	var exhausted *pool.ExhaustedError
	if wait > 0 && errors.As(err, &exhausted) {
		var waited got
		began := l.now()
		waited, err = l.waitForRoom(ctx, store, request, exhausted, wait)
		l.record.waited += l.now().Sub(began)
		session, subscription = waited.session, waited.subscription
	}
	switch {
	case errors.Is(err, pool.ErrNotFound):
		var names []string
		if names, err = l.wholeNames(ctx, store, request.Names, err); err == nil {
			l.names, request.Names = names, names
			return l.take(ctx, store, request, wait)
		}
	case errors.As(err, &exhausted):
		err = exhausted // which store it was, and at what, is of no use to the user
	}
	return lease{store: store, session: session, subscription: subscription, asIs: request.Forced != ""}, err
}

func (l *launch) request() (pool.Request, error) {
	process, err := procid.Self()
	if err != nil {
		return pool.Request{}, err
	}
	cwd, _ := os.Getwd() // best effort: a removed directory is none
	return pool.Request{
		Names: l.names, Tags: l.settings.Tags,
		Model: l.invocation.Model, ModelOn: l.modelOn, Conversation: l.invocation.Resume, Continues: l.invocation.Continue,
		Unfit: l.unfit, SignedIn: l.signedIn, Process: process, CWD: cwd,
	}, nil
}

// modelOn is what the run will use on a subscription where its arguments do not say.
func (l *launch) modelOn(s pool.Subscription) string {
	env := claudecli.ForSubscription(l.env, s)
	cwd, _ := os.Getwd() // best effort: a removed directory has no settings
	return claudecli.SettingsModel(env, claudecli.ConfigDir(env), cwd, l.invocation.Settings)
}

// unfit says why a subscription can't be used by this process.
func (a *app) unfit(s pool.Subscription) string {
	if source := claudecli.MissingSource(a.env, s); source != "" {
		return fmt.Sprintf("the variable %s is not set", source)
	}
	if s.ConfigDir == "" {
		return ""
	}
	if info, err := os.Stat(s.ConfigDir); err != nil || !info.IsDir() {
		return "its config directory is missing: " + s.ConfigDir
	}
	return ""
}

// signedIn says when the login of a subscription was last renewed, as far as its directory shows that.
func (a *app) signedIn(s pool.Subscription) time.Time {
	return claudecli.LoginRenewedAt(cmp.Or(s.ConfigDir, a.settings.places.defaultConfigDir()))
}

// alreadyOn returns the name of the subscription that the environment has settled on: that of the run
// we are nested in, that of `claudepool env` or `exec`, or that of a config directory which the user
// has set by hand. "" leaves the choice to the pool.
func (l *launch) alreadyOn(ctx context.Context, store pool.Store) (string, error) {
	active, _ := l.env.Get(subscriptionVar)
	dir, _ := l.env.Get(configDirVar)
	if active == "" && dir == "" {
		return "", nil
	}
	subscriptions, err := store.Subscriptions(ctx)
	if err != nil {
		return "", err
	}
	if name := activeWith(subscriptions, active, dir); name != "" {
		over, err := l.isOver(ctx, store)
		if err != nil || !over {
			return name, err
		}
		dir = "" // left over from a run that has ended, as in a terminal multiplexer started by it
	}
	if dir == "" {
		return "", nil
	}
	for _, s := range subscriptions {
		if isSameLogin(s.ConfigDir, dir) {
			return s.Name, nil
		}
	}
	return "", errLeftAlone
}

// activeWith returns active if it is a subscription with the config directory that is set.
func activeWith(subscriptions []pool.Subscription, active, dir string) string {
	for _, s := range subscriptions {
		if s.Name == active && s.ConfigDir == dir {
			return s.Name
		}
	}
	return ""
}

// isOver tells whether the session that the environment names has ended.
func (l *launch) isOver(ctx context.Context, store pool.Store) (bool, error) {
	id, nested := l.env.Get(sessionVar)
	if !nested {
		return false, nil
	}
	running, err := store.Sessions(ctx, false, 0)
	if err != nil {
		return false, err
	}
	for _, s := range running {
		if s.ID == id {
			return s.IsDead(procid.Probe, l.now()), nil
		}
	}
	return true, nil
}

// leaseEnvironment is what the CLI runs with.
func (l *launch) leaseEnvironment(lease lease) claudecli.Environment {
	env := l.env
	if !lease.asIs {
		env = claudecli.ForSubscription(env, lease.subscription).With(lease.secrets)
	}
	env = withoutRecord(env).Set(sessionVar, lease.session.ID)
	if l.settings.project != nil { // a run inside may stand in another directory
		env = env.Set(configVar, l.settings.project.path)
	}
	if lease.subscription.Name != "" {
		env = env.Set(subscriptionVar, lease.subscription.Name)
	}
	return env
}
