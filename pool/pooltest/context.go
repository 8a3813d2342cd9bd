package pooltest

import (
	"context"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var contextTests = suite{
	"CancelledDoesNothing":  contextCancelledDoesNothing,
	"CancelledMeanwhile":    contextCancelledMeanwhile,
	"OfAnotherCallIsItsOwn": contextOfAnotherCall,
}

// calls are all methods that take a context, on a session of subscription a.
func calls(h *harness, session string) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"AddSubscription": func(ctx context.Context) error {
			_, err := h.store.AddSubscription(ctx, pool.Subscription{Name: "b"})
			return err
		},
		"RemoveSubscription": func(ctx context.Context) error { return h.store.RemoveSubscription(ctx, "spare", h.now) },
		"SetEnabled":         func(ctx context.Context) error { return h.store.SetEnabled(ctx, "a", false) },
		"SetCooldown":        func(ctx context.Context) error { return h.store.SetCooldown(ctx, "a", h.now.Add(1e9)) },
		"ClearCooldown":      func(ctx context.Context) error { return h.store.ClearCooldown(ctx, "a", h.now.Add(1e9)) },
		"ObserveWindows": func(ctx context.Context) error {
			return h.store.ObserveWindows(ctx, "a", []pool.Window{{Kind: pool.FiveHour, ObservedAt: h.now}})
		},
		"Enqueue": func(ctx context.Context) error { _, err := h.store.Enqueue(ctx, pool.Request{}, h.now); return err },
		"Leave":   func(ctx context.Context) error { return h.store.Leave(ctx, 1) },
		"Session": func(ctx context.Context) error { _, err := h.store.Session(ctx, session); return err },
		"Checkpoints": func(ctx context.Context) error {
			_, err := h.store.Checkpoints(ctx, "")
			return err
		},
		"BookTranscript": func(ctx context.Context) error { return h.store.BookTranscript(ctx, h.file("/1").piece(nil)) },
		"Prune":          func(ctx context.Context) error { _, err := h.store.Prune(ctx, pool.Prune{Before: h.now}); return err },
		"Subscriptions":  func(ctx context.Context) error { _, err := h.store.Subscriptions(ctx); return err },
		"Acquire": func(ctx context.Context) error {
			_, _, err := h.store.Acquire(ctx, pool.Request{}, pool.DefaultPolicy(), h.probe, h.now)
			return err
		},
		"Heartbeat": func(ctx context.Context) error { return h.store.Heartbeat(ctx, session, h.now.Add(1e9)) },
		"Observe": func(ctx context.Context) error {
			return h.store.Observe(ctx, session, pool.Observation{Entries: []pool.Entry{{ID: "e", At: h.now, Tokens: pool.Tokens{Input: 1}}}})
		},
		"Release": func(ctx context.Context) error {
			return h.store.Release(ctx, session, pool.End{Reason: pool.EndedByExit}, h.now)
		},
		"Reclaim": func(ctx context.Context) error { _, err := h.store.Reclaim(ctx, h.probe, h.now); return err },
		"Restore": func(ctx context.Context) error {
			return h.store.Restore(ctx, pool.Session{ID: "x", StartedAt: h.now}, nil)
		},
		"Sessions":   func(ctx context.Context) error { _, err := h.store.Sessions(ctx, true, 0); return err },
		"Candidates": func(ctx context.Context) error { _, err := h.store.Candidates(ctx, h.now); return err },
		"Usage":      func(ctx context.Context) error { _, err := h.store.Usage(ctx, pool.UsageQuery{}); return err },
	}
}

func contextCancelledDoesNothing(h *harness) {
	h.add("a")
	h.add("spare")
	s := h.acquireOn("a")
	before := h.state()
	cancelled, cancel := context.WithCancel(h.ctx)
	cancel()
	for name, call := range calls(h, s.ID) {
		require.ErrorIs(h, call(cancelled), context.Canceled, name)
		require.Equal(h, before, h.state(), name)
	}
	h.release(s.ID)
	require.Empty(h, h.sessions(false), "the store is as good as before")
}

// contextCancelledMeanwhile: nothing of a transaction stays.
func contextCancelledMeanwhile(h *harness) {
	h.add("a")
	before := h.state()
	ctx, cancel := context.WithCancel(h.ctx)
	_, _, err := h.store.Acquire(ctx, pool.Request{Unfit: func(pool.Subscription) string {
		cancel()
		return "cancelled"
	}}, pool.DefaultPolicy(), h.probe, h.now)
	require.Error(h, err)
	require.Equal(h, before, h.state())
	h.acquire(pool.Request{})
}

func contextOfAnotherCall(h *harness) {
	h.add("a")
	ctx, cancel := context.WithCancel(h.ctx)
	s, _, err := h.store.Acquire(ctx, pool.Request{}, pool.DefaultPolicy(), h.probe, h.now)
	require.NoError(h, err)
	cancel()
	h.release(s.ID)
	require.Empty(h, h.sessions(false))
}
