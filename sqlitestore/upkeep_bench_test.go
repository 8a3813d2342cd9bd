package sqlitestore_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/procid"
	"claudepool/pool"
	"claudepool/sqlitestore"
)

// busy is a pool whose conversations were all heard of in the last week, and so might all be moved.
var busy = past{subscriptions: 10, sessions: 100_000, entries: 1, days: 6}

func busyPool(b *testing.B, change ...string) *sqlitestore.Store {
	path := newPath(b)
	busy.make(b, path)
	db := raw(b, path)
	for _, statement := range append(change, fmt.Sprintf(`UPDATE conversations SET active_at = min(active_at, %d)`, time.Now().Add(-time.Hour).UnixMilli())) {
		_, err := db.Exec(statement)
		require.NoError(b, err)
	}
	require.NoError(b, db.Close())
	return open(b, path)
}

// BenchmarkReclaim is stale detection where few of the sessions run, none of which is dead.
func BenchmarkReclaim(b *testing.B) {
	benchmarkReclaim(b, busyPool(b, `UPDATE sessions SET ended_at = NULL, end_reason = '' WHERE number % 1000 = 0`))
}

// BenchmarkReclaimAllRunning is the same where all of them run.
func BenchmarkReclaimAllRunning(b *testing.B) {
	benchmarkReclaim(b, busyPool(b, `UPDATE sessions SET ended_at = NULL, end_reason = ''`))
}

func benchmarkReclaim(b *testing.B, s *sqlitestore.Store) {
	self, err := procid.Self()
	require.NoError(b, err)
	probe := func(pool.Process) pool.Liveness { return procid.Probe(self) } // what looking at a process costs
	for b.Loop() {
		ended, err := s.Reclaim(b.Context(), probe, time.Now())
		require.NoError(b, err)
		require.Empty(b, ended)
	}
}

// BenchmarkRebalance is a cycle that moves three conversations.
func BenchmarkRebalance(b *testing.B) {
	s := busyPool(b, `UPDATE windows SET utilization = subscription_id / 10.0`)
	rules, policy := pool.DefaultRebalance(), pool.DefaultPolicy()
	for b.Loop() {
		now := time.Now()
		balance := pool.Balance{Idle: map[string][]pool.Conversation{}, Place: func(pool.Subscription) string { return "/shared" }}
		var err error
		balance.Candidates, err = s.Candidates(b.Context(), now)
		require.NoError(b, err)
		for _, c := range balance.Candidates {
			name := c.Subscription.Name
			balance.Idle[name], err = s.Conversations(b.Context(), pool.IdleConversations(name, now))
			require.NoError(b, err)
		}
		moves, _ := rules.Plan(policy, balance, now)
		require.Len(b, moves, rules.Moves)
		for _, m := range moves {
			moved, err := s.MoveConversation(b.Context(), m, now)
			require.NoError(b, err)
			require.True(b, moved)
		}
	}
}
