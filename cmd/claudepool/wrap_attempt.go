package main

import (
	"context"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"claudepool/internal/claudecli"
	"claudepool/wrapper"
)

// attempt is one run of the CLI on one lease. A launch whose subscription meets a limit makes several.
type attempt struct {
	launch *launch
	*booker
	// hold keeps back what may be word of a limit, nil where everything goes on at once.
	hold   *claudecli.Hold
	result wrapper.Result
	err    error
}

// attempt runs the CLI on a lease to its end.
func (l *launch) attempt(ctx context.Context, lease lease, hold *claudecli.Hold, stdin *os.File) *attempt {
	l.remember(lease)
	at := &attempt{launch: l, booker: l.newBooker(lease), hold: hold}
	command := l.command(l.leaseEnvironment(lease))
	command.Stdin = stdin
	if hold != nil {
		command.Gate = hold
	}
	meter := at.newMeter()
	if meter != nil {
		command.Tap, at.metered = meter, true
	}
	following, unfollow := context.WithCancel(ctx)
	command.Started = func(pid int) { go at.follow(following, pid) }
	go at.run(ctx)
	at.result, at.err = wrapper.Run(command)
	unfollow()
	if meter != nil {
		meter.end(at.failed())
	}
	return at
}

// failed tells whether the CLI did not end with 0.
func (at *attempt) failed() bool {
	return at.err != nil || at.result.Signal != 0 || at.result.Code != 0
}

// metLimit tells whether all that is left to say to the caller is that a limit was met.
func (at *attempt) metLimit() bool {
	return at.hold != nil && at.err == nil && at.result.Signal == 0 && !at.result.Unread && at.hold.Limit(at.failed())
}

// give lets go of what is held.
func (at *attempt) give() {
	if at.hold == nil || at.result.Unread {
		return
	}
	at.hold.Limit(at.failed()) // a line without its end is held only then
	if sig := wrapper.GiveHeld(at.hold); sig != 0 {
		at.result = wrapper.Result{Signal: sig}
	}
}

// giveBack ends the session.
func (at *attempt) giveBack(ctx context.Context) { at.release(ctx, endOf(at.result, at.err)) }

// meter reads along on what the CLI prints.
type meter interface {
	io.Writer
	// end is told when the output has ended, and whether the CLI has failed.
	end(failed bool)
}

// newMeter returns the reader of the CLI's output, nil where that tells nothing.
func (at *attempt) newMeter() meter {
	options := claudecli.MeterOptions{
		Session: at.session.ID, Invocation: at.invocation, Now: at.now, Local: time.Local, Report: at.observe,
	}
	switch {
	case at.invocation.TellsUsage():
		baseline := sync.OnceValue(func() *claudecli.Baseline {
			return claudecli.TakeBaseline(at.configDir, at.session.CWD, at.invocation)
		})
		go baseline() // beside the CLI's own start, which takes longer
		options.Baseline = func(conversation string) []claudecli.Cumulative { return baseline().Of(conversation) }
		return jsonMeter{claudecli.NewMeter(options)}
	case at.launch.headless():
		return textMeter{claudecli.NewTextMeter(options)}
	}
	return nil
}

type jsonMeter struct{ *claudecli.Meter }

func (m jsonMeter) end(bool) { _ = m.Close() } // has no errors

type textMeter struct{ *claudecli.TextMeter }

func (m textMeter) end(failed bool) { m.Ended(failed) }

// headless tells whether the CLI prints an answer and ends: where standard output is no terminal it does so
// without -p as well (2.1.330).
func (l *launch) headless() bool { return l.invocation.Headless || !term.IsTerminal(1) }

// lastConversation is the conversation that the run was on last, "" where that is not known.
func (at *attempt) lastConversation() string {
	on := at.wasOn()
	if len(on) == 0 {
		return ""
	}
	return on[len(on)-1]
}
