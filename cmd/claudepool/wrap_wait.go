package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"syscall"
	"time"

	"claudepool/internal/procid"
	"claudepool/pool"
	"claudepool/wrapper"
)

const (
	// lookEvery is how often the first in the queue looks for room, lookEach how much less often each one
	// behind it does, and lookLeast how often all do at least: a crowd must not keep the machine busy.
	lookEvery = 250 * time.Millisecond
	lookEach  = 25 * time.Millisecond
	lookLeast = 2 * time.Second
	// askEvery, askEach and askLeast are the same for asking the pool itself, which finds out who is dead,
	// tells that we still wait, and costs more.
	askEvery = 2 * time.Second
	askEach  = 200 * time.Millisecond
	askLeast = pool.HeartbeatEvery
	// resetJitter is how far those spread that wait for the same reset.
	resetJitter = 500 * time.Millisecond
	// leaveTimeout bounds what leaving the queue may take. Who is gone without having left is found dead.
	leaveTimeout = time.Second
)

// waiter is a launch that waits for room in the pool.
type waiter struct {
	*launch
	store   pool.Store
	request pool.Request
	// exhausted is what the pool said last.
	exhausted *pool.ExhaustedError
	// until is when to give up, askAt when to ask the pool even where there seems to be no room.
	until, askAt time.Time
	notice       notice
	// away is set while the database can't be reached.
	away bool
}

// got is what a waiter gets.
type got struct {
	session      pool.Session
	subscription pool.Subscription
}

// waitForRoom waits until the pool has room for the request, in the order of coming. Errors: the
// *pool.ExhaustedError where there is none in time, *interruptedError where a signal ends the waiting, and the
// store's.
func (l *launch) waitForRoom(
	ctx context.Context, store pool.Store, request pool.Request, exhausted *pool.ExhaustedError, wait time.Duration,
) (got, error) {
	now := l.now()
	w := &waiter{
		launch: l, store: store, request: request, exhausted: exhausted,
		until: now.Add(wait), askAt: now, notice: l.newNotice(),
	}
	interrupts := catchInterrupts()
	defer interrupts.stop()
	defer w.leave(ctx)
	defer w.notice.end()
	return w.wait(ctx, interrupts.c)
}

func (w *waiter) wait(ctx context.Context, interrupts <-chan os.Signal) (got, error) {
	tell := time.NewTicker(time.Second)
	defer tell.Stop()
	look := time.NewTimer(0)
	defer look.Stop()
	for {
		w.tell()
		select {
		case <-tell.C:
		case sig := <-interrupts:
			if sig != syscall.SIGTSTP {
				return got{}, &interruptedError{sig.(syscall.Signal)}
			}
			w.suspend(ctx)
		case <-look.C:
			got, err := w.look(ctx)
			if w.mayComeBack(err) {
				err = w.exhausted
			}
			if err == nil || !w.goesOn(err) {
				return got, err
			}
			look.Reset(w.pause())
		}
	}
}

// mayComeBack tells whether an error is of a database that has no time now, or is away: the places in its queue are kept.
func (w *waiter) mayComeBack(err error) bool {
	away := isAway(err)
	if away && !w.away {
		w.notice.end()
		w.warn("%v; waiting on for it", err)
		w.log.Warn("the database is away, waiting on", "error", err)
	}
	w.away = away
	return away || errors.Is(err, pool.ErrBusy)
}

// goesOn tells whether to wait on after an answer of the pool.
func (w *waiter) goesOn(err error) bool {
	return errors.As(err, &w.exhausted) && w.now().Before(w.until)
}

// look asks the pool for a session, where that may be worth it. Errors: those of Acquire and Enqueue.
func (w *waiter) look(ctx context.Context) (got, error) {
	if w.now().Before(w.askAt) && !w.seesRoom(ctx) {
		return got{}, w.exhausted
	}
	var err error
	if w.request.Ticket == 0 {
		if w.request.Ticket, err = w.store.Enqueue(ctx, w.request, w.now()); err != nil {
			return got{}, err
		}
	}
	session, subscription, err := w.store.Acquire(ctx, w.request, w.settings.Policy, procid.Probe, w.now())
	if err == nil {
		w.request.Ticket = 0 // it is used up
	}
	w.askAt = w.now().Add(w.inTurn(askEvery, askEach, askLeast))
	return got{session, subscription}, err
}

// seesRoom tells whether some subscription may be picked, whoever is first; that takes no lock. Where it can't
// be told the pool has to be asked.
func (w *waiter) seesRoom(ctx context.Context) bool {
	candidates, err := w.store.Candidates(ctx, w.now())
	if err != nil {
		return !errors.Is(err, pool.ErrBusy)
	}
	_, _, err = w.settings.Policy.Choose(w.request, candidates, w.now())
	var exhausted *pool.ExhaustedError
	if !errors.As(err, &exhausted) {
		return true
	}
	exhausted.Ahead = w.exhausted.Ahead // only the pool knows
	w.exhausted = exhausted
	return false
}

// pause is how long to wait before the next look, which is no later than shortly after the next reset.
func (w *waiter) pause() time.Duration {
	pause := w.inTurn(lookEvery, lookEach, lookLeast)
	now := w.now()
	if reset := w.exhausted.FreeAt; reset.After(now) {
		pause = min(pause, reset.Sub(now)+rand.N(resetJitter))
	}
	return max(min(pause, w.until.Sub(now)), 0)
}

// inTurn is a time that grows with the number of those ahead, give or take a fifth, so that nobody keeps step.
func (w *waiter) inTurn(first, each, most time.Duration) time.Duration {
	d := min(first+time.Duration(w.exhausted.Ahead)*each, most)
	return d*4/5 + rand.N(d*2/5)
}

// leave gives up the place in the queue, even where ctx is cancelled.
func (w *waiter) leave(ctx context.Context) {
	if w.request.Ticket == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaveTimeout)
	defer cancel()
	_ = w.store.Leave(ctx, w.request.Ticket) // best effort: what is left of us is found dead
	w.request.Ticket = 0
}

// suspend stops us as Ctrl-Z does anyone. Who is stopped holds nobody up: it comes back as the last.
func (w *waiter) suspend(ctx context.Context) {
	w.notice.end()
	w.leave(ctx)
	wrapper.StopSelf(syscall.SIGTSTP)
	w.askAt = w.now()
}
