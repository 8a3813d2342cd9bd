package pooltest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// witness notes what really happens to a store: what its events tell of must be among it.
type witness struct {
	pool.Store
	h *harness
	// happened are the causes, by words of their own.
	happened map[string]bool
	// holders are the runners of tasks, as those know it.
	holders map[string]pool.Process
	// delivered is the latest event that arrived, by channel and subscription; none before it may be delivered later unless it was retried.
	delivered map[string]int64
}

func newWitness(h *harness, store pool.Store) *witness {
	return &witness{store, h, map[string]bool{}, map[string]pool.Process{}, map[string]int64{}}
}

func (w *witness) note(format string, args ...any) { w.happened[fmt.Sprintf(format, args...)] = true }

// Acquire implements pool.Store.
func (w *witness) Acquire(
	ctx context.Context, req pool.Request, policy pool.Policy, probe pool.Probe, now time.Time,
) (pool.Session, pool.Subscription, error) {
	s, sub, err := w.Store.Acquire(ctx, req, policy, probe, now)
	switch {
	case errors.Is(err, pool.ErrExhausted):
		w.note("turned away at %d", now.UnixMilli())
	case err == nil && req.Forced == "":
		w.requireBelowCap(sub, policy, now)
	}
	if err == nil && req.Follows != "" {
		w.note("%s went on for %s", s.ID, req.Follows)
	}
	return s, sub, err
}

// requireBelowCap wants no more to run on a subscription than its cap, or its first days, allow.
func (w *witness) requireBelowCap(sub pool.Subscription, policy pool.Policy, now time.Time) {
	w.h.Helper()
	running, err := w.Store.Sessions(w.h.ctx, false, 0)
	require.NoError(w.h, err)
	on := 0
	for _, s := range running {
		if s.SubscriptionID == sub.ID {
			on++
		}
	}
	if sub.MaxSessions > 0 {
		require.LessOrEqual(w.h, on, sub.MaxSessions, "sessions of %s", sub.Name)
	}
	day := max(0, int(now.Sub(sub.CreatedAt)/(24*time.Hour)))
	if sub.RampUp && !sub.CreatedAt.IsZero() && day < len(policy.RampUp) && policy.RampUp[day] > 0 {
		require.LessOrEqual(w.h, on, policy.RampUp[day], "sessions of %s on its day %d", sub.Name, day+1)
	}
}

// Observe implements pool.Store.
func (w *witness) Observe(ctx context.Context, sessionID string, o pool.Observation) error {
	w.saw(o.Windows, o.Outcome, o.At)
	return w.Store.Observe(ctx, sessionID, o)
}

// ObserveWindows implements pool.Store.
func (w *witness) ObserveWindows(ctx context.Context, name string, windows []pool.Window) error {
	w.saw(windows, pool.NoOutcome, time.Time{})
	return w.Store.ObserveWindows(ctx, name, windows)
}

// Restore implements pool.Store.
func (w *witness) Restore(ctx context.Context, s pool.Session, observed []pool.Observation) error {
	for _, o := range observed {
		w.saw(o.Windows, o.Outcome, o.At)
	}
	return w.Store.Restore(ctx, s, observed)
}

// BookTranscript implements pool.Store.
func (w *witness) BookTranscript(ctx context.Context, t pool.Transcript) error {
	for _, s := range t.Signals {
		w.saw(s.Windows, s.Outcome, s.At)
	}
	return w.Store.BookTranscript(ctx, t)
}

func (w *witness) saw(windows []pool.Window, o pool.Outcome, at time.Time) {
	for _, seen := range windows {
		w.note("%s of %q seen", seen.Status, seen.Kind)
		if seen.Utilization != nil && *seen.Utilization >= pool.DefaultThresholds[0] {
			w.note("much of %q used", seen.Kind)
		}
	}
	if o == pool.OutcomeSignedOut || o == pool.OutcomeRefused {
		w.note("login refused at %d", at.UnixMilli())
	}
}

// MoveConversation implements pool.Store.
func (w *witness) MoveConversation(ctx context.Context, m pool.Move, now time.Time) (bool, error) {
	moved, err := w.Store.MoveConversation(ctx, m, now)
	if moved {
		w.note("%q moved from %s to %s at %d", m.Conversation.ID, m.From, m.To, now.UnixMilli())
	}
	return moved, err
}

// Reclaim implements pool.Store.
func (w *witness) Reclaim(ctx context.Context, probe pool.Probe, now time.Time) ([]pool.Session, error) {
	ended, err := w.Store.Reclaim(ctx, probe, now)
	for _, s := range ended {
		require.Equal(w.h, pool.EndedByReclaim, s.End.Reason)
	}
	return ended, err
}

// RecordEvents implements pool.Store.
func (w *witness) RecordEvents(ctx context.Context, events ...pool.Event) error {
	for _, e := range events {
		w.note("recorded %s", e.Cause)
	}
	return w.Store.RecordEvents(ctx, events...)
}

// BeginTask implements pool.Store. Nobody else may run a task, unless it is dead or silent.
func (w *witness) BeginTask(
	ctx context.Context, name string, every time.Duration, runner pool.Process, probe pool.Probe, now time.Time,
) (bool, error) {
	tasks, err := w.Store.Tasks(ctx)
	require.NoError(w.h, err)
	began, err := w.Store.BeginTask(ctx, name, every, runner, probe, now)
	holder, held := w.holders[name]
	for _, t := range tasks {
		if began && held && t.Name == name && holder != runner {
			require.Equal(w.h, holder, *t.Runner)
			require.False(w.h, t.IsRunning(probe, now), "%s has two runners", name)
		}
	}
	if began {
		w.holders[name] = runner
	}
	return began, err
}

// KeepTask implements pool.Store.
func (w *witness) KeepTask(ctx context.Context, name string, runner pool.Process, now time.Time) (bool, error) {
	kept, err := w.Store.KeepTask(ctx, name, runner, now)
	holder, held := w.holders[name]
	require.Equal(w.h, held && holder == runner, kept, "who keeps a task runs it")
	return kept, err
}

// EndTask implements pool.Store.
func (w *witness) EndTask(ctx context.Context, name string, runner pool.Process, report, trouble string, now time.Time) error {
	if w.holders[name] == runner {
		delete(w.holders, name)
	}
	return w.Store.EndTask(ctx, name, runner, report, trouble, now)
}

// NextDeliveries implements pool.Store. Of each subscription it is the earliest that waits.
func (w *witness) NextDeliveries(ctx context.Context, channel string, now time.Time, limit int) ([]pool.Delivery, error) {
	due, err := w.Store.NextDeliveries(ctx, channel, now, limit)
	waiting, listed := w.Store.Deliveries(ctx, pool.DeliveryQuery{Channel: channel, States: []pool.DeliveryState{pool.DeliveryWaits}})
	require.NoError(w.h, listed)
	of := map[int64]bool{}
	for _, d := range due {
		require.False(w.h, of[d.Event.SubscriptionID], "one of each subscription")
		of[d.Event.SubscriptionID] = true
		for _, other := range waiting {
			require.False(w.h, other.Event.SubscriptionID == d.Event.SubscriptionID && other.Event.Number < d.Event.Number,
				"%s before %s", d.Event.Text, other.Event.Text)
		}
	}
	return due, err
}

// NoteTry implements pool.Store.
func (w *witness) NoteTry(ctx context.Context, channel string, event int64, try pool.Try) error {
	found, err := w.Store.Deliveries(ctx, pool.DeliveryQuery{Channel: channel})
	require.NoError(w.h, err)
	for _, d := range found {
		if d.Event.Number == event && try.State == pool.DeliveryDelivered {
			queue := fmt.Sprint(channel, "/", d.Event.SubscriptionID)
			require.Greater(w.h, event, w.delivered[queue], "delivered out of order")
			w.delivered[queue] = event
		}
	}
	return w.Store.NoteTry(ctx, channel, event, try)
}

// Retry implements pool.Store. What was given up and is tried again comes after what came meanwhile.
func (w *witness) Retry(ctx context.Context, q pool.DeliveryQuery, now time.Time) (int64, error) {
	clear(w.delivered)
	return w.Store.Retry(ctx, q, now)
}
