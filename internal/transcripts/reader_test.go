package transcripts_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/memstore"
	"claudepool/internal/transcripts"
	"claudepool/pool"
)

// TestAFileWrittenAnewInPlaceIsReadFromItsStart: the CLI takes lines out of the end of a transcript, and
// then adds others.
func TestAFileWrittenAnewInPlaceIsReadFromItsStart(t *testing.T) {
	p := newPlace(t)
	path := p.write("c.jsonl", message("c", "m1", 1, 1)+message("c", "m2", 20, 20)+costState("c", 21, 21))
	p.sync()
	require.NoError(t, os.WriteFile(path, []byte(message("c", "m1", 1, 1)+message("c", "another", 4000, 4000)+
		message("c", "m4", 50_000, 50_000)+message("c", "m5", 600_000, 600_000)), 0o600))
	p.sync()
	require.Equal(t, "5: 654021 in, 654021 out", p.total())
}

func TestTheReportCountsWhatWasRead(t *testing.T) {
	p := newPlace(t)
	line := message("c", "m1", 1, 1)
	path := p.write("c.jsonl", line+line+line[:30])
	report := p.sync()
	require.Equal(t, int64(2*len(line)), report.Bytes)
	require.Equal(t, 1, report.Files)
	require.Zero(t, p.sync().Files, "a line without its end is nothing new")
	require.NoError(t, os.Truncate(path, int64(len(line))))
	require.Equal(t, int64(len(line)), p.sync().Bytes, "a file that shrank is read again")
}

func TestALongLineIsReadOnceItEnds(t *testing.T) {
	p := newPlace(t)
	long := `{"type":"file-history-snapshot","x":"` + strings.Repeat("y", 20<<20)
	p.write("c.jsonl", message("c", "m1", 1, 1)+long)
	p.sync()
	p.append("c.jsonl", long)
	p.sync()
	p.append("c.jsonl", "\"}\n"+message("c", "m2", 2, 2)+strings.Replace(message("c", "m3", 3, 3), `"cwd":"/src"`, `"cwd":"/src","x":"`+strings.Repeat("z", 3<<20)+`"`, 1))
	require.Equal(t, 2, p.sync().Messages)
	require.Equal(t, "3: 6 in, 6 out", p.total())
	require.Zero(t, p.sync().Files)
}

func TestSyncEndsWhenItIsTold(t *testing.T) {
	p := newPlace(t)
	p.write("c.jsonl", message("c", "m1", 1, 1))
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err := transcripts.Sync(cancelled, p.store, noPrice, transcripts.Root{Dir: p.dir})
	require.ErrorIs(t, err, context.Canceled)
}

// heap remembers how much memory was in use when messages were booked.
type heap struct {
	pool.Store
	most uint64
}

func (h *heap) BookTranscript(ctx context.Context, t pool.Transcript) error {
	runtime.GC()
	var now runtime.MemStats
	runtime.ReadMemStats(&now)
	h.most = max(h.most, now.HeapAlloc)
	return h.Store.BookTranscript(ctx, t)
}

// TestMemoryDoesNotGrowWithTheLines: what waits to be booked does not hold on to the lines it is of.
func TestMemoryDoesNotGrowWithTheLines(t *testing.T) {
	dir := t.TempDir()
	file, err := os.Create(filepath.Join(dir, "c.jsonl"))
	require.NoError(t, err)
	long := strings.Repeat("x", 100<<10)
	for n := range 1500 {
		line := message("c", string(rune('a'+n%26))+strings.Repeat("i", n/26), 1, 1)
		_, err := file.WriteString(strings.Replace(line, `"usage"`, `"content":"`+long+`","usage"`, 1))
		require.NoError(t, err)
	}
	require.NoError(t, file.Close())
	store := &heap{Store: memstore.New()}
	report, err := transcripts.Sync(ctx, store, noPrice, transcripts.Root{Dir: dir})
	require.NoError(t, err)
	require.Equal(t, 1500, report.Messages)
	require.Less(t, store.most, uint64(40<<20))
}
