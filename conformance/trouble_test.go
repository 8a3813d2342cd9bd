package conformance

import (
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"claudepool/conformance/harness"

	"github.com/stretchr/testify/require"
	_ "modernc.org/sqlite" // the driver "sqlite"
)

// trouble is something that keeps the pool's database from being used.
type trouble struct {
	name string
	// cause makes it, and returns what ends it.
	cause func(t *testing.T, g *harness.Ground) (mend func())
	// inside runs the wrapper where the trouble is, "" where it is everywhere.
	inside string
	// strict is the status with CLAUDEPOOL_STRICT=1.
	strict int
}

var troubles = []trouble{
	{name: "corrupt", cause: corrupt, strict: 78},
	{name: "newer schema", cause: newerSchema, strict: 78},
	{name: "locked", cause: locked, strict: 75},
	{name: "read-only", inside: readOnly, strict: 78},
	{name: "full", inside: full, strict: 75},
}

// readOnly and full work for root too, for whom permissions mean nothing. What they do to the file
// system nobody else sees.
const readOnly = `#!/bin/sh
exec unshare --map-root-user --mount sh -c 'mount --bind "$XDG_STATE_HOME" "$XDG_STATE_HOME" &&
mount -o remount,bind,ro "$XDG_STATE_HOME" && exec "$@"' sh "$@"
`

const full = `#!/bin/sh
exec unshare --map-root-user --mount sh -c 'cp -r "$XDG_STATE_HOME" "$TMPDIR/copy$$" &&
mount -t tmpfs -o size=1m tmpfs "$XDG_STATE_HOME" &&
mv "$TMPDIR/copy$$/claudepool" "$XDG_STATE_HOME/" && rmdir "$TMPDIR/copy$$" &&
{ head -c 2000000 /dev/zero >"$XDG_STATE_HOME/fill" 2>/dev/null; exec "$@"; }' sh "$@"
`

func corrupt(t *testing.T, g *harness.Ground) func() {
	content, err := os.ReadFile(g.Database())
	require.NoError(t, err)
	require.NoError(t, g.Spoil())
	return func() { require.NoError(t, os.WriteFile(g.Database(), content, 0o600)) }
}

func newerSchema(t *testing.T, g *harness.Ground) func() {
	db := database(t, g)
	var version int
	require.NoError(t, db.QueryRow("PRAGMA user_version").Scan(&version))
	execute(t, db, "PRAGMA user_version = 9999")
	return func() { execute(t, db, fmt.Sprint("PRAGMA user_version = ", version)) }
}

func locked(t *testing.T, g *harness.Ground) func() {
	db := database(t, g)
	execute(t, db, "BEGIN IMMEDIATE")
	return func() { execute(t, db, "ROLLBACK") }
}

func database(t *testing.T, g *harness.Ground) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", g.Database())
	require.NoError(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func execute(t *testing.T, db *sql.DB, statement string) {
	t.Helper()
	_, err := db.Exec(statement)
	require.NoError(t, err)
}

// answer is what `claude -p --output-format json` prints, in the form of 2.1.330.
const answer = `{"type":"result","subtype":"success","is_error":false,"duration_ms":1200,"num_turns":1,"result":"hello",
"session_id":"5e5a0b9e-0b1f-4a5e-9d5c-0d3d1f2a3b4c","total_cost_usd":0.0125,
"usage":{"input_tokens":10,"cache_creation_input_tokens":30,"cache_read_input_tokens":40,"output_tokens":20},
"modelUsage":{"claude-opus-4-5":{"inputTokens":10,"outputTokens":20,"cacheReadInputTokens":40,"cacheCreationInputTokens":30,"costUSD":0.0125}}}
`

// answering is a run that prints the answer, and how it is called.
func answering(t *testing.T, g *harness.Ground) harness.Plan {
	t.Helper()
	path := filepath.Join(g.Dir, "answer")
	require.NoError(t, os.WriteFile(path, []byte(answer), 0o600))
	return harness.Plan{Args: []string{"-p", "--output-format", "json", "hi"}, Stdin: harness.OnNull, Script: "report\noutfile " + path}
}

// inTrouble makes a pool whose only subscription is the CLI's default one, and brings it into trouble.
func (tr trouble) inTrouble(t *testing.T) (g *harness.Ground, start func(harness.Plan) *harness.Run, mend func()) {
	t.Helper()
	harness.NeedsPool(t)
	g = harness.Bare(t)
	g.Must(t, "init")
	g.Must(t, "add", "main", "--default-dir")
	way, mend := g.Wrapped(), func() {}
	if tr.cause != nil {
		mend = tr.cause(t, g)
	}
	if tr.inside == "" {
		return g, func(p harness.Plan) *harness.Run { return g.Start(t, way, p) }, mend
	}
	path := filepath.Join(g.Dir, "inside")
	writeProgram(t, path, tr.inside)
	try := exec.Command(path, "true")
	try.Env = g.Environ()
	if out, err := try.CombinedOutput(); err != nil {
		t.Skipf("no such file system can be made here: %v %s", err, out)
	}
	return g, func(p harness.Plan) *harness.Run {
		p.Args = append([]string{way.Path}, p.Args...)
		return g.Start(t, harness.Way{Name: way.Name, Path: path}, p)
	}, mend
}

func writeProgram(t *testing.T, path, script string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(script), 0o755))
}

func TestTheCLIRunsInSpiteOfTrouble(t *testing.T) {
	t.Parallel()
	for _, tr := range troubles {
		t.Run(tr.name, func(t *testing.T) {
			t.Parallel()
			g, start, mend := tr.inTrouble(t)
			p := answering(t, g)
			r := start(p)
			require.Equal(t, harness.Status{}, r.Wait(t), r.Describe())
			require.Equal(t, answer, string(r.Stdout()))
			complaint := string(r.Stderr())
			require.True(t, strings.HasPrefix(complaint, "claudepool: "), complaint)
			require.Equal(t, 1, strings.Count(complaint, "\n"), complaint)
			require.NotContains(t, variables(r.Report(t)), "CLAUDE_CONFIG_DIR")
			mend()
			cost := 0.0125
			require.Equal(t, map[string]figures{"main": {InputTokens: 10, OutputTokens: 20, CacheCreationTokens: 30, CacheReadTokens: 40, CostUSD: &cost}}, booked(t, g))
			require.Equal(t, booked(t, g), booked(t, g), "what was in the spool is booked once")
			noneRunning(t, g)
		})
	}
}

func TestTroubleIsAnErrorWhereStrict(t *testing.T) {
	t.Parallel()
	for _, tr := range troubles {
		t.Run(tr.name, func(t *testing.T) {
			t.Parallel()
			g, start, mend := tr.inTrouble(t)
			defer mend()
			p := answering(t, g)
			p.Env = []string{"CLAUDEPOOL_STRICT=1"}
			r := start(p)
			require.Equal(t, harness.Status{Code: tr.strict}, r.Wait(t), r.Describe())
			require.Empty(t, string(r.Stdout()))
			require.Nil(t, r.File("report.json"), "the CLI has not run")
			lines := strings.Split(strings.TrimSuffix(string(r.Stderr()), "\n"), "\n")
			require.Len(t, lines, 2, "what is wrong, and what to type: %s", r.Describe())
			for _, line := range lines {
				require.True(t, strings.HasPrefix(line, "claudepool: "), line)
			}
		})
	}
}

// The database is locked in the middle of a run.
func TestTroubleThatBeginsDuringTheRun(t *testing.T) {
	t.Parallel()
	harness.NeedsPool(t)
	g := harness.New(t)
	p := answering(t, g)
	p.Script = strings.Replace(p.Script, "report\n", "mark ready\nawait go\n", 1)
	r := g.Start(t, g.Wrapped(), p)
	r.Marked(t, "ready")
	unlock := locked(t, g)
	r.Tell(t, "go")
	harness.Eventually(t, func() bool {
		kept, _ := filepath.Glob(g.Database() + ".spool/*") // the pattern is well formed
		return len(kept) > 0
	}, r.Describe)
	unlock()
	require.Equal(t, harness.Status{}, r.Wait(t), r.Describe())
	require.Equal(t, answer, string(r.Stdout()))
	require.EqualValues(t, 20, booked(t, g)["a"].OutputTokens)
	noneRunning(t, g)
}
