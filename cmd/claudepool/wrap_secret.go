package main

import (
	"context"
	"io"
	"time"

	"claudepool/internal/claudecli"
	"claudepool/internal/secret"
	"claudepool/pool"
)

// A subscription may have its secrets from commands. They run once it has been chosen, so that no more secrets
// are asked for than are used, and what they print goes into the CLI's environment and nowhere else.

// secrets runs the commands of a subscription with env, and returns what they give as NAME=value; stderr is
// where their own words go, nil for nowhere. Errors: *secret.Error.
func secrets(ctx context.Context, env claudecli.Environment, stderr io.Writer, s pool.Subscription) ([]string, error) {
	if len(s.EnvCommand) == 0 {
		return nil, nil
	}
	return secret.Runner{Env: env, Stderr: stderr, Limit: secret.TimeLimit}.Run(ctx, s.EnvCommand)
}

// take takes a session from the store, and waits for room for as long as it is told. A subscription whose
// commands fail is given back, and not asked again in this launch.
func (l *launch) take(ctx context.Context, store pool.Store, request pool.Request, wait time.Duration) (lease, error) {
	for {
		next, err := l.takeAny(ctx, store, request, wait)
		if err != nil || next.asIs { // there it has them already
			return next, err
		}
		if next.secrets, err = secrets(ctx, l.env, nil, next.subscription); err == nil {
			return next, nil
		}
		l.log.Warn("subscription is not usable here", "subscription", next.subscription.Name, "error", err)
		l.unusable[next.subscription.Name] = err.Error()
		l.returnUnused(ctx, next)
	}
}

// returnUnused gives a session back that nothing was run in.
func (l *launch) returnUnused(ctx context.Context, unused lease) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	// Best effort: where it fails the session is reclaimed.
	_ = unused.store.Release(ctx, unused.session.ID, pool.End{Reason: pool.EndedByExit}, l.now())
}

// unfit says why a subscription can't be used by this launch.
func (l *launch) unfit(s pool.Subscription) string {
	if why := l.unusable[s.Name]; why != "" {
		return why
	}
	return l.app.unfit(s)
}
