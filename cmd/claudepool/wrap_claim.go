package main

import (
	"cmp"
	"context"
	"slices"
	"time"

	"claudepool/internal/claudecli"
	"claudepool/internal/transcripts"
	"claudepool/pool"
)

// claimUnnoted finds the transcripts of a CLI that keeps no note of its conversation (2.0.61 and before):
// those in the project's directory that were written during the session, where no other session of the
// pool can have written them. Where one can, nobody knows, and they stay as they are.
func (b *booker) claimUnnoted(
	ctx context.Context, root transcripts.Root, subscriptions []pool.Subscription, estimate transcripts.Estimate,
) {
	if b.followed.Load() || b.invocation.NoPersistence {
		return
	}
	directory := claudecli.ProjectPattern(root.Dir, b.session.CWD)
	written, err := transcripts.WrittenSince(ctx, b.store, directory, b.beganOnDisk())
	if err != nil || len(written) == 0 || !b.wasAlone(ctx, root, subscriptions) {
		return // best effort: the next sync reads them
	}
	b.claimConversations(ctx, written)
	// Before 2.0.61 takes up a conversation that it resumes it starts subagents, by the id of a new one. What
	// it tells of includes them, so they are booked to the conversation that it is on.
	known := b.wasOn()
	for _, w := range written {
		if len(known) > 0 && w.OfSubagent() && !slices.Contains(known, w.Conversation) {
			_ = transcripts.SyncAs(ctx, b.store, estimate, root, w.Path, known[len(known)-1]) // best effort, as above
		}
	}
}

// wasAlone tells whether no other session has run in this directory meanwhile whose transcripts lie in the
// same place.
func (b *booker) wasAlone(ctx context.Context, root transcripts.Root, subscriptions []pool.Subscription) bool {
	sessions, err := b.store.SessionsSince(ctx, b.session.StartedAt)
	if err != nil {
		return false
	}
	dirs := map[int64]string{}
	for _, s := range subscriptions {
		dirs[s.ID] = transcripts.DirOf(s, b.places.defaultConfigDir())
	}
	return !slices.ContainsFunc(sessions, func(s pool.Session) bool {
		meanwhile := s.EndedAt.IsZero() || s.EndedAt.After(b.session.StartedAt)
		elsewhere := s.CWD != b.session.CWD || cmp.Or(dirs[s.SubscriptionID], root.Dir) != root.Dir
		return s.ID != b.session.ID && s.End.Reason != pool.EndedOutside && meanwhile && !elsewhere
	})
}

// claimConversations observes the conversations that the session was on, unless it told them: one in a
// headless run, else one after the other. Any other is of use outside.
func (b *booker) claimConversations(ctx context.Context, written []transcripts.Written) {
	if b.told() {
		return
	}
	own := slices.DeleteFunc(slices.Clone(written), transcripts.Written.OfSubagent)
	if b.invocation.Headless && len(own) > 1 {
		return
	}
	var last time.Time
	for _, w := range own {
		if w.First.Before(last) {
			return
		}
		last = w.Last
	}
	for i, w := range own {
		at := w.First
		if i == 0 {
			at = b.session.StartedAt
		}
		// Best effort: without it the next sync shows them as unattributed.
		if b.store.Observe(ctx, b.session.ID, pool.Observation{At: at, Conversation: w.Conversation}) == nil {
			b.on(w.Conversation)
		}
	}
}
