package pool

import (
	"context"
	"time"
)

// Store keeps a pool. Every method is safe for use by many goroutines and many processes at once.
//
// Besides the errors named at each method, all may return ErrBusy, ErrFull, ErrReadOnly, ErrCorrupt,
// ErrUnreadable and ErrNewerSchema, wrapped. The caller brings the time: stores do not read a clock.
type Store interface {
	Outbox
	Tasks
	Conversations

	// AddSubscription checks and adds s, whose ID is ignored, and returns it with its ID.
	// Errors: *InvalidError, ErrNameTaken, ErrDirTaken.
	AddSubscription(ctx context.Context, s Subscription) (Subscription, error)
	// RemoveSubscription takes a subscription out of the pool; its sessions and its part of the
	// ledger stay, under its name, and the name and directory become free.
	// Errors: ErrNotFound, ErrInUse while one of its sessions is running.
	RemoveSubscription(ctx context.Context, name string, now time.Time) error
	// UpdateSubscription changes settings of a subscription, its name among them, in one transaction, and
	// returns it as it is then; see Subscription.Changed. Its sessions and its part of the ledger go under the
	// new name. change is called once, unless there is no such subscription, and must not use the store.
	// Errors: ErrNotFound, *InvalidError, ErrNameTaken, those of change; ErrInUse where the name is to change
	// while one of its sessions is running: what that has in its spool is known by the name.
	UpdateSubscription(ctx context.Context, name string, change func(*Subscription) error) (Subscription, error)
	// SetEnabled switches a subscription on or off. Errors: ErrNotFound.
	SetEnabled(ctx context.Context, name string, enabled bool) error
	// SetCooldown keeps a subscription from being picked until then. Errors: ErrNotFound.
	SetCooldown(ctx context.Context, name string, until time.Time) error
	// ClearCooldown lets a subscription be picked again, whatever kept it closed by itself: what was set by
	// hand, a back-off, a login that did not work, and rejected windows, of which only the status is
	// forgotten. Errors: ErrNotFound.
	ClearCooldown(ctx context.Context, name string, now time.Time) error
	// ObserveWindows books windows of a subscription that were seen outside of any session, as Observe does.
	// Errors: ErrNotFound.
	ObserveWindows(ctx context.Context, name string, windows []Window) error
	// Subscriptions lists the pool's subscriptions by name.
	Subscriptions(ctx context.Context) ([]Subscription, error)

	// Acquire starts a session, in one transaction that no other Acquire overlaps: it ends the
	// sessions that are dead, chooses with the policy, and inserts the session, whose conversation is the
	// one that the request resumes. Requests that wait, and whose process lives, go first: those before
	// req.Ticket or, where that is 0, all; see Policy.ChooseInTurn. A ticket is used up with the session that
	// it got. A request with a ticket that finds no room says by asking that it still waits; one that has not
	// done so for HeartbeatTimeout is passed over until it does, though its process lives: it may be stopped.
	// A candidate is Home where that conversation has its affinity, see Conversations, or, for a request that
	// names none and Continues, the conversation of the latest session of that directory, or else that session.
	// The dead stay ended where no session is started. Being turned away begins a Shortage of the request's scope, or
	// prolongs it, and a session ends one that IsOver.
	// Errors: ErrNoPool, *ExhaustedError; ErrNotFound where Forced or one of Names names no subscription.
	Acquire(ctx context.Context, req Request, policy Policy, probe Probe, now time.Time) (Session, Subscription, error)
	// Enqueue gives a request that found no room a place in the queue, behind all others, and returns its
	// ticket. It is given up with Leave, and by itself once its process is gone.
	Enqueue(ctx context.Context, req Request, now time.Time) (ticket int64, err error)
	// Leave gives up a place in the queue. One that is not there any more is no error.
	Leave(ctx context.Context, ticket int64) error
	// Heartbeat notes that a running session lives. For a session that has ended it does nothing.
	Heartbeat(ctx context.Context, sessionID string, now time.Time) error
	// Observe books an observation of a session, running or ended, in one transaction. An entry whose
	// id is known, or that is older than what Prune has pruned, is passed over; a window replaces the
	// known one of its kind unless that was observed later; an outcome changes the standing as
	// Standing.After has it. Windows and outcomes of a session without a subscription are dropped.
	// Errors: ErrNotFound.
	Observe(ctx context.Context, sessionID string, o Observation) error
	// Release ends a session. Releasing a session again changes nothing. sessionID may be a unique
	// prefix. Errors: ErrNotFound, ErrAmbiguous.
	Release(ctx context.Context, sessionID string, end End, now time.Time) error
	// Reclaim ends the sessions that are dead and returns them.
	Reclaim(ctx context.Context, probe Probe, now time.Time) ([]Session, error)
	// Restore takes in a session that ran while the store could not be used, or that the store knows
	// already, with all that was observed in it. s.Subscription names its subscription; if the pool has
	// none of that name the session is unattributed. Restoring again changes nothing.
	Restore(ctx context.Context, s Session, observed []Observation) error

	// Checkpoints returns how far each transcript has been read whose path begins with the prefix, by path.
	Checkpoints(ctx context.Context, prefix string) (map[string]Checkpoint, error)
	// BookTranscript books what was newly read of a transcript, in one transaction with its checkpoint,
	// by the rule of Tally. A message whose id is known is passed over, or raised to figures that are
	// larger. It is booked to the session that was on its conversation, else to the owner of the
	// transcript, else to nobody: it is unattributed then. Signals go to the same subscription, and what they
	// met to the session.
	BookTranscript(ctx context.Context, t Transcript) error

	// Sessions lists the running sessions, or all, the latest start first. A limit of 0 means no limit.
	Sessions(ctx context.Context, all bool, limit int) ([]Session, error)
	// SessionsSince lists the sessions that run, and those that ended at a time or later, the latest start first.
	SessionsSince(ctx context.Context, since time.Time) ([]Session, error)
	// Session returns a session by its id or a unique prefix of it. Errors: ErrNotFound, ErrAmbiguous.
	Session(ctx context.Context, id string) (Session, error)
	// Candidates returns every subscription by name with what a choice would look at.
	Candidates(ctx context.Context, now time.Time) ([]Candidate, error)
	// Usage sums the ledger, in one state of it.
	Usage(ctx context.Context, q UsageQuery) ([]UsageRow, error)
	// Prune turns detail into totals: the entries of conversations with nothing after Prune.Horizon go,
	// and with them ended sessions that nothing refers to any more, and the checkpoints of the transcripts
	// that are gone. Usage adds up to the same as before, but for conversations and sessions, which become
	// Pruned. From then on nothing that is older than the horizon is booked, by any method: all of it counts
	// as known. So all transcripts that there are should have been read before. It takes many short
	// transactions, and one that was interrupted can be repeated.
	Prune(ctx context.Context, p Prune) (PruneReport, error)

	// Check looks for damage in all that the store keeps, and returns what it found, the first ten problems of a
	// kind at most. It takes as long as reading everything does. Damage that keeps it from looking is
	// ErrCorrupt.
	Check(ctx context.Context) (problems []string, err error)

	Close() error
}
