package transcripts_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/transcripts"
)

func TestWrittenSinceTellsWhatNoSyncHasSeen(t *testing.T) {
	p := newPlace(t)
	old := strings.ReplaceAll(message("c", "m0", 1, 1), "T12:00:00Z", "T11:00:00Z")
	p.write("c.jsonl", old+message("c", "m1", 1, 2))
	p.write("agent-1.jsonl", message("passing", "m2", 3, 4))
	p.write("old.jsonl", strings.ReplaceAll(old, `"c"`, `"old"`))
	p.write("seen.jsonl", message("seen", "m3", 5, 6))
	require.NoError(t, transcripts.SyncConversation(ctx, p.store, noPrice, transcripts.Root{Dir: p.dir}, "seen"))
	require.NoError(t, os.Mkdir(filepath.Join(p.dir, "slug", "directory.jsonl"), 0o700))

	written, err := transcripts.WrittenSince(ctx, p.store, filepath.Join(p.dir, "slug"), noon.Add(-time.Second))
	require.NoError(t, err)
	of := map[string]bool{}
	for _, w := range written {
		of[w.Conversation] = w.OfSubagent()
	}
	require.Equal(t, map[string]bool{"c": false, "passing": true}, of)
}

func TestSyncAsBooksToAnotherConversation(t *testing.T) {
	p := newPlace(t)
	path := p.write("agent-1.jsonl", message("passing", "m1", 3, 4))
	p.write("c.jsonl", costState("c", 3, 4))
	require.NoError(t, transcripts.SyncAs(ctx, p.store, noPrice, transcripts.Root{Dir: p.dir, Owner: "work"}, path, "c"))
	p.sync()
	require.Equal(t, "1: 3 in, 4 out", p.total(), "what the CLI told of c includes it")
}
