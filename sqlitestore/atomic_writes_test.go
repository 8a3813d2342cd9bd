package sqlitestore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
	"claudepool/sqlitestore"
)

var (
	began = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	later = began.Add(10 * time.Minute)
	whole = 1.0
)

func alive(p pool.Process) pool.Liveness {
	if p.PID == 13 {
		return pool.Dead
	}
	return pool.Alive
}

// usedPool is a pool of two with something of everything, and returns its path.
func usedPool(t *testing.T) string {
	t.Helper()
	path, ctx := newPath(t), t.Context()
	s, err := sqlitestore.Open(ctx, path, sqlitestore.Options{Create: true})
	require.NoError(t, err)
	addSubscriptions(t, s, 3)
	for _, session := range []pool.Session{
		{ID: "runs", Subscription: "s-1", Conversation: "c1"},
		{ID: "idle", Subscription: "s-1", Conversation: "c2", EndedAt: began, End: pool.End{Reason: pool.EndedByExit}},
		{ID: "dead", Subscription: "s-2", Conversation: "c3", Process: pool.Process{PID: 13}},
	} {
		session.StartedAt, session.HeartbeatAt, session.CWD = began, began, "/src"
		require.NoError(t, s.Restore(ctx, session, []pool.Observation{{At: began, Conversation: session.Conversation}}))
	}
	require.NoError(t, s.BookTranscript(ctx, transcript("c2", "m1", 0)))
	_, _, err = s.Acquire(ctx, pool.Request{Tags: []string{"none"}}, pool.DefaultPolicy(), allAlive, began)
	require.ErrorIs(t, err, pool.ErrExhausted)
	require.NoError(t, s.RecordEvents(ctx, pool.StoreTroubleEvent("first", began), pool.StoreTroubleEvent("second", began)))
	require.NoError(t, s.Dispatch(ctx, "log", began.Add(-time.Hour), func(pool.Event) bool { return true }))
	due, err := s.NextDeliveries(ctx, "log", began, 0)
	require.NoError(t, err)
	require.NotEmpty(t, due)
	_, err = s.BeginTask(ctx, "begun", 0, pool.Process{PID: 1}, allAlive, began)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	return path
}

func allAlive(pool.Process) pool.Liveness { return pool.Alive }

// transcript is a piece of one of a conversation, with a message and figures beyond it.
func transcript(conversation, message string, from int64) pool.Transcript {
	path := "/transcripts/" + conversation
	before := pool.Checkpoint{}
	if from > 0 {
		before = pool.Checkpoint{Path: path, Identity: "i", Offset: from}
	}
	tokens := pool.Tokens{Input: 5, Output: 7}
	return pool.Transcript{
		Before: before, Checkpoint: pool.Checkpoint{Path: path, Identity: "i", Offset: from + 10}, ReadAt: later,
		Messages: []pool.Message{{ID: message, At: began, Conversation: conversation, Model: "opus", Project: "/src", Tokens: tokens, Cost: 3, CostSource: pool.CostEstimated}},
		Stated:   []pool.Stated{{At: began, Conversation: conversation, Model: "opus", Tokens: tokens.Plus(tokens), Cost: 9}},
		Signals:  []pool.Signal{{At: began, Conversation: conversation, Windows: []pool.Window{fullWindow()}, Met: pool.FiveHour, Outcome: pool.OutcomeSignedOut}},
	}
}

func fullWindow() pool.Window {
	return pool.Window{
		Kind: pool.FiveHour, Status: pool.StatusRejected, Utilization: &whole, ResetsAt: later.Add(time.Hour), ObservedAt: later, Source: pool.FromStream,
	}
}

// move is that of the conversation that is idle.
func move(ctx context.Context, s *sqlitestore.Store) error {
	idle := pool.Conversation{ID: "c2", ActiveAt: later}
	moved, err := s.MoveConversation(ctx, pool.Move{Conversation: idle, From: "s-1", To: "s-3", Reason: "more room"}, later)
	return orUnchanged(moved, err)
}

func rename(ctx context.Context, s *sqlitestore.Store, from, to string) error {
	_, err := s.UpdateSubscription(ctx, from, func(sub *pool.Subscription) error {
		sub.Name = to
		return nil
	})
	return err
}

var errUnchanged = errors.New("nothing was changed")

// unless is nil for the error that was wanted.
func unless(err, wanted error) error {
	if errors.Is(err, wanted) {
		return nil
	}
	return err
}

// orUnchanged is an error where nothing was changed that should have been.
func orUnchanged(changed bool, err error) error {
	if err == nil && !changed {
		return errUnchanged
	}
	return err
}

// writes are operations of several statements, and of one.
var writes = map[string]write{
	"move":   move,
	"rename": func(ctx context.Context, s *sqlitestore.Store) error { return rename(ctx, s, "s-3", "other") },
	"remove": func(ctx context.Context, s *sqlitestore.Store) error { return s.RemoveSubscription(ctx, "s-3", later) },
	"acquire": func(ctx context.Context, s *sqlitestore.Store) error {
		_, _, err := s.Acquire(ctx, pool.Request{Conversation: "c2", CWD: "/src", Follows: "idle"}, pool.DefaultPolicy(), alive, later)
		return err
	},
	"release": func(ctx context.Context, s *sqlitestore.Store) error {
		return s.Release(ctx, "runs", pool.End{Reason: pool.EndedByExit}, later)
	},
	"reclaim": func(ctx context.Context, s *sqlitestore.Store) error {
		ended, err := s.Reclaim(ctx, alive, later)
		return orUnchanged(len(ended) == 1, err)
	},
	"observe": func(ctx context.Context, s *sqlitestore.Store) error {
		entries := []pool.Entry{
			{ID: "e1", At: later, Conversation: "new", Model: "opus", Messages: 1, Tokens: pool.Tokens{Input: 1}},
			{ID: "e2", At: later, Conversation: "new", Model: "sonnet", Messages: 1, Tokens: pool.Tokens{Input: 2}, Cost: pool.USD(1e6), CostSource: pool.CostFromCLI},
		}
		return s.Observe(ctx, "runs", pool.Observation{
			At: later, Conversation: "new", Entries: entries, Windows: []pool.Window{fullWindow()}, Met: pool.FiveHour, Outcome: pool.OutcomeSignedOut,
		})
	},
	"restore": func(ctx context.Context, s *sqlitestore.Store) error {
		lost := pool.Session{ID: "lost", Subscription: "s-1", Conversation: "c2", StartedAt: began, EndedAt: later, End: pool.End{Reason: pool.EndedByExit}}
		return s.Restore(ctx, lost, []pool.Observation{{At: later, Conversation: "c2", Windows: []pool.Window{fullWindow()}}})
	},
	"transcript": func(ctx context.Context, s *sqlitestore.Store) error {
		return s.BookTranscript(ctx, transcript("c1", "m2", 0))
	},
	"windows": func(ctx context.Context, s *sqlitestore.Store) error {
		return s.ObserveWindows(ctx, "s-1", []pool.Window{fullWindow(), {Kind: pool.SevenDay, ObservedAt: later}})
	},
	"events": func(ctx context.Context, s *sqlitestore.Store) error {
		return s.RecordEvents(ctx, pool.StoreTroubleEvent("third", later), pool.StoreTroubleEvent("fourth", later))
	},
	"prune events": func(ctx context.Context, s *sqlitestore.Store) error {
		gone, err := s.PruneEvents(ctx, pool.EventLimits{Before: later, WaitingBefore: later})
		return orUnchanged(gone > 1, err)
	},
	"dispatch": func(ctx context.Context, s *sqlitestore.Store) error {
		return s.Dispatch(ctx, "hook", began.Add(-time.Hour), func(pool.Event) bool { return true })
	},
	"drop": func(ctx context.Context, s *sqlitestore.Store) error {
		dropped, err := s.Drop(ctx, pool.DeliveryQuery{})
		return orUnchanged(dropped > 1, err)
	},
	"shortages": func(ctx context.Context, s *sqlitestore.Store) error { // begins another
		_, _, err := s.Acquire(ctx, pool.Request{Tags: []string{"other"}}, pool.DefaultPolicy(), allAlive, later)
		return unless(err, pool.ErrExhausted)
	},
	"end of a task": func(ctx context.Context, s *sqlitestore.Store) error {
		return s.EndTask(ctx, "begun", pool.Process{PID: 1}, "{}", "", later)
	},
	"cooldown": func(ctx context.Context, s *sqlitestore.Store) error { return s.SetCooldown(ctx, "s-1", later) },
	"queue": func(ctx context.Context, s *sqlitestore.Store) error {
		_, err := s.Enqueue(ctx, pool.Request{Tags: []string{"work"}}, later)
		return err
	},
}
