package main

import (
	"bytes"
	"cmp"
	"context"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// authLimit bounds the question whether a directory is signed in: the CLI answers in half a second.
const authLimit = 10 * time.Second

// authStatus asks the real CLI whether the subscription is signed in, and as whom. known is false where it
// does not say, or not in time.
func (a *app) authStatus(ctx context.Context, path string, sub pool.Subscription) (status claudecli.AuthStatus, known bool) {
	ctx, cancel := context.WithTimeout(ctx, authLimit)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, claudecli.AuthStatusArgs...)
	cmd.Env, cmd.WaitDelay = a.signInEnvironment(sub), time.Second
	var out bytes.Buffer
	cmd.Stdout = &out
	_ = cmd.Run() // signed out is status 1: what it printed tells
	return claudecli.ParseAuthStatus(out.Bytes())
}

// askAtOnce is how many CLIs answer at the same time.
const askAtOnce = 4

// authStatuses asks for all of these, and leaves out those that the CLI says nothing of.
func (a *app) authStatuses(ctx context.Context, path string, subs []pool.Subscription) map[string]claudecli.AuthStatus {
	var mu sync.Mutex
	var asked sync.WaitGroup
	answers := map[string]claudecli.AuthStatus{}
	free := make(chan struct{}, askAtOnce)
	for _, sub := range subs {
		free <- struct{}{}
		asked.Go(func() {
			defer func() { <-free }()
			if status, known := a.authStatus(ctx, path, sub); known {
				mu.Lock()
				defer mu.Unlock()
				answers[sub.Name] = status
			}
		})
	}
	asked.Wait()
	return answers
}

// warnOfTwins says which other subscriptions are the same login, which has one set of limits, and what in the
// settings would be used instead of it.
func (a *app) warnOfTwins(ctx context.Context, store pool.Store, path string, sub pool.Subscription, status claudecli.AuthStatus) {
	all, err := store.Subscriptions(ctx)
	if err != nil {
		a.log.Warn("look for the same login", "error", err)
		return
	}
	var others []pool.Subscription
	for _, other := range all {
		if other.Name != sub.Name && len(tokenVariables(other)) == 0 && (other.ConfigDir == "" || isDir(other.ConfigDir)) {
			others = append(others, other)
		}
	}
	answers := a.authStatuses(ctx, path, others)
	for _, other := range others {
		if answers[other.Name].IsSameLogin(status) {
			a.warn("%s and %s are one login, %s: it has its limits once; to take one out: claudepool remove %s",
				other.Name, sub.Name, plain(status.Email), sub.Name)
		}
	}
}

// warnOfSettings says what in a subscription's settings the CLI would use instead of its login.
func (a *app) warnOfSettings(sub pool.Subscription) {
	file := filepath.Join(cmp.Or(sub.ConfigDir, a.settings.places.defaultConfigDir()), "settings.json")
	for _, name := range claudecli.SettingsLogin(file) {
		a.warn("%s of %s is used by the CLI instead of the login of %s; take it out of there, or do not share settings.json", name, file, sub.Name)
	}
}
