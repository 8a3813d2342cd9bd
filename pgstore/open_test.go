//go:build pg

package pgstore_test

import (
	"fmt"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pgstore"
	"claudepool/pool"
)

func TestOpenMakesTablesWhereAsked(t *testing.T) {
	t.Parallel()
	at := pgstore.NewURL(t)
	_, err := pgstore.Open(t.Context(), at, pgstore.Options{})
	require.ErrorIs(t, err, pool.ErrNoPool)
	open(t, at)
	s, err := pgstore.Open(t.Context(), at, pgstore.Options{})
	require.NoError(t, err)
	require.NoError(t, s.Close())
}

func TestOpenLeavesOthersTablesAlone(t *testing.T) {
	t.Parallel()
	at := pgstore.NewURL(t)
	pgstore.Execute(t, at, `CREATE TABLE theirs (n INT)`)
	_, err := pgstore.Open(t.Context(), at, pgstore.Options{Create: true})
	require.ErrorIs(t, err, pool.ErrCorrupt)
	require.ErrorContains(t, err, "give the pool a database, or a schema, of its own")
}

func TestOpenRefusesANewerSchema(t *testing.T) {
	t.Parallel()
	at := pgstore.NewURL(t)
	open(t, at)
	pgstore.Execute(t, at, `INSERT INTO claudepool (version) VALUES (99)`)
	_, err := pgstore.Open(t.Context(), at, pgstore.Options{Create: true})
	require.ErrorIs(t, err, pool.ErrNewerSchema)
}

func TestOpenRefusesAnotherEncoding(t *testing.T) {
	t.Parallel()
	server := os.Getenv("CLAUDEPOOL_TEST_PG")
	name := fmt.Sprintf("ascii_%d", os.Getpid())
	pgstore.Execute(t, server, `CREATE DATABASE `+name+` ENCODING 'SQL_ASCII' TEMPLATE template0`)
	u, err := url.Parse(server)
	require.NoError(t, err)
	u.Path = name
	_, err = pgstore.Open(t.Context(), u.String(), pgstore.Options{Create: true})
	require.ErrorIs(t, err, pool.ErrUnreadable)
	require.ErrorContains(t, err, "createdb --encoding UTF8 --template template0")
	u.Path = "nowhere"
	_, err = pgstore.Open(t.Context(), u.String(), pgstore.Options{Create: true})
	require.ErrorIs(t, err, pool.ErrUnreadable)
}

func TestReadOnly(t *testing.T) {
	t.Parallel()
	at := pgstore.NewURL(t)
	open(t, at)
	s := open(t, pgstore.WithSetting(t, at, "default_transaction_read_only", "on")) // as a standby is
	_, err := s.AddSubscription(t.Context(), pool.Subscription{Name: "a"})
	require.ErrorIs(t, err, pool.ErrReadOnly)
	require.ErrorIs(t, s.Heartbeat(t.Context(), "x", time.Now()), pool.ErrReadOnly)
	_, err = s.Subscriptions(t.Context())
	require.NoError(t, err)
}

// A connection that was cut is made anew, at once where nothing was done yet, else with the next call.
func TestCutConnectionsAreMadeAnew(t *testing.T) {
	t.Parallel()
	at := pgstore.WithSetting(t, pgstore.NewURL(t), "application_name", "cut")
	s := open(t, at)
	_, err := s.AddSubscription(t.Context(), pool.Subscription{Name: "a", Enabled: true})
	require.NoError(t, err)
	_, _, err = s.Acquire(t.Context(), pool.Request{}, pool.DefaultPolicy(), alive, time.Now())
	require.NoError(t, err)
	pgstore.Execute(t, pgstore.WithSetting(t, at, "application_name", "cutter"),
		`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'cut'`)
	_, _, err = s.Acquire(t.Context(), pool.Request{}, pool.DefaultPolicy(), alive, time.Now())
	if err != nil {
		require.ErrorIs(t, err, pool.ErrUnreadable)
	}
	_, _, err = s.Acquire(t.Context(), pool.Request{}, pool.DefaultPolicy(), alive, time.Now())
	require.NoError(t, err)
}

func TestSkewIsThatOfTheClocks(t *testing.T) {
	t.Parallel()
	for _, wrong := range []time.Duration{0, time.Hour, -25 * time.Hour} {
		s, err := pgstore.Open(t.Context(), pgstore.NewURL(t), pgstore.Options{
			Create: true, Now: func() time.Time { return time.Now().Add(wrong) },
		})
		require.NoError(t, err)
		require.InDelta(t, -wrong.Seconds(), s.Skew().Seconds(), 1) // the machine may be busy
		require.NoError(t, s.Close())
	}
}
