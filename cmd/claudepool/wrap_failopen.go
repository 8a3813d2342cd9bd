package main

import (
	"context"
	"errors"
	"os"

	"claudepool/internal/procid"
	"claudepool/pool"
)

// isTrouble tells whether the store can't be used, for whatever reason; then the CLI runs all the
// same. Everything else that can come of asking for a session is an answer, and final.
func isTrouble(err error) bool {
	var invalid *pool.InvalidError
	var interrupted *interruptedError
	var config *configError
	var pin *pinError
	if errors.As(err, &interrupted) || errors.As(err, &config) || errors.As(err, &pin) {
		return false
	}
	return !errors.Is(err, pool.ErrExhausted) && !errors.Is(err, pool.ErrNotFound) && !errors.As(err, &invalid)
}

// withoutPool runs the CLI although the store can't be used: on the subscription that the environment is on, that of the
// last run where that is known, or the default one; or as it would run without us where there is no pool at all.
func (l *launch) withoutPool(ctx context.Context, cause error) int {
	if l.settings.Strict {
		return l.failed(cause)
	}
	if errors.Is(cause, pool.ErrNoPool) {
		if l.opened {
			l.warn(emptyPoolYet)
		} else {
			l.warn(noPoolYet)
		}
		return l.exec()
	}
	process, err := procid.Self()
	if err != nil {
		return l.exec()
	}
	cwd, _ := os.Getwd() // best effort: a removed directory is none
	without := lease{trouble: cause, session: pool.Session{
		ID: pool.NewSessionID(), Process: process, CWD: cwd,
		StartedAt: l.now(), HeartbeatAt: l.now(),
	}}
	on := l.standIn(ctx, &without)
	l.warn("%v; running on %s, usage is kept for later", cause, on)
	l.log.Warn("the pool can't be used", "error", cause, "running_on", on)
	return l.runOn(ctx, without)
}

// standIn settles which subscription a run without the pool is on, and says so in words.
func (l *launch) standIn(ctx context.Context, without *lease) string {
	dir, _ := l.env.Get(configDirVar)
	name, _ := l.env.Get(subscriptionVar)
	if dir != "" || name != "" { // set by hand, or by the run that this one is in
		without.asIs, without.subscription = true, pool.Subscription{Name: name, ConfigDir: dir}
		without.session.Subscription = name
		return "the subscription that the environment names"
	}
	if !l.settings.onServer() {
		return "the default subscription"
	}
	known, given, ok := l.lastGood(ctx, without.session.CWD)
	if !ok {
		return "the default subscription"
	}
	without.subscription, without.secrets, without.session.Subscription = known, given, known.Name
	return known.Name + ", as before"
}
