package spill_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/spill"
)

// Whatever is written in whatever pieces is what is read, at any place; and no name of a file is left.
func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, size := range []int{0, 1, spill.InMemory, spill.InMemory + 1, 3*spill.InMemory + 17} {
		b := &spill.Buffer{Dir: dir}
		want := random(size)
		for rest := want; len(rest) > 0; {
			n := min(1+rand.IntN(300_000), len(rest))
			wrote, err := b.Write(rest[:n])
			require.NoError(t, err)
			require.Equal(t, n, wrote)
			rest = rest[n:]
		}
		require.Equal(t, int64(size), b.Size())
		var got bytes.Buffer
		_, err := b.WriteTo(&got)
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, got.Bytes()), "%d bytes", size)
		for range 50 {
			from := rand.IntN(size + 1)
			p := make([]byte, rand.IntN(size-from+1))
			n, err := b.ReadAt(p, int64(from))
			require.NoError(t, err)
			require.True(t, bytes.Equal(want[from:from+n], p))
		}
		_, err = b.ReadAt(make([]byte, 1), int64(size))
		require.ErrorIs(t, err, io.EOF)
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Empty(t, entries)
		b.Reset()
		require.Zero(t, b.Size())
	}
}

// Without a place for a file memory has to do, up to a bound.
func TestWithoutAFile(t *testing.T) {
	t.Parallel()
	b := &spill.Buffer{Dir: filepath.Join(t.TempDir(), "missing")}
	piece := random(1 << 20)
	for range spill.WithoutFile / len(piece) {
		_, err := b.Write(piece)
		require.NoError(t, err)
	}
	_, err := b.Write([]byte{1})
	require.ErrorIs(t, err, spill.ErrFull)
	require.Equal(t, int64(spill.WithoutFile), b.Size())
	got := make([]byte, len(piece))
	_, err = b.ReadAt(got, int64(len(piece)))
	require.NoError(t, err)
	require.True(t, bytes.Equal(piece, got))
}

func random(n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(rand.IntN(256))
	}
	return p
}
