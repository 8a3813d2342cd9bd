package replay_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"claudepool/internal/replay"
	"claudepool/internal/spill"
)

// source is an input on a pipe, and the end that it is written to.
func source(t *testing.T) (*replay.Input, *os.File) {
	t.Helper()
	read, write, err := os.Pipe()
	require.NoError(t, err)
	in, err := replay.Open(int(read.Fd()))
	require.NoError(t, err)
	require.NotNil(t, in)
	require.NoError(t, read.Close()) // the input has a descriptor of its own
	t.Cleanup(func() { in.Close(); _ = write.Close() })
	return in, write
}

func next(t *testing.T, in *replay.Input) *os.File {
	t.Helper()
	run, err := in.Next()
	require.NoError(t, err)
	t.Cleanup(func() { _ = run.Close() })
	require.NoError(t, run.SetReadDeadline(time.Now().Add(time.Minute)))
	return run
}

func requireAll(t *testing.T, want []byte, from io.Reader) {
	t.Helper()
	got, err := io.ReadAll(from)
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got), "%d of %d bytes", len(got), len(want))
}

func requirePart(t *testing.T, want []byte, from io.Reader) {
	t.Helper()
	got := make([]byte, len(want))
	_, err := io.ReadFull(from, got)
	require.NoError(t, err)
	require.True(t, bytes.Equal(want, got))
}

func random(n int) []byte {
	r := rand.NewChaCha8([32]byte{1})
	p := make([]byte, n)
	_, _ = r.Read(p)
	return p
}

// Not parallel: where files are made is a matter of the environment.
func TestAPipeIsReadAgain(t *testing.T) {
	for _, size := range []int{0, 1, 64 << 10, spill.InMemory + 1, 40 << 20} {
		dir := t.TempDir()
		t.Setenv("TMPDIR", dir)
		in, write := source(t)
		want := random(size)
		go func() {
			_, _ = write.Write(want)
			_ = write.Close()
		}()
		for range 3 {
			requireAll(t, want, next(t, in))
			entries, err := os.ReadDir(dir)
			require.NoError(t, err)
			require.Empty(t, entries, "%d bytes", size)
		}
	}
}

// Without room to keep it one run gets all of it, and the next one learns that it can't.
func TestWhatCanNotBeKeptIsReadOnce(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "missing"))
	in, write := source(t)
	want := random(spill.WithoutFile + 10<<20)
	go func() {
		_, _ = write.Write(want)
		_ = write.Close()
	}()
	requireAll(t, want, next(t, in))
	_, err := in.Next()
	require.ErrorIs(t, err, replay.ErrLost)
}

func TestASocketIsReadAgain(t *testing.T) {
	t.Parallel()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	require.NoError(t, err)
	in, err := replay.Open(fds[0])
	require.NoError(t, err)
	require.NotNil(t, in)
	require.NoError(t, unix.Close(fds[0]))
	file := os.NewFile(uintptr(fds[1]), "socket")
	writer, err := net.FileConn(file)
	require.NoError(t, err)
	require.NoError(t, file.Close())
	_, err = writer.Write([]byte("said once"))
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	for range 2 {
		requireAll(t, []byte("said once"), next(t, in))
	}
	in.Close()
}

// A file is read from where it was, which need not be its beginning.
func TestAFileIsWoundBackToWhereItWas(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, []byte("read before, and now"), 0o600))
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	requirePart(t, []byte("read before, "), file)
	in, err := replay.Open(int(file.Fd()))
	require.NoError(t, err)
	require.NotNil(t, in)
	for _, part := range []string{"and now", "and", "and now"} {
		run, err := in.Next()
		require.NoError(t, err)
		requirePart(t, []byte(part), run)
		require.NoError(t, run.Close())
	}
	in.Close()
	rest, err := io.ReadAll(file)
	require.NoError(t, err)
	require.Empty(t, rest, "what a run has read is read, as it would be without us")
}

func TestWhatIsHandedOnIsNotKept(t *testing.T) {
	t.Parallel()
	null, err := os.Open(os.DevNull)
	require.NoError(t, err)
	defer null.Close()
	master, slave, err := pty.Open()
	require.NoError(t, err)
	defer master.Close()
	defer slave.Close()
	for _, f := range []*os.File{null, slave} {
		in, err := replay.Open(int(f.Fd()))
		require.NoError(t, err)
		require.Nil(t, in, f.Name())
	}
	_, err = replay.Open(1 << 20)
	require.ErrorIs(t, err, syscall.EBADF)
}

func TestARunThatReadsAPartLeavesAllToTheNext(t *testing.T) {
	t.Parallel()
	in, write := source(t)
	want := random(3 << 20)
	go func() {
		_, _ = write.Write(want)
		_ = write.Close()
	}()
	for _, part := range []int{1, 100_000, 0, 2 << 20} {
		run := next(t, in)
		requirePart(t, want[:part], run)
		require.NoError(t, run.Close())
	}
	requireAll(t, want, next(t, in))
}

// A run that ends while its input is still open: what comes after goes to the next one.
func TestAPipeThatStaysOpen(t *testing.T) {
	t.Parallel()
	in, write := source(t)
	first := next(t, in)
	_, err := write.WriteString("first, ")
	require.NoError(t, err)
	requirePart(t, []byte("first, "), first)
	require.NoError(t, first.Close())
	second := next(t, in)
	requirePart(t, []byte("first, "), second)
	_, err = write.WriteString("second, ")
	require.NoError(t, err)
	requirePart(t, []byte("second, "), second)
	require.NoError(t, second.Close())
	third := next(t, in)
	requirePart(t, []byte("first, second, "), third)
	_, err = write.WriteString("end")
	require.NoError(t, err)
	require.NoError(t, write.Close())
	requireAll(t, []byte("end"), third)
}

// Nothing is read that the run does not take: one chunk, and what its pipe holds.
func TestAPipeIsNotReadAhead(t *testing.T) {
	t.Parallel()
	in, write := source(t)
	next(t, in) // takes nothing
	require.NoError(t, write.SetWriteDeadline(time.Now().Add(300*time.Millisecond)))
	n, err := write.Write(random(1 << 20))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded, "whoever writes has to wait")
	const pipe, chunk = 64 << 10, 64 << 10
	require.LessOrEqual(t, n, pipe+chunk+pipe)
}

func TestAWriterLearnsThatNobodyReadsAnyMore(t *testing.T) {
	t.Parallel()
	in, write := source(t)
	run := next(t, in)
	_, err := write.WriteString("x")
	require.NoError(t, err)
	requirePart(t, []byte("x"), run)
	require.NoError(t, run.Close())
	in.Close()
	require.NoError(t, write.SetWriteDeadline(time.Now().Add(20*time.Second)))
	for err == nil { // the run's last read may take one more
		_, err = write.WriteString("x")
	}
	require.ErrorIs(t, err, syscall.EPIPE)
}
