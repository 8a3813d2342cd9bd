package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
	"claudepool/internal/memstore"
	"claudepool/internal/procid"
	"claudepool/internal/spool"
	"claudepool/pool"
)

// hurried is a store for a run that ends: what reads all of the past is refused, for its cost grows with that.
type hurried struct {
	pool.Store
	*testing.T
}

func (h hurried) Sessions(ctx context.Context, all bool, limit int) ([]pool.Session, error) {
	require.False(h, all, "all sessions that ever ran are read")
	return h.Store.Sessions(ctx, all, limit)
}

func (h hurried) Checkpoints(ctx context.Context, prefix string) (map[string]pool.Checkpoint, error) {
	require.NotEmpty(h, prefix, "the checkpoints of all transcripts are read")
	return h.Store.Checkpoints(ctx, prefix)
}

func (h hurried) Usage(context.Context, pool.UsageQuery) ([]pool.UsageRow, error) {
	h.Error("the ledger is added up")
	return nil, nil
}

// The end of a run whose CLI keeps no note of its conversation finds out by the transcripts which one it was.
func TestTheEndOfARunReadsNotAllOfThePast(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	project := filepath.Join(dir, "projects", "-src")
	require.NoError(t, os.MkdirAll(project, 0o700))
	store := memstore.New()
	sub, err := store.AddSubscription(t.Context(), pool.Subscription{Name: "work", ConfigDir: dir, Enabled: true})
	require.NoError(t, err)
	process, err := procid.Self()
	require.NoError(t, err)
	began := time.Now().Add(-time.Minute)
	session, _, err := store.Acquire(t.Context(), pool.Request{Process: process, CWD: "/src"}, pool.DefaultPolicy(), procid.Probe, began)
	require.NoError(t, err)
	line := fmt.Sprintf(`{"type":"assistant","sessionId":"c","timestamp":%q,"cwd":"/src","message":{"id":"m","model":"x","usage":{"input_tokens":7}}}`+"\n",
		began.Add(time.Second).UTC().Format(time.RFC3339))
	require.NoError(t, os.WriteFile(filepath.Join(project, "c.jsonl"), []byte(line), 0o600))

	b := &booker{
		lease: lease{store: hurried{store, t}, session: session, subscription: sub}, spool: spool.New(t.TempDir()), now: time.Now,
		configDir: dir, places: places{home: dir, config: dir, state: dir, data: dir}, invocation: claudecli.ParseArgs(nil), well: true,
	}
	b.settle(t.Context())
	booked, err := store.Session(t.Context(), session.ID)
	require.NoError(t, err)
	require.Equal(t, "c", booked.Conversation, "the transcript was found")
}
