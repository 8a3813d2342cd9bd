package main

import (
	"context"
	"database/sql"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
	"claudepool/sqlitestore"
)

func TestStatusLineWords(t *testing.T) {
	t.Parallel()
	window := func(kind pool.WindowKind, used float64, resets time.Duration) pool.Window {
		return pool.Window{Kind: kind, Status: pool.StatusAllowed, Utilization: &used, ResetsAt: noon.Add(resets), ObservedAt: noon.Add(-time.Minute)}
	}
	two := 2
	full := window(pool.SevenDay, 1, 3*24*time.Hour+4*time.Hour)
	full.Utilization, full.Status = nil, pool.StatusRejected
	windows := []pool.Window{window(pool.FiveHour, 0.25, 2*time.Hour+10*time.Minute), full}
	for want, line := range map[string]statusLine{
		"":                               {windows: windows, running: &two},
		"work · 5h unknown · 7d unknown": {name: "work"},
		"work · 5h 25% (2h10m) · 7d full (3d4h)":                           {name: "work", windows: windows},
		"work · 5h 25% (2h10m) · 7d full (3d4h) · 2 running · $1.23 today": {name: "work", windows: windows, running: &two, today: &pool.Usage{Cost: pool.USD(1.23)}},
		"key · 2 running · ≥$1.00 today":                                   {name: "key", api: true, running: &two, today: &pool.Usage{Cost: pool.USD(1), CostUnknown: 1}},
		"work · 5h unknown · 7d 50% (<1m)":                                 {name: "work", windows: []pool.Window{window(pool.FiveHour, 0.9, -time.Second), window(pool.SevenDay, 0.5, 59*time.Second)}},
		"work · 5h 1% (1m) · 7d unknown":                                   {name: "work", windows: []pool.Window{window(pool.FiveHour, 0.01, 119*time.Second)}},
		"work · 5h 50% · 7d unknown":                                       {name: "work", windows: []pool.Window{{Kind: pool.FiveHour, Utilization: fraction(0.5), ObservedAt: noon}}},
	} {
		require.Equal(t, want, line.words(noon))
	}
}

func TestOldNewsOfAWindowIsNone(t *testing.T) {
	t.Parallel()
	at := func(used float64, resets time.Time) pool.Window {
		return pool.Window{Kind: pool.FiveHour, Utilization: &used, ResetsAt: resets, ObservedAt: noon, Source: pool.FromStatusLine}
	}
	soon, later := noon.Add(time.Hour), noon.Add(6*time.Hour)
	closed := at(0, soon)
	closed.Utilization, closed.Status = nil, pool.StatusRejected
	for name, c := range map[string]struct {
		told, known pool.Window
		want        bool
	}{
		"higher":                         {at(0.5, soon), at(0.4, soon.Add(30*time.Second)), true},
		"the same":                       {at(0.5, soon), at(0.5, soon), false},
		"lower":                          {at(0.4, soon), at(0.5, soon), false},
		"lower, of the next stretch":     {at(0.1, later), at(0.5, soon), true},
		"higher, of the stretch before":  {at(0.9, soon), at(0.1, later), false},
		"of a stretch that is over":      {at(0.9, noon), at(0.5, noon.Add(-time.Second)), false},
		"the known stretch is over":      {at(0.1, soon), at(0.5, noon), true},
		"only its status was known":      {at(1, soon), closed, true},
		"its reset was not known":        {at(0.1, soon), at(0.5, time.Time{}), true},
		"higher, both without a reset":   {at(0.6, time.Time{}), at(0.5, time.Time{}), true},
		"the same, both without a reset": {at(0.5, time.Time{}), at(0.5, time.Time{}), false},
	} {
		require.Equal(t, c.want, len(newsIn([]pool.Window{c.told}, []pool.Window{c.known}, noon)) == 1, name)
	}
	require.Len(t, newsIn([]pool.Window{at(0, soon)}, nil, noon), 1, "nothing was known")
}

func TestStatusLineCommand(t *testing.T) {
	t.Parallel()
	const program, moved = `'/our own/claudepool'`, `'/it'\''s moved/claudepool'`
	for old, want := range map[string]string{
		"":                       "P statusline",
		"mine":                   "P statusline --then 'mine'",
		"it's -- \"mine\" $(x)":  `P statusline --then 'it'\''s -- "mine" $(x)'`,
		"claudepool status":      "P statusline --then 'claudepool status'",
		"claudepool statuslines": "P statusline --then 'claudepool statuslines'",
		"claudepool statusline":  "P statusline",
		"/old/bin/claudepool  statusline --then 'x y'":    "P  statusline --then 'x y'",
		moved + " statusline":                             "P statusline",
		"A=b claudepool statusline":                       "A=b claudepool statusline",
		"x; '/it is/claudepool' statusline --then 'mine'": "x; '/it is/claudepool' statusline --then 'mine'",
	} {
		want = strings.Replace(want, "P", program, 1)
		require.Equal(t, want, statusLineCommand(program, old), old)
		require.Equal(t, want, statusLineCommand(program, want), "again")
	}
}

// lineApp is an app on a pool of one subscription, in the default directory.
func lineApp(t *testing.T) *app {
	t.Helper()
	home := t.TempDir()
	a := &app{env: []string{subscriptionVar + "=work", "HOME=" + home}, now: func() time.Time { return noon }}
	a.settings = settings{Database: filepath.Join(home, "pool.db"), places: places{home: home}, Policy: pool.DefaultPolicy()}
	store, err := sqlitestore.Open(t.Context(), a.settings.Database, sqlitestore.Options{Create: true})
	require.NoError(t, err)
	_, err = store.AddSubscription(t.Context(), pool.Subscription{Name: "work", Enabled: true, CreatedAt: noon})
	require.NoError(t, err)
	require.NoError(t, store.Close())
	return a
}

const toldAtNoon = `{"session_id":"a","rate_limits":{"five_hour":{"used_percentage":25,"resets_at":1795528800}}}`

// Somebody else's lock costs what would be booked, and no more than a moment.
func TestStatusLineOfALockedPool(t *testing.T) {
	t.Parallel()
	for lock, want := range map[string]string{
		"IMMEDIATE": "work · 5h 25% (2h0m) · 7d unknown · 0 running · $0.00 today",
		"EXCLUSIVE": "work · 5h 25% (2h0m) · 7d unknown",
	} {
		t.Run(lock, func(t *testing.T) {
			t.Parallel()
			a := lineApp(t)
			db, err := sql.Open("sqlite", a.settings.Database)
			require.NoError(t, err)
			defer db.Close()
			db.SetMaxOpenConns(1)
			if lock == "EXCLUSIVE" { // with WAL, readers go on beside every lock
				_, err = db.ExecContext(t.Context(), "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE")
				require.NoError(t, err)
			}
			_, err = db.ExecContext(t.Context(), "BEGIN "+lock)
			require.NoError(t, err)
			began := time.Now()
			require.Equal(t, want, a.statusLine([]byte(toldAtNoon)))
			require.Less(t, time.Since(began), poolTakes+lockTakes)
			_, err = db.ExecContext(t.Context(), "ROLLBACK")
			require.NoError(t, err)
		})
	}
}

// What is drawn again and again is written once.
func TestStatusLineWritesNoMoreThanNews(t *testing.T) {
	t.Parallel()
	a := lineApp(t)
	written := func() int {
		db, err := sql.Open("sqlite", a.settings.Database)
		require.NoError(t, err)
		defer db.Close()
		_, err = db.ExecContext(t.Context(), "CREATE TABLE IF NOT EXISTS written (n); CREATE TRIGGER IF NOT EXISTS w1 AFTER UPDATE ON windows BEGIN INSERT INTO written VALUES (1); END")
		require.NoError(t, err)
		var n int
		require.NoError(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM written").Scan(&n))
		return n
	}
	a.statusLine([]byte(toldAtNoon))
	require.Zero(t, written())
	for range 3 {
		require.Equal(t, "work · 5h 25% (2h0m) · 7d unknown · 0 running · $0.00 today", a.statusLine([]byte(toldAtNoon)))
	}
	require.Zero(t, written())
	a.statusLine([]byte(strings.Replace(toldAtNoon, "25", "26", 1)))
	require.Equal(t, 1, written())
}

func TestTheInputOfAStatusLineIsBounded(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]struct {
		bytes int
		ends  bool
		want  int
	}{"a large one": {maxStatusLineInput + 100, true, maxStatusLineInput}, "one without an end": {10, false, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, w, err := os.Pipe()
			require.NoError(t, err)
			defer r.Close()
			defer w.Close()
			go func() {
				_, _ = w.Write(make([]byte, write.bytes)) // the rest of a large one is not read
				if write.ends {
					_ = w.Close()
				}
			}()
			require.Len(t, readInput(r), write.want)
		})
	}
}

// What the user's own status line leaves running is ended with it.
func TestAStatusLineOfTheUsersOwnIsBounded(t *testing.T) {
	t.Parallel()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	(&app{stdout: w, stderr: w}).runThen(ctx, "echo begun; sleep 300 | cat", nil)
	require.NoError(t, w.Close())
	require.NoError(t, r.SetReadDeadline(time.Now().Add(time.Minute)))
	said, err := io.ReadAll(r)
	require.NoError(t, err, "somebody holds the output open")
	require.Equal(t, "begun\n", string(said))
}
