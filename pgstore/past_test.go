//go:build pg

package pgstore_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"claudepool/pgstore"
	"claudepool/pool"
)

// past is how much a pool has seen.
type past struct{ subscriptions, sessions, entries, days int }

// fullPool is the database that DESIGN's speed table speaks of, in a schema that is made once for all benchmarks of a
// server; CLAUDEPOOL_BENCH_… make it smaller.
func fullPool(b *testing.B) string {
	server := os.Getenv("CLAUDEPOOL_TEST_PG")
	require.NotEmpty(b, server, "these need a PostgreSQL; run: scripts/pg run go test -tags pg -bench Acquire ./pgstore")
	p := past{
		subscriptions: size("SUBSCRIPTIONS", 1_000), sessions: size("SESSIONS", 100_000), entries: size("ENTRIES", 5_000_000), days: 90,
	}
	schema := fmt.Sprintf("past_%d_%d_%d", p.subscriptions, p.sessions, p.entries)
	conn, err := pgx.Connect(b.Context(), server)
	require.NoError(b, err)
	defer conn.Close(b.Context())
	var exists bool
	require.NoError(b, conn.QueryRow(b.Context(), `SELECT to_regnamespace($1) IS NOT NULL`, schema).Scan(&exists))
	if exists {
		return pgstore.WithSetting(b, server, "search_path", schema)
	}
	_, err = conn.Exec(b.Context(), `CREATE SCHEMA draft`)
	require.NoError(b, err)
	draft := pgstore.WithSetting(b, server, "search_path", "draft")
	s := open(b, draft)
	addSubscriptions(b, s, p.subscriptions)
	p.fill(b, draft)
	_, err = conn.Exec(b.Context(), `ALTER SCHEMA draft RENAME TO `+schema)
	require.NoError(b, err)
	return pgstore.WithSetting(b, server, "search_path", schema)
}

func addSubscriptions(tb testing.TB, s pool.Store, n int) {
	for i := range n {
		_, err := s.AddSubscription(tb.Context(), pool.Subscription{
			Name: fmt.Sprintf("s-%d", i+1), ConfigDir: fmt.Sprintf("/home/me/.local/share/claudepool/subscriptions/s-%d", i+1),
			Tags: []string{"work"}, MaxSessions: 40, WeeklyBudget: pool.USD(1e6), Enabled: true, CreatedAt: time.Now(),
		})
		require.NoError(tb, err)
	}
}

// fill writes the past into a pool that has its subscriptions, by bulk SQL: what the store's own methods
// would have written.
func (p past) fill(b testing.TB, at string) {
	conn, err := pgx.Connect(b.Context(), at)
	require.NoError(b, err)
	defer conn.Close(b.Context())
	replace := strings.NewReplacer(
		":subscriptions", fmt.Sprint(p.subscriptions), ":sessions", fmt.Sprint(p.sessions),
		":entries", fmt.Sprint(p.entries), ":now", fmt.Sprint(time.Now().UnixMilli()),
		":span", fmt.Sprint((time.Duration(p.days) * 24 * time.Hour).Milliseconds()))
	for _, statement := range fillStatements {
		began := time.Now()
		_, err := conn.Exec(b.Context(), replace.Replace(statement))
		require.NoError(b, err)
		b.Logf("%.40q: %v", strings.TrimSpace(statement), time.Since(began))
	}
}

var fillStatements = []string{
	`SET synchronous_commit = off; SET work_mem = '256MB'`,
	`DROP INDEX entries_at; DROP INDEX entries_session`,
	`INSERT INTO sessions (id, subscription_id, conversation, host, boot_id, pid_namespace, pid, start_time, cwd,
		started_at, heartbeat_at, active_at, ended_at, follows, met, end_reason, exit_code, signal)
	SELECT left(md5(n::text), 16), 1 + n % :subscriptions, gen_random_uuid()::text, 'host', 'boot', 'pid:[4026531836]',
		n, n, '/home/me/src/project-' || (n % :subscriptions % 37), :now - :span + n * (:span / :sessions), :now, :now, :now, '', '', 'exit', 0, ''
	FROM generate_series(0::bigint, :sessions - 1) AS n`,
	`UPDATE starts SET number = nextval('start_numbers'), last_started_at = latest.at
	FROM (SELECT subscription_id AS id, max(started_at) AS at FROM sessions GROUP BY 1) AS latest
	WHERE latest.id = subscription_id`,
	`INSERT INTO entries (id, session, source, at, conversation, model,
		messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated)
	SELECT 'msg_' || lpad(n::text, 20, '0'), 1 + n % :sessions, 'message', :now - :span + n * (:span / :entries),
		'00000000-0000-0000-0000-000000000000', CASE WHEN n % 3 = 0 THEN 'claude-opus-4-5' ELSE 'claude-sonnet-4-5' END,
		1, n % 100, n % 1000, n % 5000, 0, n % 50000, 1000000 + n % 100000, 0
	FROM generate_series(0::bigint, :entries - 1) AS n`,
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
	SELECT day + d, subscription_id,
		sum(messages), sum(input), sum(output), sum(cache_creation), sum(cache_creation_1h), sum(cache_read), sum(cost), 0, 0
	FROM own, generate_series(0, 6) AS d
	GROUP BY 1, 2`,
	`INSERT INTO windows
	SELECT subscriptions.id, kind, 'allowed', 0.5, :now + 3600000, :now, 'stream', :now, 0
	FROM subscriptions, unnest(ARRAY['five_hour', 'seven_day']) AS kind`,
	`ANALYZE`,
}
