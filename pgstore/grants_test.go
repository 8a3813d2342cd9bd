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

// A runner's role reads and writes rows; it makes, changes and drops no table.
func TestARunnerNeedsNoMoreThanItsGrants(t *testing.T) {
	t.Parallel()
	at := pgstore.NewURL(t)
	u, err := url.Parse(at)
	require.NoError(t, err)
	schema, role := u.Query().Get("search_path"), fmt.Sprintf("runner_%d", os.Getpid())
	owner := open(t, at)
	_, err = owner.AddSubscription(t.Context(), pool.Subscription{Name: "a", Enabled: true})
	require.NoError(t, err)
	pgstore.Execute(t, at, `
		CREATE ROLE `+role+` LOGIN;
		GRANT USAGE ON SCHEMA `+schema+` TO `+role+`;
		GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA `+schema+` TO `+role+`;
		REVOKE INSERT, UPDATE, DELETE ON claudepool FROM `+role+`;
		GRANT USAGE ON ALL SEQUENCES IN SCHEMA `+schema+` TO `+role)
	u.User = url.User(role)
	runner := open(t, u.String())

	now := time.Now()
	session, _, err := runner.Acquire(t.Context(), pool.Request{CWD: "/src"}, pool.DefaultPolicy(), alive, now)
	require.NoError(t, err)
	require.NoError(t, runner.Observe(t.Context(), session.ID, pool.Observation{
		Conversation: "c", At: now, Entries: []pool.Entry{{ID: "e", At: now}}, Windows: []pool.Window{{Kind: pool.FiveHour, ObservedAt: now}},
	}))
	require.NoError(t, runner.Release(t.Context(), session.ID, pool.End{Reason: pool.EndedByExit}, now))
	require.NoError(t, runner.Dispatch(t.Context(), "ch", now, func(pool.Event) bool { return true }))
	_, err = runner.Prune(t.Context(), pool.Prune{Before: now})
	require.NoError(t, err)
	problems, err := runner.Check(t.Context())
	require.NoError(t, err)
	require.Empty(t, problems)

	_, err = pgstore.Open(t.Context(), pgstore.WithSetting(t, u.String(), "search_path", "public"), pgstore.Options{Create: true})
	require.ErrorIs(t, err, pool.ErrReadOnly, "it may make no tables")
}
