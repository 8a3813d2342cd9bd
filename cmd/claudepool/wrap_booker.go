package main

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"claudepool/internal/claudecli"
	"claudepool/internal/procid"
	"claudepool/internal/spool"
	"claudepool/pool"
)

// bookEvery is the least time between two bookings: what comes meanwhile waits for the next one, or for the
// end. A stream that told its windows with every turn had a transaction for each of them, which took two
// thirds of the wrapper's time.
const bookEvery = 50 * time.Millisecond

// releaseTimeout bounds what the end of a run may take at the store; after that the spool has to do.
const releaseTimeout = 10 * time.Second

// booker books what is observed in a session, beside the CLI and never in its way, and gives the
// session back. What the store does not take goes to the spool.
type booker struct {
	lease
	spool  spool.Spool
	writer *spool.Writer
	now    func() time.Time
	clock  *clock
	// upkeep starts what looks after the pool, where something is due: a session may last for days.
	upkeep func(context.Context, pool.Store)
	// configDir is that of the CLI.
	configDir  string
	places     places
	invocation claudecli.Invocation
	// metered is set where the CLI's output is read.
	metered bool
	// followed is set once the CLI has noted by itself which conversation it is on.
	followed atomic.Bool

	mu      sync.Mutex
	waiting []pool.Observation
	// conversations are those that the session was on, the latest last.
	conversations []string
	// released, well and settled are how far the end of the session has got: well is set where the store
	// took all of it.
	released, well, settled bool
	// wake has room for one: it says that something waits, however much.
	wake chan struct{}
	stop chan struct{}
	done chan struct{}
}

func (l *launch) newBooker(lease lease) *booker {
	b := &booker{
		lease: lease, spool: l.settings.spool(), now: l.now, clock: l.clock, upkeep: l.startUpkeep,
		configDir: claudecli.ConfigDir(l.leaseEnvironment(lease)), places: l.settings.places,
		invocation: l.invocation,
		wake:       make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	if id := l.invocation.NewConversation(); id != "" {
		b.observe(pool.Observation{Conversation: id})
	}
	return b
}

// observe takes an observation to be booked, and returns at once.
func (b *booker) observe(o pool.Observation) {
	o.At = b.now()
	b.on(o.Conversation)
	b.mu.Lock()
	b.waiting = addObservation(b.waiting, o)
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// on notes a conversation that the session is on; "" is none.
func (b *booker) on(conversation string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if conversation != "" && !slices.Contains(b.conversations, conversation) {
		b.conversations = append(b.conversations, conversation)
	}
}

// told tells whether any conversation is known that the session was on, beside the one it was to resume.
func (b *booker) told() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.conversations) > 0
}

// run books until finish, and says now and then that the session lives.
func (b *booker) run(ctx context.Context) {
	defer close(b.done)
	beat, look := time.NewTicker(pool.HeartbeatEvery), time.NewTicker(readEvery)
	defer beat.Stop()
	defer look.Stop()
	var live live
	for {
		select {
		case <-b.wake:
			b.book(ctx)
			select {
			case <-time.After(bookEvery):
			case <-b.stop:
				return
			}
		case <-beat.C:
			if b.store != nil && b.store.Heartbeat(ctx, b.session.ID, b.now()) == nil { // best effort: the next one is soon
				b.upkeep(ctx, b.store)
			}
		case <-look.C:
			if !b.metered {
				live.read(ctx, b)
			}
		case <-b.stop:
			return
		}
	}
}

// book gives the store all that waits, as one observation each, in order.
func (b *booker) book(ctx context.Context) {
	b.mu.Lock()
	waiting := b.waiting
	b.waiting = nil
	b.mu.Unlock()
	for _, o := range waiting {
		err := b.trouble
		if b.store != nil && b.writer == nil {
			err = b.store.Observe(ctx, b.session.ID, o)
		}
		if b.store == nil || b.writer != nil || err != nil {
			b.keep(o, err)
		}
	}
}

// keep puts an observation into the spool, with why. Once something is there all that follows goes there too, so
// that it is booked in order.
func (b *booker) keep(o pool.Observation, trouble error) {
	if b.writer == nil {
		writer, err := b.spool.Create(b.session, b.subscription.ConfigDir)
		if err != nil {
			return // nowhere to write at all: the run goes on
		}
		b.writer = writer
		_ = b.writer.Trouble(trouble, o.At) // best effort
	}
	_ = b.writer.Observe(o) // as above
}

// release books what still waits and ends the session. It does its work even where ctx is cancelled, within
// a time limit. Releasing again does nothing.
func (b *booker) release(ctx context.Context, end pool.End) {
	if b.released {
		return
	}
	b.released = true
	close(b.stop)
	<-b.done
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	b.book(ctx)
	b.well = b.store != nil && b.writer == nil // a store in trouble is asked for no more than it must
	if b.store != nil {
		// Best effort: where it fails the session is reclaimed, since we are gone by then.
		b.well = b.store.Release(ctx, b.session.ID, end, b.now()) == nil && b.well
	}
	if b.writer != nil {
		_ = b.writer.End(end, b.now())
	}
}

// settle lets the store take what transcripts hold of the session and what earlier runs left in the spool,
// once the session has been released. Settling again does nothing.
func (b *booker) settle(ctx context.Context) {
	if !b.well || b.settled {
		return
	}
	b.settled = true
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
	defer cancel()
	_, _ = b.spool.Drain(ctx, b.store, procid.Probe, b.now()) // best effort: the next run tries again
	b.readTranscripts(ctx)
}
