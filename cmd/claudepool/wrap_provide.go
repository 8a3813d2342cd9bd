package main

import (
	"context"
	"path/filepath"

	"claudepool/internal/claudecli"
	"claudepool/internal/transcripts"
	"claudepool/pool"
)

// transcripts is the directory of the session's transcripts, behind all links; "" where there is none.
func (b *booker) transcripts() string {
	dir, err := filepath.EvalSymlinks(filepath.Join(b.configDir, "projects"))
	if err != nil {
		return ""
	}
	return dir
}

// transcriptOf is the transcript of a conversation that an attempt was on, "" where there is none.
func transcriptOf(at *attempt, conversation string) string {
	return transcripts.Find([]string{at.transcripts()}, conversation)
}

// transcriptsOf is the directory in which a CLI on the lease keeps transcripts, whether it is there or not.
func (l *launch) transcriptsOf(lease lease) string {
	return filepath.Join(claudecli.ConfigDir(l.leaseEnvironment(lease)), "projects")
}

// provide makes the conversation that the run takes up available to the CLI on the lease, where another
// subscription has it: their directories may not be shared.
func (l *launch) provide(ctx context.Context, lease lease) error {
	l.mendLinks(lease)
	inv := l.invocation
	if lease.store == nil || lease.asIs || inv.Resume == "" && !inv.Continue {
		return nil
	}
	subscriptions, err := lease.store.Subscriptions(ctx)
	if err != nil {
		return err
	}
	path := l.transcriptFor(subscriptions, lease.subscription, pool.Request{Conversation: inv.Resume, CWD: lease.session.CWD})
	if path == "" {
		return nil // a name, or nothing of ours: the CLI says what it thinks of it
	}
	table, _ := l.settings.places.prices() // `claudepool sync` tells of a file that is wrong
	return transcripts.Provide(ctx, lease.store, table.Estimate, path, l.transcriptsOf(lease))
}
