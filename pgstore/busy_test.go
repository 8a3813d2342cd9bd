//go:build pg

package pgstore

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// hold keeps a lock of the pool until the end of the test.
func hold(t *testing.T, at, lock string) {
	conn, err := pgx.Connect(t.Context(), at)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(t.Context()) }) // which gives it back
	_, err = conn.Exec(t.Context(), `BEGIN; SELECT `+lock)
	require.NoError(t, err)
}

func openImpatient(t *testing.T, at string) *Store {
	s, err := Open(t.Context(), at, Options{Create: true, BusyTimeout: 50 * time.Millisecond})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func alive(pool.Process) pool.Liveness { return pool.Alive }

// Who books, for as long as it may take, holds up no launch, no heartbeat and no release.
func TestLaunchesDoNotWaitForBookings(t *testing.T) {
	t.Parallel()
	at := NewURL(t)
	s := openImpatient(t, at)
	_, err := s.AddSubscription(t.Context(), pool.Subscription{Name: "a", Enabled: true})
	require.NoError(t, err)
	hold(t, at, lockPool)
	session, _, err := s.Acquire(t.Context(), pool.Request{Conversation: "c"}, pool.DefaultPolicy(), alive, time.Now())
	require.NoError(t, err)
	require.NoError(t, s.Heartbeat(t.Context(), session.ID, time.Now()))
	require.NoError(t, s.Release(t.Context(), session.ID, pool.End{Reason: pool.EndedByExit}, time.Now()))
	require.ErrorIs(t, s.SetEnabled(t.Context(), "a", false), pool.ErrBusy)
}

// A launch that hangs holds up the others for no longer than they are ready to wait, and no booking.
func TestALaunchThatHangs(t *testing.T) {
	t.Parallel()
	at := NewURL(t)
	s := openImpatient(t, at)
	_, err := s.AddSubscription(t.Context(), pool.Subscription{Name: "a", Enabled: true})
	require.NoError(t, err)
	hold(t, at, lockLaunch)
	_, _, err = s.Acquire(t.Context(), pool.Request{}, pool.DefaultPolicy(), alive, time.Now())
	require.ErrorIs(t, err, pool.ErrBusy)
	require.NoError(t, s.SetEnabled(t.Context(), "a", false))
}

// What the database gives up for another transaction is done again, but not for ever.
func TestGivenUpTransactionsAreTriedAgain(t *testing.T) {
	t.Parallel()
	s := openImpatient(t, NewURL(t))
	var tries atomic.Int64
	failing := func(times int64) func(pgx.Tx) error {
		tries.Store(0)
		return func(pgx.Tx) error {
			if tries.Add(1) <= times {
				return &pgconn.PgError{Code: serializationFailure}
			}
			return nil
		}
	}
	require.NoError(t, s.write(t.Context(), "try", failing(3)))
	require.EqualValues(t, 4, tries.Load())
	require.ErrorIs(t, s.write(t.Context(), "try", failing(1000)), pool.ErrBusy)
	require.EqualValues(t, maxTries, tries.Load())
}
