package claudecli_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

func FuzzMeter(f *testing.F) {
	files, err := os.ReadDir(filepath.Join("testdata", "captures"))
	require.NoError(f, err)
	for _, file := range files {
		f.Add([]byte(capture(f, file.Name())), formatOf(file.Name()) == "stream-json", 13)
	}
	f.Add([]byte("{\n\"a\":\"\\\n[{\"type\":\"result\"}]"), true, 1)
	f.Fuzz(func(t *testing.T, output []byte, stream bool, size int) {
		format := "json"
		if stream {
			format = "stream-json"
		}
		want := meter(string(output), format, len(output)+1)
		require.Equal(t, want, meter(string(output), format, min(max(size, 1), 1<<20)))
		for _, e := range want.entries {
			requireBounded(t, e)
		}
	})
}

func requireBounded(t *testing.T, e pool.Entry) {
	t.Helper()
	bounded := e.Bounded()
	require.Equal(t, bounded.Tokens, e.Tokens)
	require.Equal(t, bounded.Cost, e.Cost)
}

func FuzzLine(f *testing.F) {
	for _, line := range corpus(f) {
		f.Add(line.Kind, line.Line)
	}
	f.Fuzz(func(t *testing.T, kind, text string) {
		r := read(kind, text)
		requireBounded(t, pool.Entry{Tokens: r.Tokens})
		require.True(t, r.Cost == nil || *r.Cost >= 0)
		_ = r.Limit.Resets(atNoon, nil)
		if l, ok := claudecli.ReadTranscriptLine([]byte(text)); ok {
			signal, is := l.Signal(atNoon, nil)
			require.Equal(t, is, signal.Conversation != "")
		}
		for _, w := range claudecli.ReadStatusLineInput([]byte(text), atNoon).Windows {
			require.True(t, w.Kind != "" && *w.Utilization >= 0)
		}
	})
}
