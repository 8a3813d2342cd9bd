package main

import (
	"context"
	"errors"

	"claudepool/internal/claudecli"
	"claudepool/pool"
	"claudepool/wrapper"
)

// launch is one run of the real CLI.
type launch struct {
	*app
	// argv is what the CLI gets: its name as it was called, then the arguments, untouched.
	argv       []string
	invocation claudecli.Invocation
	// names pin the run to subscriptions.
	names []string
	// namesTyped is set where they were arguments; see wholeNames.
	namesTyped bool
	// path is the real CLI.
	path string
	// unusable says of subscriptions, by their names, why this launch can't use them.
	unusable map[string]string
	record   *record
	// opened is set once the pool's database was opened.
	opened bool
}

// wrapMain is `claude …`: all arguments are the CLI's.
func wrapMain(a *app, argv0 string, args []string) int {
	return newLaunch(a, argv0, a.argsFromEditor(args), a.settings.Names).start()
}

// runWrapped is `claudepool run … -- ARGS`.
func runWrapped(a *app, run runArgs) int {
	names := run.names
	if len(names) == 0 {
		names = a.settings.Names
	}
	if run.wait != nil {
		a.settings.Wait = *run.wait
	}
	l := newLaunch(a, "claude", run.rest, names)
	l.namesTyped = len(run.names) > 0
	return l.start()
}

func newLaunch(a *app, argv0 string, args, names []string) *launch {
	return &launch{
		app: a, argv: append([]string{argv0}, args...), names: names,
		invocation: claudecli.ParseArgs(args), unusable: map[string]string{}, record: &record{startedAt: a.now()},
	}
}

func (l *launch) start() int {
	if err := l.locate(); err != nil {
		return l.failed(err)
	}
	if l.settings.Bypass || l.invocation.TalksToNoModel {
		return l.exec()
	}
	return l.throughPool(context.Background())
}

// locate finds the real CLI, unless we have been started in its place.
func (l *launch) locate() error {
	guard, _ := l.env.Get(wrapper.GuardVar)
	if err := wrapper.CheckGuard(guard); err != nil {
		return err
	}
	path, err := l.settings.lookup(l.env).Locate()
	l.path = path
	return err
}

// exec becomes the CLI, with the environment as it is.
func (l *launch) exec() int { return l.fail(wrapper.Exec(l.command(l.env))) }

func (l *launch) command(env claudecli.Environment) wrapper.Command {
	return wrapper.Command{Path: l.path, Args: l.argv, Env: env}
}

// throughPool takes a subscription from the pool, runs the CLI on it, and gives it back.
func (l *launch) throughPool(ctx context.Context) int {
	store, err := l.openStoreWith(ctx, storeOptions{inPassing: true})
	switch {
	case err != nil && !isTrouble(err):
		return l.failed(err)
	case err != nil:
		return l.withoutPool(ctx, err)
	}
	l.opened = true
	lease, err := l.acquire(ctx, store)
	if err != nil {
		if errors.Is(err, pool.ErrExhausted) { // which is an event
			l.startUpkeep(ctx, store)
		}
		_ = store.Close()
		switch {
		case errors.Is(err, errLeftAlone):
			return l.exec()
		case isTrouble(err):
			return l.withoutPool(ctx, err)
		default:
			return l.failed(err)
		}
	}
	if err := l.provide(ctx, lease); err != nil { // the CLI says that it has no such conversation
		l.log.Warn("provide the conversation", "error", err)
	}
	return l.runOn(ctx, lease)
}

// endOf says how the CLI ended. One that could not be started ended with the status we end with.
func endOf(result wrapper.Result, err error) pool.End {
	code := result.Code
	var start *wrapper.StartError
	if errors.As(err, &start) {
		code = start.Code()
	}
	end := pool.End{Reason: pool.EndedByExit, Signal: wrapper.SignalName(result.Signal)}
	if result.Signal == 0 {
		end.Code = &code
	}
	return end
}
