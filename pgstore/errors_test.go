package pgstore_test

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pgstore"
	"claudepool/pool"
)

const password = "correct-horse-battery"

// Whatever is wrong with a URL, its password is not told.
func TestNoErrorHasThePassword(t *testing.T) {
	t.Parallel()
	for name, at := range map[string]string{
		"nobody there":       "postgres://me:" + password + "@127.0.0.1:1/pool",
		"no such host":       "postgres://me:" + password + "@host.invalid/pool",
		"no such mode":       "postgres://me:" + password + "@127.0.0.1:1/pool?sslmode=perhaps",
		"a port that is not": "postgres://me:" + password + "@127.0.0.1:x/pool",
		"a bad escape":       "postgres://me:" + password + "%zz@127.0.0.1/pool",
		"a space":            "postgres://me:" + password + " @127.0.0.1/pool",
		"a control":          "postgres://me:" + password + "\x01@127.0.0.1/pool",
		"two ats":            "postgres://me:a@" + password + "@127.0.0.1:1/pool",
		"a slash":            "postgres://me:a/" + password + "@127.0.0.1:1/pool",
		"a slash, a number":  "postgres://me:1/" + password + "@127.0.0.1:1/pool",
		"a mark":             "postgres://me:1?" + password + "@127.0.0.1:1/pool",
		"a hash":             "postgres://me:1#" + password + "@127.0.0.1:1/pool",
		"words":              "host=127.0.0.1 port=x password=" + password,
		"bad words":          "host=127.0.0.1 password='" + password,
		"no certificate":     "postgres://me:" + password + "@127.0.0.1:1/pool?sslmode=verify-full&sslrootcert=/nowhere/ca.pem",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := pgstore.Open(t.Context(), at, pgstore.Options{})
			require.ErrorIs(t, err, pool.ErrUnreadable)
			require.NotContains(t, err.Error(), "horse")
		})
	}
}

// Who is not answered does not wait for long.
func TestOpenDoesNotWaitForTheSilent(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer silent.Close()
	began := time.Now()
	_, err = pgstore.Open(t.Context(), "postgres://me@"+silent.Addr().String()+"/pool?sslmode=disable", pgstore.Options{})
	require.ErrorIs(t, err, pool.ErrUnreadable)
	require.Less(t, time.Since(began), 5*pgstore.DefaultConnectTimeout) // the machine may be busy
}
