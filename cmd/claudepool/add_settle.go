package main

import (
	"context"

	"claudepool/pool"
)

// settle makes a subscription that has just been added ready for its first run.
func (c addCommand) settle(ctx context.Context, a *app, store pool.Store, sub pool.Subscription, made bool) error {
	c.tell(a, sub, made)
	a.furnish(sub, made || c.ConfigDir == "" && !c.DefaultDir)
	a.warnOfSettings(sub)
	if sub.ConfigDir == "" || len(sub.EnvFrom)+len(sub.EnvCommand) > 0 {
		return nil
	}
	if c.NoLogin || !isInteractive() || !made && a.isSignedIn(ctx, sub) {
		a.printf("if it is not signed in: claudepool login %s\n", sub.Name)
		return nil
	}
	return a.signIn(ctx, store, sub, nil)
}

// isSignedIn asks the CLI where a directory was there already.
func (a *app) isSignedIn(ctx context.Context, sub pool.Subscription) bool {
	path, err := a.settings.lookup(a.env).Locate()
	if err != nil {
		return false
	}
	status, _ := a.authStatus(ctx, path, sub)
	return status.LoggedIn
}
