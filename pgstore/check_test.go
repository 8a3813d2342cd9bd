//go:build pg

package pgstore_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pgstore"
	"claudepool/pool"
)

// Damage of each kind that Check knows is found.
func TestCheckFindsDamage(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]struct{ statements, want string }{
		"a session of nobody": {
			`SET session_replication_role = replica; DELETE FROM subscriptions`,
			"a row of sessions refers to 1, which is not in subscriptions",
		},
		"an index that was not finished": {
			`UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'sessions_cwd'::regclass`,
			"index sessions_cwd is not valid; make it anew with: REINDEX INDEX sessions_cwd",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := pgstore.NewURL(t)
			s := open(t, at)
			sub, err := s.AddSubscription(t.Context(), pool.Subscription{Name: "work", Enabled: true, CreatedAt: time.Now()})
			require.NoError(t, err)
			_, _, err = s.Acquire(t.Context(), pool.Request{CWD: "/src"}, pool.DefaultPolicy(), alive, sub.CreatedAt)
			require.NoError(t, err)
			problems, err := s.Check(t.Context())
			require.NoError(t, err)
			require.Empty(t, problems)

			pgstore.Execute(t, at, damage.statements)
			problems, err = s.Check(t.Context())
			require.NoError(t, err)
			require.Contains(t, problems, damage.want)
		})
	}
}

func alive(pool.Process) pool.Liveness { return pool.Alive }
