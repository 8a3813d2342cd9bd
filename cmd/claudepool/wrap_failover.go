package main

import (
	"context"
	"errors"
	"os"
	"slices"

	"claudepool/internal/claudecli"
	"claudepool/internal/replay"
	"claudepool/internal/transcripts"
	"claudepool/pool"
)

// failover carries a launch whose subscription turns out to be at its limit on to the next one.
type failover struct {
	*launch
	store pool.Store
	// headless is set where the caller is to see one clean answer; else a person is asked.
	headless bool
	// off is set where a limit is the answer.
	off bool
	// input is what the CLI reads, nil where it is handed on.
	input *replay.Input
	// goesOn is set once the conversation goes on by itself: its input has been taken.
	goesOn bool
	tried  []string
	// attempts are all so far, and aside what was put out of their way.
	attempts []*attempt
	aside    []transcripts.Aside
}

// runOn runs the CLI on a lease, and on others where it meets limits, and ends as the CLI ends.
func (l *launch) runOn(ctx context.Context, first lease) int {
	f := l.newFailover(first)
	stdin, err := f.stdin()
	if err != nil { // no pipe can be had: the CLI reads what we would, once
		f.off, stdin = true, nil
	}
	at := f.run(ctx, l, first, stdin)
	for {
		next := f.next(ctx, at)
		if next == nil {
			break
		}
		at = next
	}
	return f.end(ctx, at)
}

// newFailover says what becomes of a limit. It is the answer where the run can't go on elsewhere: a run that
// is nested or on a directory set by hand stays there, one that reads a stream has been told what nobody
// can tell again, one in the background has left us, and how a command goes on nobody knows.
func (l *launch) newFailover(first lease) *failover {
	f := &failover{launch: l, store: first.store, headless: l.headless()}
	f.off = l.settings.Failover == failoverOff || first.store == nil || first.asIs ||
		l.invocation.Background || l.invocation.Command || l.invocation.InputFormat == "stream-json"
	if f.headless && !f.off {
		var err error
		if f.input, err = replay.Open(0); err != nil {
			f.off = true
		}
	}
	return f
}

// run makes an attempt that reads stdin; nil is our own.
func (f *failover) run(ctx context.Context, l *launch, lease lease, stdin *os.File) *attempt {
	var hold *claudecli.Hold
	if f.headless && !f.off {
		hold = claudecli.NewHold(l.invocation, len(f.attempts) > 0)
	}
	at := l.attempt(ctx, lease, hold, stdin)
	if stdin != nil {
		_ = stdin.Close()
	}
	f.attempts = append(f.attempts, at)
	return at
}

// stdin is what the next attempt reads, from its beginning; nil is our own.
func (f *failover) stdin() (*os.File, error) {
	switch {
	case f.goesOn:
		return os.Open(os.DevNull)
	case f.input != nil:
		return f.input.Next()
	}
	return nil, nil
}

// next carries the launch on after an attempt, and returns nil where that was it.
func (f *failover) next(ctx context.Context, at *attempt) *attempt {
	switch {
	case f.off:
		return nil
	case !f.headless:
		return f.offer(ctx, at)
	case !at.metLimit():
		return nil
	}
	at.giveBack(ctx) // and books the limit, before anything is chosen
	plan, ok := f.plan(ctx, at)
	if !ok {
		return nil
	}
	lease, err := f.elsewhere(ctx, at, plan)
	if err != nil {
		at.waitEnded(err)
		return nil // the limit is the answer, as it would be without us
	}
	next := f.with(plan.args)
	f.goesOn = f.goesOn || plan.goesOn
	stdin, err := f.stdin()
	if err == nil {
		err = f.prepare(ctx, next, lease, plan)
	}
	if err != nil { // what was read is lost, or the conversation can't be taken along
		f.returnUnused(ctx, lease)
		return nil
	}
	at.hold.Drop()
	return f.run(ctx, next, lease, stdin)
}

// with is the launch with other arguments.
func (l *launch) with(args []string) *launch {
	next := *l
	next.argv = append([]string{l.argv[0]}, args...)
	next.invocation = claudecli.ParseArgs(args)
	return &next
}

// plan is how a run goes on.
type plan struct {
	args         []string
	conversation string
	// goesOn is set where the conversation goes on from where it was; else what was asked is asked again.
	goesOn bool
}

// plan says how to go on after an attempt that met a limit, and false where nobody can tell what has been
// done already.
func (f *failover) plan(ctx context.Context, at *attempt) (plan, bool) {
	conversation := at.lastConversation()
	if conversation == "" && !at.invocation.NoPersistence { // a CLI that does not tell (2.0.61 and before, in text)
		at.settle(ctx)
		conversation = at.lastConversation()
	}
	path := transcriptOf(at, conversation)
	answered := at.hold.Answered()
	if answered == claudecli.AnsweredUnknown && path != "" {
		answered = claudecli.AnsweredNothing
		if transcripts.AnsweredSince(path, at.beganOnDisk()) {
			answered = claudecli.AnsweredSome
		}
	}
	args := at.launch.argv[1:]
	// A conversation that was taken up holds the prompt by now: asked again it would be there twice.
	asked := !at.invocation.BeginsConversation() && path != ""
	switch {
	case answered == claudecli.AnsweredNothing && at.invocation.NoPersistence:
		return plan{args: args}, true
	case answered == claudecli.AnsweredNothing && !asked:
		return plan{args: claudecli.Again(args, conversation), conversation: conversation}, true
	case answered != claudecli.AnsweredUnknown && path != "" && !at.invocation.NoPersistence:
		return plan{args: claudecli.GoOn(args, conversation), conversation: conversation, goesOn: true}, true
	}
	return plan{}, false
}

// elsewhere takes a session on another subscription, and waits for room on any where the settings say so.
func (f *failover) elsewhere(ctx context.Context, at *attempt, p plan) (lease, error) {
	request, err := f.requestAfter(ctx, at, p)
	if err != nil {
		return lease{}, err
	}
	next, err := f.take(ctx, f.store, request, 0)
	if errors.Is(err, pool.ErrExhausted) && f.settings.Wait > 0 {
		request.Tried, f.tried = nil, nil // by then their windows have reset
		next, err = f.take(ctx, f.store, request, f.settings.Wait)
	}
	if err == nil {
		f.log.Info("failover", "from", at.subscription.Name, "to", next.subscription.Name,
			"session", next.session.ID, "follows", at.session.ID, "conversation", p.conversation, "goes_on", p.goesOn)
	}
	return next, err
}

// requestAfter asks for another subscription than those that have been tried.
func (f *failover) requestAfter(ctx context.Context, at *attempt, p plan) (pool.Request, error) {
	request, err := at.launch.request()
	if name := at.subscription.Name; !slices.Contains(f.tried, name) {
		f.tried = append(f.tried, name)
	}
	request.Tried, request.Follows = f.tried, at.session.ID
	request.Conversation, request.Continues = p.conversation, false
	if err == nil && claudecli.ParseArgs(p.args).Resume != "" {
		err = at.launch.keepIsolated(ctx, f.store, request)
	}
	return request, err
}

// prepare makes the conversation available to the next CLI, or puts what was begun of it out of its way.
func (f *failover) prepare(ctx context.Context, next *launch, lease lease, p plan) error {
	if err := next.provide(ctx, lease); err != nil {
		return err
	}
	if p.goesOn || p.conversation == "" || !next.invocation.BeginsConversation() || next.invocation.NoPersistence {
		return nil
	}
	aside, err := transcripts.PutAside(transcripts.Find([]string{next.transcriptsOf(lease)}, p.conversation), lease.session.ID)
	f.aside = append(f.aside, aside)
	return err
}

// end ends the launch as its last attempt ended.
func (f *failover) end(ctx context.Context, last *attempt) int {
	last.give()
	last.giveBack(ctx)
	if f.input != nil {
		f.input.Close()
	}
	for _, aside := range f.aside {
		aside.Settle()
	}
	for _, at := range f.attempts {
		at.settle(ctx)
	}
	f.tellRun(ctx, last)
	if last.well {
		f.startUpkeep(ctx, f.store)
	}
	if f.store != nil {
		_ = f.store.Close() // all that is to be kept is written
	}
	if last.err != nil {
		return f.fail(last.err)
	}
	return last.result.End()
}
