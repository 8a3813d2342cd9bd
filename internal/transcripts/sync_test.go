package transcripts_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/memstore"
	"claudepool/internal/transcripts"
	"claudepool/pool"
)

var (
	ctx  = context.Background()
	noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
)

func noPrice(string, pool.Tokens) (pool.NanoUSD, bool) { return 0, false }

// place is a pool of one subscription with a directory of transcripts.
type place struct {
	*testing.T
	store pool.Store
	dir   string
}

func newPlace(t *testing.T) place {
	t.Helper()
	t.Parallel()
	p := place{t, memstore.New(), filepath.Join(t.TempDir(), "projects")}
	require.NoError(t, os.MkdirAll(filepath.Join(p.dir, "slug"), 0o700))
	_, err := p.store.AddSubscription(ctx, pool.Subscription{Name: "work", Enabled: true, CreatedAt: noon})
	require.NoError(t, err)
	return p
}

func (p place) write(name, text string) string {
	p.Helper()
	path := filepath.Join(p.dir, "slug", name)
	require.NoError(p, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(p, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func (p place) append(name, text string) {
	p.Helper()
	file, err := os.OpenFile(filepath.Join(p.dir, "slug", name), os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(p, err)
	_, err = file.WriteString(text)
	require.NoError(p, err)
	require.NoError(p, file.Close())
}

func (p place) sync() transcripts.Report {
	p.Helper()
	report, err := transcripts.Sync(ctx, p.store, noPrice, transcripts.Root{Dir: p.dir, Owner: "work"})
	require.NoError(p, err)
	return report
}

// total is the ledger's sum of messages, input and output.
func (p place) total() string {
	p.Helper()
	rows, err := p.store.Usage(ctx, pool.UsageQuery{})
	require.NoError(p, err)
	u := rows[0].Usage
	return fmt.Sprintf("%d: %d in, %d out", u.Messages, u.Tokens.Input, u.Tokens.Output)
}

func message(conversation, id string, input, output int) string {
	return fmt.Sprintf(`{"type":"assistant","sessionId":%q,"timestamp":"2026-11-24T12:00:00Z","cwd":"/src","message":{"id":%q,"model":"m","usage":{"input_tokens":%d,"output_tokens":%d}}}`+"\n",
		conversation, id, input, output)
}

func costState(conversation string, input, output int) string {
	return fmt.Sprintf(`{"type":"cost-state","sessionId":%q,"modelUsage":{"m":{"inputTokens":%d,"outputTokens":%d,"costUSD":1}}}`+"\n", conversation, input, output)
}

func TestSyncGoesOnWhereItWas(t *testing.T) {
	p := newPlace(t)
	p.write("c.jsonl", message("c", "m1", 1, 2)+message("c", "m2", 10, 20)[:40])
	p.sync()
	require.Equal(t, "1: 1 in, 2 out", p.total(), "a line without its end is not read yet")
	p.append("c.jsonl", message("c", "m2", 10, 20)[40:])
	require.Equal(t, 1, p.sync().Messages)
	require.Equal(t, "2: 11 in, 22 out", p.total())
	require.Zero(t, p.sync().Files)
	require.Equal(t, "2: 11 in, 22 out", p.total())
}

func TestAMessageCountsOnceWithItsFinalFigures(t *testing.T) {
	p := newPlace(t)
	p.write("c.jsonl", message("c", "m1", 1, 2)+message("c", "m1", 1, 50)+message("c", "m1", 1, 3))
	p.sync()
	require.Equal(t, "1: 1 in, 50 out", p.total())
	p.append("c.jsonl", message("c", "m1", 1, 60))
	p.write("fork.jsonl", message("fork", "m1", 1, 60)+message("fork", "m2", 5, 5))
	p.write("c/subagents/agent-1.jsonl", message("c", "m3", 7, 7))
	p.write("c/subagents/agent-1.meta.json", message("c", "m9", 7, 7))
	p.sync()
	require.Equal(t, "3: 13 in, 72 out", p.total())
}

func TestWhatTheTranscriptDoesNotHoldIsBookedFromItsFigures(t *testing.T) {
	p := newPlace(t)
	p.write("c.jsonl", message("c", "m1", 1, 2)+costState("c", 4, 9))
	p.sync()
	require.Equal(t, "1: 4 in, 9 out", p.total())
	p.append("c.jsonl", message("c", "m2", 1, 1)+costState("c", 5, 10))
	p.sync()
	require.Equal(t, "2: 5 in, 10 out", p.total())
	// The figures of a second process that began with the same ones add nothing: its messages do.
	p.append("c.jsonl", message("c", "m3", 2, 2)+costState("c", 6, 9))
	p.sync()
	require.Equal(t, "3: 5 in, 10 out", p.total())
	p.append("c.jsonl", message("c", "m4", 20, 20))
	p.sync()
	require.Equal(t, "4: 24 in, 25 out", p.total(), "the CLI forgot some: the messages count")
}

func TestAFileThatShrankOrWasReplacedCountsNothingTwice(t *testing.T) {
	p := newPlace(t)
	whole := message("c", "m1", 1, 1) + message("c", "m2", 2, 2) + costState("c", 9, 9)
	path := p.write("c.jsonl", whole)
	p.sync()
	require.Equal(t, "2: 9 in, 9 out", p.total())
	require.NoError(t, os.Truncate(path, 20))
	p.sync()
	require.NoError(t, os.Remove(path))
	p.write("c.jsonl", whole+message("c", "m3", 30, 30))
	p.sync()
	require.Equal(t, "3: 33 in, 33 out", p.total())
}

func TestLinesThatTellNothing(t *testing.T) {
	p := newPlace(t)
	quoted := strings.ReplaceAll(strings.TrimSpace(message("c", "m9", 99, 99)), `"`, `\"`)
	p.write("c.jsonl", strings.Join([]string{
		"", "null", "{", "\x00\xff", `{"type":"user","message":{"content":"` + quoted + `"}}`,
		`{"type":"assistant","sessionId":"c","message":{"id":"s","model":"<synthetic>","usage":{"input_tokens":5}}}`,
		`{"type":"unheard-of","message":{"id":"x","usage":{"input_tokens":5},"role":"assistant"}}`,
		`{"type":"assistant","sessionId":"c","message":{"id":"n","usage":{"input_tokens":-5,"output_tokens":"7"}}}`,
	}, "\n")+"\n"+`{"type":"assistant","sessionId":"c","mess`+message("c", "m1", 1, 2))
	p.sync()
	require.Equal(t, "1: 1 in, 2 out", p.total(), "what a crash cut off may stand before a whole line")
}

func TestALineTooLongIsPassedOver(t *testing.T) {
	p := newPlace(t)
	p.write("c.jsonl", message("c", "m1", 1, 1)+`{"type":"file-history-snapshot","x":"`+strings.Repeat("y", 40<<20)+"\"}\n"+message("c", "m2", 2, 2))
	p.sync()
	require.Equal(t, "2: 3 in, 3 out", p.total())
	require.Zero(t, p.sync().Files)
}

func TestTroubleWithOneFileIsNamedAndTheRestIsRead(t *testing.T) {
	p := newPlace(t)
	require.NoError(t, os.Mkdir(filepath.Join(p.dir, "slug", "directory.jsonl"), 0o700))
	require.NoError(t, syscall.Mkfifo(filepath.Join(p.dir, "slug", "fifo.jsonl"), 0o600))
	require.NoError(t, os.Symlink("loop.jsonl", filepath.Join(p.dir, "slug", "loop.jsonl")))
	p.write("zero.jsonl", "")
	p.write("z.jsonl", message("z", "m1", 1, 2))
	report := p.sync()
	require.Equal(t, "1: 1 in, 2 out", p.total())
	require.Len(t, report.Troubles, 2, report.Troubles)
	require.Contains(t, report.Troubles[0], "fifo.jsonl: is no file")
	require.Contains(t, report.Troubles[1], "loop.jsonl: is no file")
}

func TestRootsSharedByTwoHaveNoOwner(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	for _, dir := range []string{"shared", "a", "b", "own/projects", "home/projects"} {
		require.NoError(t, os.MkdirAll(filepath.Join(base, dir), 0o700))
	}
	for _, dir := range []string{"a", "b"} {
		require.NoError(t, os.Symlink(filepath.Join(base, "shared"), filepath.Join(base, dir, "projects")))
	}
	roots := transcripts.Roots([]pool.Subscription{
		{Name: "a", ConfigDir: filepath.Join(base, "a")}, {Name: "b", ConfigDir: filepath.Join(base, "b")},
		{Name: "own", ConfigDir: filepath.Join(base, "own")}, {Name: "default"}, {Name: "gone", ConfigDir: "/nowhere"},
	}, filepath.Join(base, "home"))
	require.Equal(t, []transcripts.Root{
		{Dir: filepath.Join(base, "shared")},
		{Dir: filepath.Join(base, "own/projects"), Owner: "own"},
		{Dir: filepath.Join(base, "home/projects"), Owner: "default"},
	}, roots)
}
