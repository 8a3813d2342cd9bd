package main

import (
	"context"
	"os"
	"time"

	"claudepool/internal/transcripts"
)

// readEvery is how often the transcript of a run is read whose output tells nothing: others want to know what
// a person's session uses, and that it has met a limit, before it ends.
const readEvery = 5 * time.Second

// live reads a session's transcripts while it runs.
type live struct {
	conversation, path string
	size               int64
}

// read books what the session's latest conversation has new. Best effort: at the end all is read again.
func (v *live) read(ctx context.Context, b *booker) {
	if b.store == nil {
		return
	}
	if on := b.wasOn(); len(on) > 0 && on[len(on)-1] != v.conversation {
		*v = live{conversation: on[len(on)-1]}
	}
	if v.path == "" {
		v.path = transcripts.Find([]string{b.transcripts()}, v.conversation)
	}
	info, err := os.Stat(v.path)
	if err != nil || info.Size() == v.size {
		return
	}
	subscriptions, err := b.store.Subscriptions(ctx)
	if err != nil {
		return
	}
	table, _ := b.places.prices() // `claudepool sync` tells of a file that is wrong
	if transcripts.SyncConversation(ctx, b.store, table.Estimate, b.root(subscriptions), v.conversation) == nil {
		v.size = info.Size()
	}
}
