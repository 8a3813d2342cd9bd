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

// withoutPool runs the CLI although the store can't be used: on the default subscription, or as it
// would run without us where there is no pool at all.
func (l *launch) withoutPool(ctx context.Context, cause error) int {
	if l.settings.Strict {
		return l.failed(cause)
	}
	if errors.Is(cause, pool.ErrNoPool) {
		if isFile(l.settings.Database) {
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
	l.warn("%v; running on the default subscription, usage is kept for later", cause)
	cwd, _ := os.Getwd() // best effort: a removed directory is none
	return l.runOn(ctx, lease{session: pool.Session{
		ID: pool.NewSessionID(), Process: process, CWD: cwd,
		StartedAt: l.now(), HeartbeatAt: l.now(),
	}})
}
