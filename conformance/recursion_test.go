package conformance

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"claudepool/conformance/harness"

	"github.com/stretchr/testify/require"
)

// unrunnable are settings of the real CLI that lead nowhere, made in a ground: what CLAUDEPOOL_CLAUDE is
// then, the status of a run, and what the first line says.
var unrunnable = map[string]struct {
	make   func(t *testing.T, g *harness.Ground) string
	status int
	says   string
}{
	"ourselves":                 {func(_ *testing.T, g *harness.Ground) string { return filepath.Join(g.Dir, "shim", "claude") }, 126, "claudepool itself"},
	"ourselves by our own name": {func(*testing.T, *harness.Ground) string { return harness.Claudepool }, 126, "claudepool itself"},
	"a link to ourselves": {func(t *testing.T, g *harness.Ground) string {
		link := filepath.Join(g.Dir, "link")
		require.NoError(t, os.Symlink(filepath.Join(g.Dir, "shim", "claude"), link))
		return link
	}, 126, "claudepool itself"},
	"a script that execs claude": {scripted("exec claude \"$@\""), 126, "leads back to claudepool"},
	"a script that runs claude":  {scripted("claude \"$@\"; exit $?"), 126, "leads back to claudepool"},
	"nothing":                    {func(_ *testing.T, g *harness.Ground) string { return filepath.Join(g.Dir, "nothing") }, 127, "nothing"},
	"a name that is nowhere":     {func(*testing.T, *harness.Ground) string { return "no-such-claude" }, 127, "no-such-claude"},
	"a directory":                {func(_ *testing.T, g *harness.Ground) string { return g.Dir }, 126, ""},
	"a file without permission":  {file("#!/bin/sh\n", 0o644), 126, "permission"},
	"a file that is no program":  {file("\x00\x01\x02", 0o755), 126, ""},
	"no interpreter":             {file("#!/no/such/interpreter\n", 0o755), 127, ""},
}

func scripted(body string) func(*testing.T, *harness.Ground) string {
	return file("#!/bin/sh\n"+body+"\n", 0o755)
}

func file(content string, mode os.FileMode) func(*testing.T, *harness.Ground) string {
	return func(t *testing.T, g *harness.Ground) string {
		path := filepath.Join(g.Dir, "named")
		require.NoError(t, os.WriteFile(path, []byte(content), mode))
		return path
	}
}

func TestARealCLIThatCanNotRun(t *testing.T) {
	t.Parallel()
	harness.NeedsPool(t)
	for name, tc := range unrunnable {
		for _, kind := range []harness.Kind{harness.OnTerminal, harness.OnPipe} {
			t.Run(name+",out="+string(kind), func(t *testing.T) {
				t.Parallel()
				g := harness.New(t)
				g.Real = tc.make(t, g)
				r := g.Start(t, g.Wrapped(), harness.Plan{Stdin: kind, Stdout: kind, Args: []string{"hello"}})
				require.Equal(t, harness.Status{Code: tc.status}, r.Wait(t), r.Describe())
				complaint := string(r.Stderr())
				require.Contains(t, complaint, tc.says)
				require.Equal(t, 2, strings.Count(complaint, "\n"), "what is wrong and what to type: %s", complaint)
				require.True(t, strings.HasPrefix(complaint, "claudepool: "), complaint)
				require.Empty(t, string(r.Stdout()))
				r.NothingLeft(t)
				noneRunning(t, g)
			})
		}
	}
}

// Without CLAUDEPOOL_CLAUDE the real CLI is the next on PATH that is not claudepool.
func TestPathLeadsPastTheShimToTheRealCLI(t *testing.T) {
	t.Parallel()
	harness.NeedsPool(t)
	g := harness.New(t)
	shim := filepath.Join(g.Dir, "shim")
	second, third := g.MakeDir(t, "second"), g.MakeDir(t, "third")
	require.NoError(t, os.Symlink(harness.Claudepool, filepath.Join(second, "claude")))
	require.NoError(t, os.Symlink(harness.Claude, filepath.Join(third, "claude")))
	path := strings.Join([]string{shim, second, third, shim}, ":")
	r := g.Start(t, harness.Way{Name: "wrapped", Path: "/usr/bin/env"}, harness.Plan{
		Args: []string{"CLAUDEPOOL_CLAUDE=", "PATH=" + path, filepath.Join(shim, "claude")}, Script: "report\nexit 5",
	})
	require.Equal(t, harness.Status{Code: 5}, r.Wait(t), r.Describe())
	require.Equal(t, path, variables(r.Report(t))["PATH"])
}
