//go:build pg

package pgstore

import (
	"fmt"
	"net/url"
	"os"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

var schemas atomic.Int64

// NewURL is that of an empty schema of its own: a database would take ten times as long to make.
func NewURL(t testing.TB) string {
	t.Helper()
	server := os.Getenv("CLAUDEPOOL_TEST_PG")
	require.NotEmpty(t, server, "these tests need a PostgreSQL; run: make test-pg")
	schema := fmt.Sprintf("test_%d_%d", os.Getpid(), schemas.Add(1))
	conn, err := pgx.Connect(t.Context(), server)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), `CREATE SCHEMA `+schema)
	require.NoError(t, err)
	return WithSetting(t, server, "search_path", schema)
}

func WithSetting(t testing.TB, address, name, value string) string {
	u, err := url.Parse(address)
	require.NoError(t, err)
	q := u.Query()
	q.Set(name, value)
	u.RawQuery = q.Encode()
	return u.String()
}

// Execute runs statements on a connection of its own.
func Execute(t testing.TB, at, statements string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), at)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), statements)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}
