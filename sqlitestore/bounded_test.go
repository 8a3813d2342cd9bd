package sqlitestore_test

import (
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
	"claudepool/sqlitestore"
)

// kept are the tables of which nothing is taken away, and why.
var kept = map[string]string{
	"subscriptions": "a removed one is the name of its part of the ledger",
	"totals":        "sums of the ledger, by quarter hour",
	"quarters":      "the same of the whole pool",
	"days":          "the same by day",
	"resets":        "the ends of the five-hour windows, which reports group by",
}

// TestEveryTableIsBounded lives through the same two months again and again, and prunes as maintenance does: what is kept does not grow,
// whatever the table, and a table that is new has to be filled here.
func TestEveryTableIsBounded(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	s, db := open(t, path), raw(t, path)
	addSubscriptions(t, s, 3)
	filled, rows := map[string]bool{}, map[string]int{}
	for cycle := range 6 {
		now := began.AddDate(0, 0, 60*cycle)
		live(t, s, cycle, now)
		for table, n := range countRows(t, db) {
			filled[table] = filled[table] || n > 0
		}
		prune(t, s, cycle, now)
		after := countRows(t, db)
		for table, n := range after {
			if cycle > 2 && kept[table] == "" {
				require.LessOrEqual(t, n, rows[table], "%s grows from one cycle to the next", table)
			}
		}
		rows = after
	}
	for _, table := range tables(t, db) {
		require.True(t, filled[table], "nothing was written to %s", table)
	}
	require.NoError(t, db.Close())
}

func countRows(t *testing.T, db *sql.DB) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, table := range tables(t, db) {
		var n int
		require.NoError(t, db.QueryRow(`SELECT count(*) FROM `+table).Scan(&n))
		counts[table] = n
	}
	return counts
}

// live uses all that the store keeps, at one time, under names of its own.
func live(t *testing.T, s *sqlitestore.Store, cycle int, now time.Time) {
	t.Helper()
	ctx := t.Context()
	own := func(name string) string { return fmt.Sprintf("%s-%d", name, cycle) }
	for n := range 5 {
		conversation := own(fmt.Sprint("c", n))
		session, _, err := s.Acquire(ctx, pool.Request{Conversation: conversation, CWD: "/src"}, pool.DefaultPolicy(), allAlive, now)
		require.NoError(t, err)
		w := fullWindow()
		w.Status, w.ObservedAt, w.ResetsAt = pool.StatusWarning, now, now.Add(time.Hour)
		require.NoError(t, s.Observe(ctx, session.ID, pool.Observation{
			At: now, Entries: []pool.Entry{{ID: own(fmt.Sprint("e", n)), At: now, Model: "opus", Tokens: pool.Tokens{Input: 9}}}, Windows: []pool.Window{w},
		}))
		require.NoError(t, s.Release(ctx, session.ID, pool.End{Reason: pool.EndedByExit}, now))
		read := transcript(conversation, own("m"), 0) // all but the first hold a copy of its message: they are forks
		read.Messages[0].At, read.Stated[0].At, read.Signals, read.ReadAt = now, now, nil, now
		require.NoError(t, s.BookTranscript(ctx, read))
	}
	_, err := s.BeginTask(ctx, "task", 0, pool.Process{PID: 1}, allAlive, now)
	require.NoError(t, err)
	require.NoError(t, s.EndTask(ctx, "task", pool.Process{PID: 1}, "{}", "", now))
	asked := pool.Request{Tags: []string{own("t")}}
	_, _, err = s.Acquire(ctx, asked, pool.DefaultPolicy(), allAlive, now)
	require.ErrorIs(t, err, pool.ErrExhausted)
	_, err = s.Enqueue(ctx, asked, now)
	require.NoError(t, err)
	require.NoError(t, s.Dispatch(ctx, "log", now.Add(-time.Hour), func(pool.Event) bool { return true }))
	require.NoError(t, s.RecordEvents(ctx, pool.StoreTroubleEvent(own("trouble"), now)))
}

// prune does what maintenance does of a day a month later, and ends what waits.
func prune(t *testing.T, s *sqlitestore.Store, cycle int, now time.Time) {
	t.Helper()
	ctx, horizon := t.Context(), now.AddDate(0, 0, 1)
	var gone []string
	for n := range 5 {
		gone = append(gone, fmt.Sprintf("/transcripts/c%d-%d", n, cycle))
	}
	_, err := s.Prune(ctx, pool.Prune{Before: horizon, Gone: gone})
	require.NoError(t, err)
	_, err = s.PruneEvents(ctx, pool.EventLimits{Before: horizon, WaitingBefore: horizon})
	require.NoError(t, err)
	require.NoError(t, s.EndShortages(ctx, pool.DefaultPolicy(), now.AddDate(0, 0, 30)))
	dead := func(pool.Process) pool.Liveness { return pool.Dead }
	_, _, err = s.Acquire(ctx, pool.Request{Names: []string{"nobody"}}, pool.DefaultPolicy(), dead, horizon)
	require.True(t, errors.Is(err, pool.ErrNotFound) || errors.Is(err, pool.ErrExhausted), "%v", err)
}
