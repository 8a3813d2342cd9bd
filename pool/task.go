package pool

import (
	"context"
	"time"
)

// Task is a piece of maintenance that the pool does by itself now and then.
type Task struct {
	Name string
	// LastRun is when it last ended, zero where it never did.
	LastRun time.Time
	// Trouble is why it failed the last time, "" where it did not.
	Trouble string
	// Report is what it said of itself, as JSON; "" for nothing.
	Report string
	// Runner is the process that runs it now, nil for none.
	Runner *Process
	// HeartbeatAt is when the runner last said that it lives.
	HeartbeatAt time.Time
}

// Tasks keeps when which task ran, so that each runs as often as it should, one runner at a time.
type Tasks interface {
	// Tasks returns those that ever began, by name.
	Tasks(ctx context.Context) ([]Task, error)
	// BeginTask takes a task for a runner, unless another runs it whose process lives, or it ran less than
	// every ago. One that seems to have run in the future, because a clock was wrong, is due. A task that was
	// taken is kept alive by KeepTask; see HeartbeatTimeout.
	BeginTask(ctx context.Context, name string, every time.Duration, runner Process, probe Probe, now time.Time) (began bool, err error)
	// KeepTask notes that the runner lives, and tells whether the task is still its own.
	KeepTask(ctx context.Context, name string, runner Process, now time.Time) (kept bool, err error)
	// EndTask notes what came of a task. For one that is not the runner's any more it does nothing.
	EndTask(ctx context.Context, name string, runner Process, report, trouble string, now time.Time) error
	// Checkpoint brings the store's files in order: it writes back its journal and renews what its queries are
	// planned by. It does nothing where there is no such thing.
	Checkpoint(ctx context.Context) error
}

// IsDue tells whether a task that should run so often is to run, as far as its last run goes.
func (t Task) IsDue(every time.Duration, now time.Time) bool {
	return t.LastRun.IsZero() || now.Sub(t.LastRun).Abs() >= every
}

// IsRunning tells whether a runner has the task that lives.
func (t Task) IsRunning(probe Probe, now time.Time) bool {
	return t.Runner != nil && !Session{Process: *t.Runner, HeartbeatAt: t.HeartbeatAt}.IsDead(probe, now)
}
