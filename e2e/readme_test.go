//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/sandbox"
	"claudepool/pool"
)

// From a clone to a booked run, with nothing but what the README says: the commands under "Install", and then those
// of its opening. The home is empty but for the config directory that the CLI makes when it is first used.
func TestTheREADMELeadsToABookedRun(t *testing.T) {
	t.Parallel()
	s := newBareMachine(t)
	require.NoError(t, os.Mkdir(filepath.Join(s.Home, ".claude"), 0o700))
	clone := filepath.Join(s.Home, "clone")
	cloneTree(t, clone)
	readme, err := os.ReadFile(filepath.Join(clone, "README.md"))
	require.NoError(t, err)

	cmd := exec.CommandContext(limited(t), "bash", "-euo", "pipefail", "-c", strings.Join([]string{
		"cd " + clone, installCommands(t, string(readme)), "cd " + s.Work, openingCommands(t, string(readme)),
		"claudepool usage --json --by model >usage.json",
	}, "\n"))
	cmd.Env = append(s.Env(), newUserEnv(t, s)...)
	out := run(t, cmd, "")
	require.Zero(t, out.Status, "%s\n%s", out.Stdout, out.Stderr)
	require.Contains(t, out.Stdout, "\nDone.\n")

	var served pool.Tokens
	for _, request := range s.API.Requests() {
		require.Equal(t, sandbox.Token("work"), request.Token)
		served = served.Plus(request.Tokens)
	}
	var usage struct {
		Rows []struct {
			Input  int64 `json:"input_tokens"`
			Output int64 `json:"output_tokens"`
		}
	}
	text, err := os.ReadFile(filepath.Join(s.Work, "usage.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &usage), string(text))
	require.Len(t, usage.Rows, 1, string(text))
	require.Positive(t, served.Output)
	require.Equal(t, []int64{served.Input, served.Output}, []int64{usage.Rows[0].Input, usage.Rows[0].Output})
}

// cloneTree copies what git would: the files of the repository that are tracked, or new and not ignored.
func cloneTree(t *testing.T, clone string) {
	t.Helper()
	list := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	list.Dir = ".."
	names, err := list.Output()
	require.NoError(t, err)
	for name := range strings.SplitSeq(strings.TrimSuffix(string(names), "\x00"), "\x00") {
		from, to := filepath.Join("..", name), filepath.Join(clone, name)
		info, err := os.Lstat(from)
		if err != nil || !info.Mode().IsRegular() {
			continue // removed, and not yet committed; or a link
		}
		data, err := os.ReadFile(from)
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o755))
		require.NoError(t, os.WriteFile(to, data, info.Mode().Perm()))
	}
}

// installCommands is the first block under "Install".
func installCommands(t *testing.T, readme string) string {
	t.Helper()
	block := regexp.MustCompile("(?s)\n## Install\n.*?\n```sh\n(.*?)```\n").FindStringSubmatch(readme)
	require.NotNil(t, block)
	return block[1]
}

// openingCommands is what is typed in the README's opening.
func openingCommands(t *testing.T, readme string) string {
	t.Helper()
	block := regexp.MustCompile("(?s)\n```console\n(.*?)```\n").FindStringSubmatch(readme)
	require.NotNil(t, block)
	var typed []string
	for line := range strings.SplitSeq(block[1], "\n") {
		if command, is := strings.CutPrefix(line, "$ "); is {
			typed = append(typed, command)
		}
	}
	require.NotEmpty(t, typed)
	return strings.Join(typed, "\n")
}

// newUserEnv is what a user has who can build Go programs and holds a token. The compiler's caches are those of whoever
// runs the test: they are no part of the home.
func newUserEnv(t *testing.T, s *sandbox.Sandbox) []string {
	t.Helper()
	env := []string{"WORK_TOKEN=" + sandbox.Token("work")}
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOPROXY", "GOFLAGS"} {
		value, err := exec.Command("go", "env", name).Output()
		require.NoError(t, err)
		env = append(env, name+"="+strings.TrimSpace(string(value)))
	}
	compiler, err := exec.LookPath("go")
	require.NoError(t, err)
	path := []string{filepath.Join(s.Home, ".local", "bin"), filepath.Join(s.Home, "bin"), filepath.Dir(compiler), "/usr/local/bin", "/usr/bin", "/bin"}
	return append(env, "PATH="+strings.Join(path, ":"))
}
