package sqlitestore_test

import (
	"context"
	"fmt"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
	"claudepool/sqlitestore"
)

// lock takes the write lock of the database until the function that it returns is called.
func lock(t *testing.T, path string) (unlock func()) {
	t.Helper()
	db := raw(t, path)
	_, err := db.Exec(`BEGIN IMMEDIATE`)
	require.NoError(t, err)
	return func() {
		_, err := db.Exec(`ROLLBACK`)
		require.NoError(t, err)
		require.NoError(t, db.Close())
	}
}

func TestBusyAfterTheTimeout(t *testing.T) {
	t.Parallel()
	path := smallPool(t)
	const timeout = 60 * time.Millisecond
	s, err := sqlitestore.Open(t.Context(), path, sqlitestore.Options{BusyTimeout: timeout})
	require.NoError(t, err)
	unlock := lock(t, path)
	began := time.Now()
	alive := func(pool.Process) pool.Liveness { return pool.Alive }
	_, _, err = s.Acquire(t.Context(), pool.Request{}, pool.DefaultPolicy(), alive, began)
	require.ErrorIs(t, err, pool.ErrBusy)
	require.GreaterOrEqual(t, time.Since(began), timeout)
	_, err = s.Candidates(t.Context(), began)
	require.NoError(t, err, "who only reads does not wait")
	unlock()
	_, _, err = s.Acquire(t.Context(), pool.Request{}, pool.DefaultPolicy(), alive, began)
	require.NoError(t, err)
	require.NoError(t, s.Close())
}

func TestBusyWhileOpening(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	unlock := lock(t, path) // somebody else makes the database
	_, err := sqlitestore.Open(t.Context(), path, sqlitestore.Options{Create: true, BusyTimeout: 60 * time.Millisecond})
	require.ErrorIs(t, err, pool.ErrBusy)
	unlock()
	open(t, path)
}

// The wait for a lock ends with the caller's context.
func TestBusyUntilTheContextEnds(t *testing.T) {
	t.Parallel()
	path := smallPool(t)
	s, err := sqlitestore.Open(t.Context(), path, sqlitestore.Options{BusyTimeout: time.Minute})
	require.NoError(t, err)
	unlock := lock(t, path)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	err = s.SetEnabled(ctx, "s-1", false)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, time.Since(began), 20*time.Second)
	unlock()
	require.NoError(t, s.SetEnabled(t.Context(), "s-1", false))
	require.NoError(t, s.Close())
}

// A crowd of processes that are the first to open the database, all at once.
func TestManyProcessesCreateAtOnce(t *testing.T) {
	t.Parallel()
	path := dirOfChild(t) + "/state/pool.db"
	const processes = 50
	children := make([]*exec.Cmd, processes)
	outcomes := make(chan string, processes)
	for i := range children {
		children[i] = childCommand(path, childCreateVar+"=1")
		go func() {
			out, err := children[i].Output()
			outcomes <- fmt.Sprint(string(out), err)
		}()
	}
	for range processes {
		// It is a pool that nobody is in yet.
		require.Equal(t, "no pool (acquire a session: no pool)<nil>", <-outcomes)
	}
	requireSchema(t, path)
}

func TestManyHandlesCreateAtOnce(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	const handles = 50
	outcomes := make(chan error, handles)
	for range handles {
		go func() {
			s, err := sqlitestore.Open(t.Context(), path, sqlitestore.Options{Create: true})
			if err == nil {
				err = s.Close()
			}
			outcomes <- err
		}()
	}
	for range handles {
		require.NoError(t, <-outcomes)
	}
	requireSchema(t, path)
}

// requireSchema wants the database whole, and ours.
func requireSchema(t *testing.T, path string) {
	t.Helper()
	db := raw(t, path)
	var whole string
	var version int
	require.NoError(t, db.QueryRow(`PRAGMA integrity_check`).Scan(&whole))
	require.Equal(t, "ok", whole)
	require.NoError(t, db.QueryRow(`PRAGMA user_version`).Scan(&version))
	require.Positive(t, version)
	require.NoError(t, db.Close())
}
