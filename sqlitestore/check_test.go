package sqlitestore_test

import (
	"database/sql"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// Damage of each kind that Check knows is found.
func TestCheckFindsDamage(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]struct{ statements, want string }{
		"a session of nobody": {
			`PRAGMA foreign_keys = OFF; DELETE FROM subscriptions`,
			"row 1 of sessions refers to nothing in subscriptions",
		},
		"a value that can't be": {
			`PRAGMA ignore_check_constraints = ON; UPDATE subscriptions SET enabled = 7`,
			"CHECK constraint failed in subscriptions",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := newPath(t)
			s := open(t, path)
			sub, err := s.AddSubscription(t.Context(), pool.Subscription{Name: "work", Enabled: true, CreatedAt: time.Now()})
			require.NoError(t, err)
			_, _, err = s.Acquire(t.Context(), pool.Request{CWD: "/src"}, pool.DefaultPolicy(), func(pool.Process) pool.Liveness { return pool.Alive }, sub.CreatedAt)
			require.NoError(t, err)
			problems, err := s.Check(t.Context())
			require.NoError(t, err)
			require.Empty(t, problems)

			db, err := sql.Open("sqlite", path)
			require.NoError(t, err)
			db.SetMaxOpenConns(1)
			_, err = db.Exec(damage.statements)
			require.NoError(t, err)
			require.NoError(t, db.Close())
			problems, err = open(t, path).Check(t.Context())
			require.NoError(t, err)
			require.Len(t, problems, 1)
			require.Contains(t, problems[0], damage.want)
		})
	}
}
