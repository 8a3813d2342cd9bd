package sqlitestore_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
	"claudepool/sqlitestore"
)

// past is how much a pool has seen.
type past struct{ subscriptions, sessions, entries, days int }

// full is the database that DESIGN's speed table speaks of.
var full = past{subscriptions: 1_000, sessions: 100_000, entries: 5_000_000, days: 90}

// fullPool returns the large pool. It is made once in CLAUDEPOOL_BENCH_DIR, which takes about a minute,
// or where that is not set, for this benchmark alone.
func fullPool(b *testing.B) string {
	dir := os.Getenv("CLAUDEPOOL_BENCH_DIR")
	if dir == "" {
		dir = b.TempDir()
	}
	path := filepath.Join(dir, "full.db")
	if _, err := os.Stat(path); err == nil {
		return path
	}
	draft := filepath.Join(dir, "draft.db")
	require.NoError(b, removeDatabase(draft))
	full.make(b, draft)
	require.NoError(b, os.Rename(draft, path))
	return path
}

func removeDatabase(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !os.IsNotExist(err) {
			return err
		}
	}
	return nil
}

// make makes a pool with the past.
func (p past) make(b testing.TB, path string) {
	s, err := sqlitestore.Open(b.Context(), path, sqlitestore.Options{Create: true})
	require.NoError(b, err)
	addSubscriptions(b, s, p.subscriptions)
	require.NoError(b, s.Close())
	p.fill(b, path)
}

// fill writes the past into a pool that has its subscriptions, by bulk SQL: what the store's own methods
// would have written.
func (p past) fill(b testing.TB, path string) {
	db, err := sql.Open("sqlite", "file:"+path+"?_journal_mode=MEMORY&_synchronous=OFF&_pragma=cache_size(-500000)&_pragma=temp_store(MEMORY)")
	require.NoError(b, err)
	db.SetMaxOpenConns(1)
	replace := strings.NewReplacer(
		":subscriptions", fmt.Sprint(p.subscriptions), ":sessions", fmt.Sprint(p.sessions),
		":entries", fmt.Sprint(p.entries), ":now", fmt.Sprint(time.Now().UnixMilli()),
		":span", fmt.Sprint((time.Duration(p.days) * 24 * time.Hour).Milliseconds()))
	for _, statement := range fillStatements {
		began := time.Now()
		_, err := db.Exec(replace.Replace(statement))
		require.NoError(b, err)
		b.Logf("%.40q: %v", strings.TrimSpace(statement), time.Since(began))
	}
	_, err = db.Exec(`PRAGMA journal_mode = WAL`)
	require.NoError(b, err)
	require.NoError(b, db.Close())
}

var fillStatements = []string{
	`DROP INDEX entries_at; DROP INDEX entries_session`,
	`WITH RECURSIVE n (n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM n WHERE n < :sessions - 1)
	INSERT INTO sessions (number, id, subscription_id, conversation, host, boot_id, pid_namespace, pid, start_time, cwd,
		started_at, heartbeat_at, active_at, ended_at, follows, met, end_reason, exit_code, signal)
	SELECT n + 1, lower(hex(randomblob(8))), 1 + n % :subscriptions, lower(hex(randomblob(16))), 'host', 'boot', 'pid:[4026531836]',
		n, n, '/home/me/src/project-' || (n % :subscriptions % 37), :now - :span + n * (:span / :sessions), :now, :now, :now, '', '', 'exit', 0, ''
	FROM n`,
	`UPDATE subscriptions SET last_started_at = latest.at
	FROM (SELECT subscription_id, max(started_at) AS at FROM sessions GROUP BY 1) AS latest
	WHERE latest.subscription_id = subscriptions.id`,
	`WITH RECURSIVE n (n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM n WHERE n < :entries - 1)
	INSERT INTO entries (id, session, source, at, conversation, model,
		messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated)
	SELECT printf('msg_%020d', n), 1 + n % :sessions, 'message', :now - :span + n * (:span / :entries),
		'00000000-0000-0000-0000-000000000000', iif(n % 3 = 0, 'claude-opus-4-5', 'claude-sonnet-4-5'),
		1, n % 100, n % 1000, n % 5000, 0, n % 50000, 1000000 + n % 100000, 0
	FROM n`,
	`CREATE INDEX entries_at ON entries (at); CREATE INDEX entries_session ON entries (session)`,
	`INSERT INTO totals
	SELECT at / 900000, subscription_id, model, cwd,
		sum(messages), sum(input), sum(output), sum(cache_creation), sum(cache_creation_1h), sum(cache_read), sum(cost), 0, 0
	FROM entries JOIN sessions ON sessions.number = session
	GROUP BY 1, 2, 3, 4`,
	`INSERT INTO quarters
	SELECT quarter, model,
		sum(messages), sum(input), sum(output), sum(cache_creation), sum(cache_creation_1h), sum(cache_read), sum(cost), 0, 0
	FROM totals
	GROUP BY 1, 2`,
	`INSERT INTO days
	SELECT quarter / 96, subscription_id, model, project,
		sum(messages), sum(input), sum(output), sum(cache_creation), sum(cache_creation_1h), sum(cache_read), sum(cost), 0, 0
	FROM totals
	GROUP BY 1, 2, 3, 4`,
	`WITH own AS MATERIALIZED (
		SELECT day, subscription_id, sum(messages) AS messages, sum(input) AS input, sum(output) AS output,
			sum(cache_creation) AS cache_creation, sum(cache_creation_1h) AS cache_creation_1h,
			sum(cache_read) AS cache_read, sum(cost) AS cost
		FROM days
		GROUP BY 1, 2)
	INSERT INTO weeks
	SELECT day + d.value, subscription_id,
		sum(messages), sum(input), sum(output), sum(cache_creation), sum(cache_creation_1h), sum(cache_read), sum(cost), 0, 0
	FROM own, json_each('[0,1,2,3,4,5,6]') d
	GROUP BY 1, 2`,
	`INSERT INTO conversations (id, subscription_id, project, active_at)
	SELECT conversation, subscription_id, cwd, started_at FROM sessions`,
	`INSERT INTO windows
	SELECT subscriptions.id, kind.value, 'allowed', 0.5, :now + 3600000, :now, 'stream', :now, 0
	FROM subscriptions, json_each('["five_hour","seven_day"]') kind`,
}

// What fill sums up must be what the store would have: else the benchmarks measure something else.
func TestFillWritesWhatTheStoreWould(t *testing.T) {
	t.Parallel()
	path := newPath(t)
	p := past{subscriptions: 3, sessions: 40, entries: 500, days: 9}
	p.make(t, path)
	s := open(t, path)
	copied := open(t, newPath(t))
	addSubscriptions(t, copied, p.subscriptions)
	restoreAll(t, raw(t, path), s, copied)
	want, err := copied.Candidates(t.Context(), time.Now())
	require.NoError(t, err)
	got, err := s.Candidates(t.Context(), time.Now())
	require.NoError(t, err)
	for i := range got {
		require.Equal(t, want[i].Week, got[i].Week)
		require.Equal(t, want[i].LastStarted, got[i].LastStarted)
		require.Len(t, got[i].Windows, 2)
	}
	query := pool.UsageQuery{By: []pool.Dimension{pool.ByDay, pool.BySubscription, pool.ByModel, pool.ByProject}}
	wantRows, err := copied.Usage(t.Context(), query)
	require.NoError(t, err)
	gotRows, err := s.Usage(t.Context(), query)
	require.NoError(t, err)
	require.Equal(t, wantRows, gotRows)
}

// restoreAll gives to all the sessions and entries that from has.
func restoreAll(t *testing.T, db *sql.DB, from, to pool.Store) {
	observed := map[string][]pool.Entry{}
	rows, err := db.Query(`
		SELECT sessions.id, entries.id, at, model, messages, input, output, cache_creation, cache_read, cost
		FROM entries JOIN sessions ON sessions.number = entries.session`)
	require.NoError(t, err)
	for rows.Next() {
		var session string
		var at int64
		e := pool.Entry{CostSource: pool.CostFromCLI}
		require.NoError(t, rows.Scan(&session, &e.ID, &at, &e.Model, &e.Messages,
			&e.Tokens.Input, &e.Tokens.Output, &e.Tokens.CacheCreation, &e.Tokens.CacheRead, &e.Cost))
		e.At = time.UnixMilli(at)
		observed[session] = append(observed[session], e)
	}
	require.NoError(t, rows.Err())
	require.NoError(t, db.Close())
	sessions, err := from.Sessions(t.Context(), true, 0)
	require.NoError(t, err)
	for _, s := range sessions {
		require.NoError(t, to.Restore(t.Context(), s, []pool.Observation{{Entries: observed[s.ID]}}))
	}
}
