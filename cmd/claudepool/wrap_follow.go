package main

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"claudepool/internal/claudecli"
	"claudepool/internal/transcripts"
	"claudepool/pool"
)

// How often the CLI's own note of its conversation is looked at: it is there for a tenth of a second
// only in a short run, and changes by /clear in a long one.
const (
	lookAtStart = 10 * time.Millisecond
	lookLater   = 200 * time.Millisecond
	startTakes  = 5 * time.Second
)

// follow observes which conversation the CLI is on, and whether it waits for its user, by the file that it keeps while
// it runs.
func (b *booker) follow(ctx context.Context, pid int) {
	path := filepath.Join(b.configDir, "sessions", strconv.Itoa(pid)+".json")
	began := time.Now()
	var seen time.Time
	var last claudecli.SessionFile
	for {
		wait := lookLater
		if time.Since(began) < startTakes {
			wait = lookAtStart
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		info, err := os.Stat(path)
		if err != nil || info.ModTime().Equal(seen) || info.ModTime().Before(b.beganOnDisk().Add(-time.Second)) {
			continue // not there, not changed, or left behind by another process of that number
		}
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		file := claudecli.ReadSessionFile(text)
		if file.Conversation == "" {
			continue // half written
		}
		seen = info.ModTime()
		b.followed.Store(true)
		if o := sinceNoted(last, file); !o.Empty() {
			b.observe(o)
		}
		last = file
	}
}

// beganOnDisk is when the session began, by the clock of the files of this machine.
func (b *booker) beganOnDisk() time.Time { return b.clock.onDisk(b.session.StartedAt) }

// sinceNoted is what the file tells that it did not tell before.
func sinceNoted(before, now claudecli.SessionFile) (o pool.Observation) {
	if now.Conversation != before.Conversation {
		o.Conversation = now.Conversation
	}
	if now.State != before.State {
		o.State = now.State
	}
	return o
}

// readTranscripts books what the transcripts of the session's conversations tell beyond the output.
func (b *booker) readTranscripts(ctx context.Context) {
	subscriptions, err := b.store.Subscriptions(ctx)
	if err != nil {
		return // best effort: the next sync reads them
	}
	root := b.root(subscriptions)
	if root.Dir == "" {
		return // the CLI wrote none
	}
	table, _ := b.places.prices() // `claudepool sync` tells of a file that is wrong
	b.claimUnnoted(ctx, root, subscriptions, table.Estimate)
	for _, conversation := range b.wasOn() {
		// Best effort, as above.
		_ = transcripts.SyncConversation(ctx, b.store, table.Estimate, root, conversation)
	}
}

// root is the directory of the session's transcripts.
func (b *booker) root(subscriptions []pool.Subscription) transcripts.Root {
	dir := b.transcripts()
	for _, known := range transcripts.Roots(subscriptions, b.places.defaultConfigDir()) {
		if known.Dir == dir {
			return known
		}
	}
	return transcripts.Root{Dir: dir}
}

// wasOn returns the conversations that the session was on, as far as that is known: first the one that it
// was to resume.
func (b *booker) wasOn() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.session.Conversation == "" || slices.Contains(b.conversations, b.session.Conversation) {
		return slices.Clone(b.conversations)
	}
	return append([]string{b.session.Conversation}, b.conversations...)
}
