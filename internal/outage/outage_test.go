package outage

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var errAway = errors.New("no route to it")

// machine is an outage with a clock of the test's own.
type machine struct {
	Outage
	t     *testing.T
	clock atomic.Int64
	tries atomic.Int64
}

func newMachine(t *testing.T) *machine {
	m := &machine{t: t}
	m.clock.Store(time.Now().UnixNano())
	m.Outage = Outage{
		Path: filepath.Join(t.TempDir(), "state", "away"), Away: func(err error) bool { return errors.Is(err, errAway) },
		Now: func() time.Time { return time.Unix(0, m.clock.Load()) },
	}
	return m
}

func (m *machine) later(d time.Duration) { m.clock.Add(int64(d)) }

func (m *machine) try(err error) error {
	return m.Try(func() error { m.tries.Add(1); return err })
}

func TestAfterAFailureNobodyTriesForAWhile(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	require.NoError(t, m.try(nil))
	require.NoFileExists(t, m.Path)
	since := m.Now()
	require.Equal(t, errAway, m.try(errAway))

	m.later(Pause - time.Second)
	var refused *Error
	require.ErrorAs(t, m.try(nil), &refused)
	require.Equal(t, int64(2), m.tries.Load(), "not tried")
	require.True(t, since.Equal(refused.Since))
	require.EqualError(t, refused, "no route to it")

	m.later(2 * time.Second)
	require.Equal(t, errAway, m.try(errAway), "one tries")
	require.ErrorAs(t, m.try(nil), &refused)
	require.True(t, since.Equal(refused.Since), "it is the same outage")

	m.later(Pause)
	require.NoError(t, m.try(nil))
	require.NoFileExists(t, m.Path)
	require.NoError(t, m.try(nil))
}

// Only one of those who come after the pause tries, and the others do not wait for it.
func TestOneTriesAgain(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	require.Error(t, m.try(errAway))
	m.later(Pause)
	trying, end := make(chan struct{}), make(chan struct{})
	var one sync.WaitGroup
	one.Go(func() {
		if err := m.Try(func() error { close(trying); <-end; return nil }); err != nil {
			t.Error(err)
		}
	})
	<-trying
	for range 50 {
		require.ErrorAs(t, m.try(nil), new(*Error))
	}
	require.Equal(t, int64(1), m.tries.Load())
	close(end)
	one.Wait()
	require.NoError(t, m.try(nil))
}

// A person who asks gets an answer, and ends the outage for all where there is one.
func TestAskingEndsAnOutage(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	require.Error(t, m.try(errAway))
	require.NoError(t, m.Ask(func() error { return nil }))
	require.NoError(t, m.try(nil))
}

func TestOtherErrorsAreNoOutage(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	other := errors.New("constraint failed")
	require.Equal(t, other, m.try(other))
	require.NoFileExists(t, m.Path)
}

func TestClocksAndPlacesThatAreWrong(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	require.Error(t, m.try(errAway))
	m.later(-time.Hour)
	require.NoError(t, m.try(nil), "a failure of the future does not count")

	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	m.Path = filepath.Join(file, "away")
	require.Equal(t, errAway, m.try(errAway))
	require.NoError(t, m.try(nil), "each for themselves")

	m.Path = filepath.Join(t.TempDir(), "away")
	require.NoError(t, os.WriteFile(m.Path, []byte("{"), 0o600))
	require.NoError(t, os.Chtimes(m.Path, m.Now(), m.Now()))
	require.EqualError(t, m.try(nil), "it failed a moment ago")
}

// holderVar names a file: the test binary is then a process that tries, until it is killed.
const holderVar = "OUTAGE_HOLDER"

func TestMain(m *testing.M) {
	if path := os.Getenv(holderVar); path != "" {
		o := Outage{Path: path, Away: func(error) bool { return false }, Now: time.Now}
		_ = o.Try(func() error {
			_, _ = os.Stdout.WriteString("trying\n")
			_, err := os.Stdin.Read(make([]byte, 1))
			return err
		})
		os.Exit(1)
	}
	os.Exit(m.Run())
}

func TestAKilledOneIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	m := newMachine(t)
	require.Error(t, m.try(errAway))
	long := time.Now().Add(-time.Minute)
	require.NoError(t, os.Chtimes(m.Path, long, long))
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), holderVar+"="+m.Path)
	stdin, err := cmd.StdinPipe()
	require.NoError(t, err)
	defer stdin.Close()
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	_, err = stdout.Read(make([]byte, 7))
	require.NoError(t, err)
	require.ErrorAs(t, m.try(nil), new(*Error), "it tries")
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait() // killed
	require.NoError(t, m.try(nil))
}
