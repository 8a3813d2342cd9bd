//go:build pg

package pgstore

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// No statement of a launch, a booking, an exit or of maintenance may go through the history. The statements are those
// that the methods really run, so that none can be forgotten here.
func TestPlansTouchNoHistory(t *testing.T) {
	t.Parallel()
	at := NewURL(t)
	recorded := &recorder{statements: map[string][]any{}}
	s, err := Open(t.Context(), at, Options{Create: true, tracer: recorded})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	for name, dir := range map[string]string{"a": "/a", "b": "/b"} {
		_, err := s.AddSubscription(t.Context(), pool.Subscription{Name: name, ConfigDir: dir, Enabled: true, WeeklyBudget: 1})
		require.NoError(t, err)
	}
	clear(recorded.statements)
	runAndMaintain(t, s)
	require.Greater(t, len(recorded.statements), 40)
	conn, err := pgx.Connect(t.Context(), WithSetting(t, at, "enable_seqscan", "off")) // the tables are empty: a scan is the cheapest
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	for statement, args := range recorded.statements {
		require.Empty(t, historyScans(t, conn, statement, args), statement)
	}
}

// runAndMaintain does all that a run of the CLI asks of the store, and what is done beside runs.
func runAndMaintain(t *testing.T, s *Store) {
	ctx, now := t.Context(), time.Now()
	dead := func(pool.Process) pool.Liveness { return pool.Dead }
	var last pool.Session
	for _, req := range []pool.Request{{}, {Conversation: "c"}, {Continues: true, CWD: "/x"}, {Names: []string{"a"}, Forced: "a"}} {
		req.Follows = last.ID
		session, _, err := s.Acquire(ctx, req, pool.DefaultPolicy(), dead, now) // and ends the one before
		require.NoError(t, err)
		last = session
		observation := pool.Observation{
			Conversation: "c2", Entries: []pool.Entry{{ID: session.ID, At: now, Tokens: pool.Tokens{Input: 5}}}, At: now,
			Met: pool.FiveHour, Outcome: pool.OutcomeAnswered, Windows: []pool.Window{{Kind: pool.FiveHour, ResetsAt: now, ObservedAt: now}},
		}
		require.NoError(t, s.Observe(ctx, session.ID, observation))
		require.NoError(t, s.Heartbeat(ctx, session.ID, now))
		require.NoError(t, s.Restore(ctx, session, []pool.Observation{observation}))
		message := pool.Message{ID: "m" + session.ID, At: now, Conversation: "c3", Model: "m", Tokens: pool.Tokens{Input: 7}}
		require.NoError(t, s.BookTranscript(ctx, pool.Transcript{
			Checkpoint: pool.Checkpoint{Path: "/t/" + session.ID, Offset: 1}, Messages: []pool.Message{message}, ReadAt: now,
			Stated: []pool.Stated{{At: now, Conversation: "c2", Model: "m", First: true}},
		}))
	}
	_, err := s.Reclaim(ctx, dead, now)
	require.NoError(t, err)
	_, err = s.Enqueue(ctx, pool.Request{}, now)
	require.NoError(t, err)
	_, err = s.Sessions(ctx, false, 0)
	require.NoError(t, err)
	require.NoError(t, s.Release(ctx, last.ID, pool.End{Reason: pool.EndedByExit}, now))
	maintain(t, s, now)
}

func maintain(t *testing.T, s *Store, now time.Time) {
	ctx := t.Context()
	for range 2 {
		require.NoError(t, s.Dispatch(ctx, "ch", now.Add(-time.Hour), func(pool.Event) bool { return true }))
	}
	due, err := s.NextDeliveries(ctx, "ch", now, 10)
	require.NoError(t, err)
	for _, d := range due {
		require.NoError(t, s.NoteTry(ctx, "ch", d.Event.Number, pool.Try{At: now, State: pool.DeliveryDead}))
	}
	_, err = s.Retry(ctx, pool.DeliveryQuery{Channel: "ch"}, now)
	require.NoError(t, err)
	require.NoError(t, s.EndShortages(ctx, pool.DefaultPolicy(), now))
	_, err = s.Conversations(ctx, pool.ConversationQuery{Subscription: "a", Since: now.Add(-time.Hour), Until: now, Limit: 3})
	require.NoError(t, err)
	_, err = s.MoveConversation(ctx, pool.Move{Conversation: pool.Conversation{ID: "c", ActiveAt: now}, From: "a", To: "b"}, now)
	require.NoError(t, err)
	_, err = s.Candidates(ctx, now)
	require.NoError(t, err)
}

// recorder keeps the statements that are run, with the arguments of the last time.
type recorder struct {
	mu         sync.Mutex
	statements map[string][]any
}

func (r *recorder) keep(statement string, args []any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if regexp.MustCompile(`^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b`).MatchString(statement) {
		r.statements[statement] = args
	}
}

func (r *recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	r.keep(q.SQL, q.Args)
	return ctx
}

func (r *recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (r *recorder) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

func (r *recorder) TraceBatchQuery(_ context.Context, _ *pgx.Conn, q pgx.TraceBatchQueryData) {
	r.keep(q.SQL, q.Args)
}

func (r *recorder) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// history is what grows with the past.
const history = `(sessions|visits|entries|tallies|forks|checkpoints|totals|quarters|days|weeks|resets|conversations|events|deliveries)`

var (
	scan = regexp.MustCompile(`(Seq Scan|Index Scan|Index Only Scan|Index Scan Backward|Index Only Scan Backward)( using \w+)? on ` + history + `\b`)
	// small are indexes of what runs, waits or is dead only, and are read as a whole.
	small = regexp.MustCompile(`using (sessions_running|sessions_heartbeat|deliveries_waiting|deliveries_dead)\b`)
)

// historyScans are the steps of a statement's plan that read all of something that grows: through no index, or through
// an index without a condition on it and with no limit.
func historyScans(t *testing.T, conn *pgx.Conn, statement string, args []any) (scans []string) {
	rows, err := conn.Query(t.Context(), "EXPLAIN "+statement, args...)
	require.NoError(t, err)
	steps, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err, statement)
	plan := strings.Join(steps, "\n")
	for i, step := range steps {
		if !scan.MatchString(step) || small.MatchString(step) {
			continue
		}
		bounded := i+1 < len(steps) && strings.Contains(steps[i+1], "Index Cond") || i > 0 && strings.Contains(steps[i-1], "Limit")
		if !bounded {
			scans = append(scans, step+" in\n"+plan)
		}
	}
	return scans
}

func TestHistoryScans(t *testing.T) {
	t.Parallel()
	at := NewURL(t)
	openImpatient(t, at)
	conn, err := pgx.Connect(t.Context(), WithSetting(t, at, "enable_seqscan", "off"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	for statement, scans := range map[string]bool{
		`SELECT * FROM sessions WHERE pid = 1`:                             true,
		`SELECT * FROM sessions AS other WHERE pid = 1`:                    true,
		`SELECT count(*) FROM entries WHERE model = 'm'`:                   true,
		`SELECT * FROM sessions WHERE id = 'x'`:                            false,
		`SELECT subscription_id FROM sessions WHERE ended_at IS NULL`:      false,
		`SELECT * FROM weeks WHERE day = 1`:                                false,
		`SELECT sum(cost) FROM totals WHERE quarter BETWEEN 1 AND 2`:       false,
		`SELECT * FROM visits WHERE since > 1`:                             true,
		`SELECT * FROM events WHERE kind = 'limit'`:                        true,
		`SELECT max(number) FROM events`:                                   false,
		`SELECT * FROM queue, subscriptions`:                               false,
		`SELECT * FROM conversations WHERE subscription_id = 1 FOR UPDATE`: false,
	} {
		require.Equal(t, scans, len(historyScans(t, conn, statement, nil)) > 0, statement)
	}
}
