package sqlitestore

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// mayScan are the tables that do not grow with history, and parts of statements that are no tables.
var mayScan = []string{
	"subscriptions", "queue", "windows", "tasks", "shortages", "channels", "horizon", "json_each", "span", "CONSTANT ROW", "(subquery",
}

// mayScanIndex are the indexes that may be read as a whole: of what runs and of what waits.
var mayScanIndex = []string{"sessions_running", "sessions_heartbeat", "deliveries_waiting", "deliveries_dead"}

const (
	byAPerson = "a person asks for it, or a script of theirs: it is no part of a launch, an exit or the maintenance"
	byPrune   = "it runs once a day, in batches, over what it has left itself the day before"
	byExport  = "an export is all there is"
	byNobody  = "the rows that refer to a new one are looked for only where some were let through before it, which never is"
)

// mayReadAll are the statements that go through history all the same, by what is in them, and why they may.
var mayReadAll = map[string]string{
	oneLine(allSessions): byAPerson,
	"SELECT quarter, subscription_id, model, project, messages, input,":                       byAPerson,
	"FROM events WHERE ?1 = '' OR instr(?1, ' ' || kind || ' ') > 0 ORDER BY number DESC":     byAPerson,
	"ORDER BY d.event DESC, d.channel LIMIT ?":                                                byAPerson,
	"SELECT subscription_id, resets_at FROM resets":                                           byAPerson,
	"DELETE FROM entries WHERE number IN ( SELECT number FROM entries WHERE at < ?":           byPrune,
	"DELETE FROM forks WHERE conversation NOT IN (SELECT conversation FROM tallies)":          byPrune,
	"DELETE FROM sessions WHERE number IN (":                                                  byPrune,
	"DELETE FROM visits WHERE (conversation, session) IN (":                                   byPrune,
	"SELECT conversation, CASE WHEN conversation = '' THEN session END FROM tallies GROUP BY": byPrune,
	"SELECT quarter * 900000, subscription_id, model, project, messages, input,":              byExport,
	"FROM sessions ORDER BY number":                                                           byExport,
	"FROM visits ORDER BY conversation, session":                                              byExport,
	"FROM conversations ORDER BY id":                                                          byExport,
	"FROM entries ORDER BY number":                                                            byExport,
	"FROM tallies ORDER BY session, conversation, model":                                      byExport,
	"FROM forks ORDER BY conversation, path":                                                  byExport,
	"FROM checkpoints ORDER BY path":                                                          byExport,
	"INSERT INTO subscriptions (":                                                             byNobody,
}

// CheckPlans holds every recorded statement against the rule that none goes through a table that grows with history, as
// the database at path plans it.
func (r *Recorder) CheckPlans(t *testing.T, path string) {
	s := NewRecorder().Open(t, path)
	for _, query := range slices.Sorted(maps.Keys(r.statements)) {
		for _, step := range plan(t, s, query, r.statements[query]) {
			if scansHistory(step) && !mayReadHistory(query) {
				t.Errorf("%s\n\tin %s", step, query)
			}
		}
	}
}

func mayReadHistory(query string) bool {
	for part := range mayReadAll {
		if strings.Contains(query, part) {
			return true
		}
	}
	return false
}

// scansHistory tells whether a step of a plan reads the whole of something that grows with history.
func scansHistory(step string) bool {
	what, isScan := strings.CutPrefix(step, "SCAN ")
	if !isScan {
		return false
	}
	_, index, _ := strings.Cut(what, "INDEX ")
	return !slices.ContainsFunc(mayScan, func(may string) bool { return strings.HasPrefix(what, may) }) &&
		!slices.Contains(mayScanIndex, index)
}

func TestScansHistory(t *testing.T) {
	t.Parallel()
	s := NewRecorder().Open(t, filepath.Join(t.TempDir(), "pool.db"))
	for query, scans := range map[string]bool{
		`SELECT * FROM sessions WHERE pid = 1`:                                        true,
		`SELECT * FROM sessions AS other WHERE pid = 1`:                               true,
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
		`SELECT * FROM conversations WHERE active_at > 1`:                             true,
		`SELECT * FROM conversations WHERE subscription_id = 1 AND active_at > 1`:     false,
		`SELECT * FROM events WHERE kind = 'limit'`:                                   true,
		`SELECT * FROM deliveries WHERE state = 'waiting' AND channel = 'c'`:          false,
		`SELECT * FROM queue, subscriptions`:                                          false,
	} {
		require.Equal(t, scans, slices.ContainsFunc(plan(t, s, query, nil), scansHistory), query)
	}
}

// plan asks SQLite how it would run a statement. What has no plan, as BEGIN, has no steps.
func plan(t *testing.T, s *Store, query string, args []any) (steps []string) {
	t.Helper()
	rows, err := s.db.QueryContext(context.Background(), "EXPLAIN QUERY PLAN "+query, args...)
	require.NoError(t, err, query)
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
