package main

import (
	"context"
	"time"

	"claudepool/internal/outage"
	"claudepool/pgstore"
	"claudepool/pool"
)

// bounded is a store on a server for who has something else to do, as a run of the CLI has: none of the calls that may be
// made meanwhile takes without end, as it would where the server hangs or the network is cut, and none is made while the
// database is known to be away.
type bounded struct {
	*pgstore.Store
	outage outage.Outage
}

// callTakes bounds a call, which may wait for the locks of others.
const callTakes = pgstore.DefaultBusyTimeout + time.Second

// closingTakes bounds closing, in which a server that hangs does not say goodbye.
const closingTakes = time.Second

func (b bounded) call(ctx context.Context, f func(context.Context) error) error {
	return b.outage.Try(func() error {
		ctx, cancel := context.WithTimeoutCause(ctx, callTakes, errNoAnswer)
		defer cancel()
		return unanswered(ctx, f(ctx))
	})
}

// get is call for what returns something.
func get[T any](ctx context.Context, b bounded, f func(context.Context) (T, error)) (got T, err error) {
	err = b.call(ctx, func(ctx context.Context) error {
		got, err = f(ctx)
		return err
	})
	return got, err
}

func (b bounded) Subscriptions(ctx context.Context) ([]pool.Subscription, error) {
	return get(ctx, b, b.Store.Subscriptions)
}

func (b bounded) Candidates(ctx context.Context, now time.Time) ([]pool.Candidate, error) {
	return get(ctx, b, func(ctx context.Context) ([]pool.Candidate, error) { return b.Store.Candidates(ctx, now) })
}

func (b bounded) Acquire(
	ctx context.Context, req pool.Request, policy pool.Policy, probe pool.Probe, now time.Time,
) (session pool.Session, sub pool.Subscription, err error) {
	err = b.call(ctx, func(ctx context.Context) (err error) {
		session, sub, err = b.Store.Acquire(ctx, req, policy, probe, now)
		return err
	})
	return session, sub, err
}

func (b bounded) Enqueue(ctx context.Context, req pool.Request, now time.Time) (int64, error) {
	return get(ctx, b, func(ctx context.Context) (int64, error) { return b.Store.Enqueue(ctx, req, now) })
}

func (b bounded) Sessions(ctx context.Context, all bool, limit int) ([]pool.Session, error) {
	return get(ctx, b, func(ctx context.Context) ([]pool.Session, error) { return b.Store.Sessions(ctx, all, limit) })
}

func (b bounded) SessionsSince(ctx context.Context, since time.Time) ([]pool.Session, error) {
	return get(ctx, b, func(ctx context.Context) ([]pool.Session, error) { return b.Store.SessionsSince(ctx, since) })
}

func (b bounded) Session(ctx context.Context, id string) (pool.Session, error) {
	return get(ctx, b, func(ctx context.Context) (pool.Session, error) { return b.Store.Session(ctx, id) })
}

func (b bounded) Observe(ctx context.Context, sessionID string, o pool.Observation) error {
	return b.call(ctx, func(ctx context.Context) error { return b.Store.Observe(ctx, sessionID, o) })
}

func (b bounded) Heartbeat(ctx context.Context, sessionID string, now time.Time) error {
	return b.call(ctx, func(ctx context.Context) error { return b.Store.Heartbeat(ctx, sessionID, now) })
}

func (b bounded) Release(ctx context.Context, sessionID string, end pool.End, now time.Time) error {
	return b.call(ctx, func(ctx context.Context) error { return b.Store.Release(ctx, sessionID, end, now) })
}

func (b bounded) Checkpoints(ctx context.Context, prefix string) (map[string]pool.Checkpoint, error) {
	return get(ctx, b, func(ctx context.Context) (map[string]pool.Checkpoint, error) { return b.Store.Checkpoints(ctx, prefix) })
}

func (b bounded) BookTranscript(ctx context.Context, t pool.Transcript) error {
	return b.call(ctx, func(ctx context.Context) error { return b.Store.BookTranscript(ctx, t) })
}

func (b bounded) Close() error {
	closed := make(chan error, 1)
	go func() { closed <- b.Store.Close() }()
	select {
	case err := <-closed:
		return err
	case <-time.After(closingTakes):
		return nil // the system closes what is left
	}
}
