package wrapper

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Limits in which a test can see whether they hold.
var (
	patient = drainLimit{idle: time.Minute, most: time.Minute, bytes: 1 << 30}
	hasty   = drainLimit{idle: 10 * time.Millisecond, most: time.Minute, bytes: 1 << 30}
)

// piped is a tee between two pipes: write to in, read from out.
func piped(t *testing.T, tap *bytes.Buffer) (tt *tee, in, out *os.File) {
	t.Helper()
	from, in, err := os.Pipe()
	require.NoError(t, err)
	out, to, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() {
		for _, f := range []*os.File{from, in, out, to} {
			_ = f.Close()
		}
	})
	tt = newTee(from, to, Command{})
	if tap != nil {
		tt.tap = tap
	}
	go tt.run()
	return tt, in, out
}

func wait(t *testing.T, c <-chan struct{}, what string) {
	t.Helper()
	select {
	case <-c:
	case <-time.After(20 * time.Second):
		t.Fatal(what)
	}
}

func write(t *testing.T, to *os.File, text string) {
	t.Helper()
	_, err := to.WriteString(text)
	require.NoError(t, err)
}

func requireRead(t *testing.T, from *os.File, want string) {
	t.Helper()
	buf := make([]byte, len(want)+1)
	for got := ""; got != want; {
		n, err := from.Read(buf)
		require.NoError(t, err)
		got += string(buf[:n])
		require.True(t, strings.HasPrefix(want, got), got)
	}
}

func TestTeeShowsTheTapWhatItCopies(t *testing.T) {
	t.Parallel()
	var tap bytes.Buffer
	tt, in, out := piped(t, &tap)
	write(t, in, "some output")
	requireRead(t, out, "some output")
	require.NoError(t, in.Close())
	wait(t, tt.done, "the end was not seen")
	require.Equal(t, "some output", tap.String())
}

func TestTeeDrainsToTheEnd(t *testing.T) {
	t.Parallel()
	tt, in, out := piped(t, nil)
	write(t, in, "tail")
	require.NoError(t, in.Close())
	tt.ask(patient)
	wait(t, tt.done, "the end was not seen")
	requireRead(t, out, "tail")
}

func TestTeeParksWhenNothingComesAndGoesOn(t *testing.T) {
	t.Parallel()
	tt, in, out := piped(t, nil)
	for _, text := range []string{"first", "second", "third"} {
		write(t, in, text)
		tt.ask(hasty)
		wait(t, tt.parked, "it did not park though nothing came")
		requireRead(t, out, text)
		tt.resume()
	}
}

func TestTeeParksAfterItsBytes(t *testing.T) {
	t.Parallel()
	tt, in, out := piped(t, nil)
	limit := patient
	limit.bytes = 10
	tt.ask(limit)
	write(t, in, "more than ten bytes")
	wait(t, tt.parked, "it did not park after its bytes")
	requireRead(t, out, "more than ten bytes")
}

func TestTeeParksAfterItsTime(t *testing.T) {
	t.Parallel()
	tt, in, out := piped(t, nil)
	limit := patient
	limit.most = time.Millisecond
	tt.ask(limit)
	go func() {
		for _, err := in.WriteString("x"); err == nil; _, err = in.WriteString("x") { // never idle
		}
	}()
	go func() {
		buf := make([]byte, 4096)
		for _, err := out.Read(buf); err == nil; _, err = out.Read(buf) {
		}
	}()
	wait(t, tt.parked, "it did not park after its time")
}

// A reader that takes long is not held against the CLI.
func TestTheTimeSpentOnWritingDoesNotCount(t *testing.T) {
	t.Parallel()
	limit := drainLimit{idle: time.Second, most: time.Second, bytes: 100}
	read, write, err := os.Pipe()
	require.NoError(t, err)
	defer read.Close()
	defer write.Close()
	limit.begun = time.Now().Add(-time.Hour)
	limit.count(10, time.Hour)
	require.True(t, limit.armRead(read))
	require.Equal(t, 90, limit.bytes)
	limit.begun = time.Now().Add(-time.Hour)
	require.False(t, limit.armRead(read))
}

func TestTeeWithNobodyToWriteTo(t *testing.T) {
	t.Parallel()
	for _, endOnBroken := range []bool{true, false} {
		var tap bytes.Buffer
		from, in, err := os.Pipe()
		require.NoError(t, err)
		out, to, err := os.Pipe()
		require.NoError(t, err)
		require.NoError(t, out.Close())
		tt := newTee(from, to, Command{Tap: &tap})
		tt.endOnBroken = endOnBroken
		go tt.run()
		write(t, in, "unread")
		if endOnBroken {
			wait(t, tt.done, "it read on though nobody reads it")
			require.NoError(t, in.SetWriteDeadline(time.Now().Add(20*time.Second)))
			for err == nil { // a process that another test is starting may hold the pipe for a moment
				_, err = in.WriteString("x")
			}
			require.ErrorIs(t, err, syscall.EPIPE, "the CLI learns it by its own write")
		} else {
			write(t, in, ", more")
			require.NoError(t, in.Close())
			wait(t, tt.done, "the end was not seen")
			require.Equal(t, "unread, more", tap.String())
		}
		_ = in.Close()
		_ = to.Close()
	}
}

func TestMessagesCrossTheLink(t *testing.T) {
	t.Parallel()
	ours, theirs, err := socketPair()
	require.NoError(t, err)
	other := os.NewFile(uintptr(theirs), "link")
	told := messages(ours)
	for _, m := range []message{{msgStarted, 4711}, {msgStopped, 20}, {msgEnded, 0xffffffff}} {
		require.NoError(t, send(other, m))
		require.Equal(t, m, <-told)
	}
	_, err = other.Write([]byte{1, 2}) // half a message, and its writer is gone
	require.NoError(t, err)
	require.NoError(t, other.Close())
	_, more := <-told
	require.False(t, more)
	require.True(t, errors.Is(send(ours, message{}), os.ErrClosed) || send(ours, message{}) != nil)
}
