package sqlitestore

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"modernc.org/sqlite"

	"claudepool/pool"
)

// No statement of a launch, a booking or an exit may go through the history. The statements are those
// that the methods really run, so that none can be forgotten here.
func TestPlansOfALaunchTouchNoHistory(t *testing.T) {
	t.Parallel()
	s, statements := recorded(t)
	for name, dir := range map[string]string{"a": "/a", "b": "/b"} {
		_, err := s.AddSubscription(t.Context(), pool.Subscription{Name: name, ConfigDir: dir, Enabled: true})
		require.NoError(t, err)
	}
	*statements = nil
	launch(t, s)
	require.Greater(t, len(*statements), 15)
	for _, statement := range *statements {
		for _, step := range plan(t, s, statement) {
			requireIndexed(t, statement.query, step)
		}
	}
}

// launch does all that a run of the CLI asks of the store.
func launch(t *testing.T, s *Store) {
	ctx, now := t.Context(), time.Now()
	dead := func(pool.Process) pool.Liveness { return pool.Dead }
	for _, req := range []pool.Request{{}, {Conversation: "c"}, {Continues: true, CWD: "/x"}, {Names: []string{"a"}, Forced: "a"}} {
		session, _, err := s.Acquire(ctx, req, pool.DefaultPolicy(), dead, now) // and ends the one before
		require.NoError(t, err)
		observation := pool.Observation{
			Conversation: "c2", Entries: []pool.Entry{{ID: session.ID, At: now}}, At: now, Met: pool.FiveHour, Outcome: pool.OutcomeAnswered,
			Windows: []pool.Window{{Kind: pool.FiveHour, ResetsAt: now, ObservedAt: now}},
		}
		require.NoError(t, s.Observe(ctx, session.ID, observation))
		require.NoError(t, s.Heartbeat(ctx, session.ID, now))
		require.NoError(t, s.Restore(ctx, session, []pool.Observation{observation}))
	}
	_, err := s.Reclaim(ctx, dead, now)
	require.NoError(t, err)
	sessions, err := s.Sessions(ctx, false, 0)
	require.NoError(t, err)
	require.Empty(t, sessions)
	sessions, err = s.Sessions(ctx, true, 1)
	require.NoError(t, err)
	require.NoError(t, s.Release(ctx, sessions[0].ID, pool.End{Reason: pool.EndedByExit}, now))
	_, err = s.Candidates(ctx, now)
	require.NoError(t, err)
	_, err = s.Subscriptions(ctx)
	require.NoError(t, err)
	waitAndClose(t, s, now)
}

// waitAndClose does what a run asks of the store that finds no room, and what closes and opens subscriptions.
func waitAndClose(t *testing.T, s *Store, now time.Time) {
	ctx := t.Context()
	alive := func(pool.Process) pool.Liveness { return pool.Alive }
	waits := pool.Request{Tried: []string{"a", "b"}, Follows: "another"}
	var err error
	waits.Ticket, err = s.Enqueue(ctx, waits, now)
	require.NoError(t, err)
	_, _, err = s.Acquire(ctx, waits, pool.DefaultPolicy(), alive, now)
	require.ErrorIs(t, err, pool.ErrExhausted)
	_, _, err = s.Acquire(ctx, pool.Request{}, pool.DefaultPolicy(), alive, now)
	require.NoError(t, err)
	require.NoError(t, s.Leave(ctx, waits.Ticket))
	require.NoError(t, s.SetCooldown(ctx, "a", now))
	require.NoError(t, s.ClearCooldown(ctx, "a", now))
	windows := []pool.Window{{Kind: pool.SevenDay, ObservedAt: now}}
	require.NoError(t, s.ObserveWindows(ctx, "a", windows))
	require.NoError(t, s.BookTranscript(ctx, pool.Transcript{
		Checkpoint: pool.Checkpoint{Path: "/t", Offset: 1}, Owner: "a",
		Messages: []pool.Message{{ID: "m", At: now, Conversation: "c2"}},
		Signals: []pool.Signal{
			{At: now, Conversation: "c2", Windows: windows, Met: pool.SevenDay, Outcome: pool.OutcomeSignedOut},
			{At: now, Conversation: "unknown", Windows: windows, Outcome: pool.OutcomeRefused},
		},
	}))
}

// requireIndexed holds one step of a plan against the rule: tables that grow with history are searched.
// What runs has an index of its own, which may be read as a whole.
func requireIndexed(t *testing.T, query, step string) {
	t.Helper()
	if isAllSessions(query) {
		return // the list of all, which a launch does not ask for
	}
	for _, table := range []string{"sessions", "entries", "totals", "quarters", "days", "weeks", "tallies", "visits", "resets"} {
		if strings.HasPrefix(step, "SCAN "+table) && !strings.Contains(step, "INDEX sessions_running") {
			t.Errorf("%s, in %s", step, query)
		}
	}
}

func isAllSessions(query string) bool {
	return strings.HasPrefix(query, strings.TrimSpace(allSessions))
}

func TestPlanRuleFindsAScan(t *testing.T) {
	t.Parallel()
	s, _ := recorded(t)
	for query, scans := range map[string]bool{
		`SELECT * FROM sessions WHERE pid = 1`:                                        true,
		`SELECT count(*) FROM entries WHERE model = 'm'`:                              true,
		`SELECT * FROM sessions WHERE id = 'x'`:                                       false,
		`SELECT subscription_id FROM sessions WHERE ended_at IS NULL`:                 false,
		`SELECT * FROM weeks WHERE day = 1`:                                           false,
		`SELECT * FROM weeks WHERE subscription_id = 1`:                               true,
		`SELECT sum(cost) FROM totals WHERE quarter BETWEEN 1 AND 2`:                  false,
		`SELECT sum(cost) FROM totals WHERE subscription_id = 1`:                      true,
		`SELECT * FROM visits WHERE since > 1`:                                        true,
		`SELECT * FROM resets WHERE subscription_id = 1`:                              false,
		`SELECT * FROM sessions WHERE conversation = 'c' ORDER BY started_at LIMIT 1`: true,
	} {
		found := false
		for _, step := range plan(t, s, statement{query: query}) {
			probe := &testing.T{}
			requireIndexed(probe, query, step)
			found = found || probe.Failed()
		}
		require.Equal(t, scans, found, query)
	}
}

// plan asks SQLite how it would run a statement. What has no plan, as BEGIN, has no steps.
func plan(t *testing.T, s *Store, st statement) (steps []string) {
	t.Helper()
	rows, err := s.db.QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+st.query, st.args...)
	require.NoError(t, err, st.query)
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var detail string
		require.NoError(t, rows.Scan(&id, &parent, &unused, &detail))
		steps = append(steps, detail)
	}
	require.NoError(t, rows.Err())
	return steps
}

type statement struct {
	query string
	args  []any
}

// recorded is a store with all statements that it has run since it was opened.
func recorded(t *testing.T) (*Store, *[]statement) {
	path := filepath.Join(t.TempDir(), "pool.db")
	s, err := Open(t.Context(), path, Options{Create: true})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	base, err := sqlite.NewConnector(dsn(path, time.Second))
	require.NoError(t, err)
	r := &recorder{Connector: base}
	db := sql.OpenDB(r)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return &Store{db}, &r.statements
}

// recorder writes down the statements that its connections run.
type recorder struct {
	driver.Connector
	mu         sync.Mutex
	statements []statement
}

func (r *recorder) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := r.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return recordingConn{conn.(sqliteConn), r}, nil
}

type sqliteConn interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
}

type recordingConn struct {
	sqliteConn
	*recorder
}

func (c recordingConn) note(query string, args []driver.NamedValue) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if strings.HasPrefix(query, "EXPLAIN") {
		return
	}
	st := statement{query: strings.TrimSpace(query)}
	for _, a := range args {
		st.args = append(st.args, a.Value)
	}
	c.statements = append(c.statements, st)
}

func (c recordingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	c.note(query, args)
	return c.sqliteConn.ExecContext(ctx, query, args)
}

func (c recordingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	c.note(query, args)
	return c.sqliteConn.QueryContext(ctx, query, args)
}
