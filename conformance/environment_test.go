package conformance

import (
	"path/filepath"
	"strings"
	"testing"

	"claudepool/conformance/harness"
	"claudepool/internal/fakeclaude"

	"github.com/stretchr/testify/require"
)

// variables are the child's, by name.
func variables(r fakeclaude.Report) map[string]string {
	byName := map[string]string{}
	for _, entry := range r.Environ {
		if name, value, ok := strings.Cut(string(entry), "="); ok {
			byName[name] = value
		}
	}
	return byName
}

// seenBy runs the wrapper and returns the child's variables.
func seenBy(t *testing.T, g *harness.Ground, p harness.Plan) map[string]string {
	t.Helper()
	p.Script = "report"
	o := g.Do(t, g.Wrapped(), p)
	require.Equal(t, harness.Status{}, o.Status, string(o.Stderr))
	return variables(o.Report)
}

// two is a pool of the CLI's default login, main, and one in a directory of its own, other.
func two(t *testing.T) (g *harness.Ground, dir string) {
	t.Helper()
	harness.NeedsPool(t)
	g = harness.Bare(t)
	dir = g.MakeDir(t, "other")
	g.Must(t, "init")
	g.Must(t, "add", "main", "--default-dir")
	g.Must(t, "add", "other", "--config-dir", dir)
	return g, dir
}

func on(name string) []string { return []string{"CLAUDEPOOL_SUBSCRIPTION=" + name} }

func TestTheConfigDirectoryIsTheSubscriptions(t *testing.T) {
	t.Parallel()
	g, dir := two(t)
	seen := seenBy(t, g, harness.Plan{Env: on("other")})
	require.Equal(t, dir, seen["CLAUDE_CONFIG_DIR"])
	require.Equal(t, "other", seen["CLAUDEPOOL_ACTIVE_SUBSCRIPTION"])
	require.Equal(t, sessions(t, g, "--all")[0].ID, seen["CLAUDEPOOL_SESSION"])

	seen = seenBy(t, g, harness.Plan{Env: on("main")})
	require.NotContains(t, seen, "CLAUDE_CONFIG_DIR", "the default directory is not the same when it is named")
	require.Equal(t, "main", seen["CLAUDEPOOL_ACTIVE_SUBSCRIPTION"])
}

func TestOverridesAreTakenOut(t *testing.T) {
	t.Parallel()
	g, _ := two(t)
	overrides := []string{"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX"}
	env := append(on("other"), "ANTHROPIC_BASE_URL=http://127.0.0.1:1", "ANTHROPIC_MODEL=opus")
	for _, name := range overrides {
		env = append(env, name+"=first", name+"=second")
	}
	seen := seenBy(t, g, harness.Plan{Env: env})
	for _, name := range overrides {
		require.NotContains(t, seen, name)
	}
	require.Equal(t, "http://127.0.0.1:1", seen["ANTHROPIC_BASE_URL"])
	require.Equal(t, "opus", seen["ANTHROPIC_MODEL"])
}

func TestEnvFrom(t *testing.T) {
	t.Parallel()
	g, _ := two(t)
	g.Must(t, "add", "key", "--config-dir", g.MakeDir(t, "key"), "--env-from", "ANTHROPIC_API_KEY=CI_KEY")
	seen := seenBy(t, g, harness.Plan{Env: append(on("key"), "CI_KEY=secret", "ANTHROPIC_API_KEY=mine")})
	require.Equal(t, "secret", seen["ANTHROPIC_API_KEY"])
	require.Equal(t, "secret", seen["CI_KEY"])
	seen = seenBy(t, g, harness.Plan{Env: append(on("other"), "CI_KEY=secret", "ANTHROPIC_API_KEY=mine")})
	require.NotContains(t, seen, "ANTHROPIC_API_KEY")

	missing := g.Start(t, g.Wrapped(), harness.Plan{Env: on("key")})
	require.Equal(t, harness.Status{Code: 75}, missing.Wait(t), missing.Describe())
	require.Contains(t, g.Must(t, "status"), "the variable CI_KEY is not set")
}

func TestAConfigDirectorySetByHand(t *testing.T) {
	t.Parallel()
	g, dir := two(t)
	seen := seenBy(t, g, harness.Plan{Env: []string{"CLAUDE_CONFIG_DIR=" + dir}})
	require.Equal(t, dir, seen["CLAUDE_CONFIG_DIR"])
	require.Equal(t, "other", seen["CLAUDEPOOL_ACTIVE_SUBSCRIPTION"])
	require.Equal(t, "other", sessions(t, g, "--all")[0].Subscription)

	stranger := filepath.Join(g.Dir, "stranger")
	seen = seenBy(t, g, harness.Plan{Env: []string{"CLAUDE_CONFIG_DIR=" + stranger, "ANTHROPIC_API_KEY=mine"}})
	require.Equal(t, stranger, seen["CLAUDE_CONFIG_DIR"])
	require.Equal(t, "mine", seen["ANTHROPIC_API_KEY"], "a run that is not the pool's is left alone")
	require.NotContains(t, seen, "CLAUDEPOOL_SESSION")
	require.Len(t, sessions(t, g, "--all"), 1)
}

// A `claude` that a tool call or a hook of the CLI runs stays where its parent is, though that be full.
func TestANestedRunStaysOnItsParentsSubscription(t *testing.T) {
	t.Parallel()
	harness.NeedsPool(t)
	for _, name := range []string{"one", "two", "three"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := harness.Bare(t)
			g.Must(t, "init")
			dirs := map[string]string{"two": g.MakeDir(t, "two"), "three": g.MakeDir(t, "three")}
			g.Must(t, "add", "one", "--default-dir", "--max-sessions", "1")
			g.Must(t, "add", "two", "--config-dir", dirs["two"], "--max-sessions", "1")
			g.Must(t, "add", "three", "--config-dir", dirs["three"], "--max-sessions", "1")
			r := g.Start(t, g.Wrapped(), harness.Plan{
				Env:    append(on(name), "INNER=report;nested INMOST", "INMOST=mark inmost;exit 0"),
				Script: "nested INNER\nexit 4",
			})
			require.Equal(t, harness.Status{Code: 4}, r.Wait(t), r.Describe())
			r.Marked(t, "inmost")
			require.Equal(t, dirs[name], variables(r.Report(t))["CLAUDE_CONFIG_DIR"])
			all := sessions(t, g, "--all")
			require.Len(t, all, 3)
			for _, s := range all {
				require.Equal(t, name, s.Subscription)
			}
			noneRunning(t, g)
		})
	}
}

func TestBypassAndRunsThatNeedNoPool(t *testing.T) {
	t.Parallel()
	harness.NeedsPool(t)
	for name, p := range map[string]harness.Plan{
		"bypass":    {Env: []string{"CLAUDEPOOL_BYPASS=1"}, Args: []string{"-p", "hi"}},
		"--version": {Args: []string{"--version"}},
		"--help":    {Args: []string{"--help"}},
		"mcp list":  {Args: []string{"mcp", "list"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := harness.Bare(t)
			p.Env = append(p.Env, "ANTHROPIC_API_KEY=mine")
			p.Script = "report"
			direct, wrapped := same(t, g, p)
			require.Equal(t, "mine", variables(wrapped.Report)["ANTHROPIC_API_KEY"])
			require.NotContains(t, variables(wrapped.Report), "CLAUDEPOOL_SESSION")
			require.Empty(t, string(wrapped.Stderr))
			require.Equal(t, direct.Status, wrapped.Status)
			require.NoFileExists(t, g.Database())

			require.NoError(t, g.Spoil()) // a database that is no database does not matter either
			same(t, g, p)
		})
	}
}
