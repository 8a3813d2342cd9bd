//go:build e2e

package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/conformance/harness"
	"claudepool/internal/fakeapi"
	"claudepool/internal/sandbox"
)

// secretsIn returns the files below the directories that hold one of the secrets, plain or in base64.
func secretsIn(t *testing.T, secrets []string, dirs ...string) (found []string, looked int) {
	t.Helper()
	for _, dir := range dirs {
		require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() { // sockets of the CLI, and the links to the programs
				return err
			}
			looked++
			data, err := os.ReadFile(path)
			holds := func(secret string) bool {
				coded := base64.RawStdEncoding.EncodeToString([]byte(secret))
				return bytes.Contains(data, []byte(secret)) || bytes.Contains(data, []byte(coded[:len(coded)-2])) // what follows changes the end
			}
			if slices.ContainsFunc(secrets, holds) {
				found = append(found, path)
			}
			return err
		}))
	}
	return found, looked
}

// secretMachine is a machine of three subscriptions: a and c have their tokens from variables, b from a command
// that reads it from a file elsewhere. All runs write a log and a record, and nobody listens at its channel.
func secretMachine(t *testing.T) (s *sandbox.Sandbox, secrets, env []string) {
	t.Helper()
	s = newMachine(t, "a")
	vault := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(vault, []byte(sandbox.Token("b")+"\n"), 0o600))
	require.NoError(t, s.Manage(nil, "add", "b", "--no-ramp-up", "--config-dir", s.ConfigDir("b"),
		"--env-command", "CLAUDE_CODE_OAUTH_TOKEN=cat '"+vault+"'"))
	require.NoError(t, s.AddSubscription("c"))
	env = append(addChannel(t, s, "http://127.0.0.1:1"), "CLAUDEPOOL_LOG=debug", "CLAUDEPOOL_REPORT=report.json", "VAULT="+vault)
	return s, []string{sandbox.Token("a"), sandbox.Token("b"), sandbox.Token("c"), hookSecret, hookToken, hookPath}, env
}

// secretRuns are what a program could let a secret slip in, each in its own way.
var secretRuns = []struct {
	name string
	run  func(*testing.T, *sandbox.Sandbox, []string)
}{
	{"failover from a variable to a command", func(t *testing.T, s *sandbox.Sandbox, env []string) {
		s.API.Script(sandbox.Token("a"), fakeapi.Limit("five_hour"))
		s.API.Script(sandbox.Token("c"), fakeapi.Limit("five_hour"))
		secretRun(t, s, env, 0, "-p", "hello", "--output-format", "json")
		secretRun(t, s, env, 0, "-p", "hello")
	}},
	{"signed out", func(t *testing.T, s *sandbox.Sandbox, env []string) {
		secretRun(t, s, append(env, "CLAUDEPOOL_SUBSCRIPTION=b"), 1, "-p", "[[status:401]]", "--output-format", "json")
	}},
	{"a command that fails", func(t *testing.T, s *sandbox.Sandbox, env []string) {
		require.NoError(t, s.Manage(nil, "add", "bad", "--env-command",
			`CLAUDE_CODE_OAUTH_TOKEN=cat "$VAULT" && cat "$VAULT" >&2 && exit 3`))
		secretRun(t, s, append(env, "CLAUDEPOOL_SUBSCRIPTION=bad"), 75, "-p", "hello")
	}},
	{"killed", func(t *testing.T, s *sandbox.Sandbox, env []string) {
		harness.NeedsProc(t)
		before := len(s.API.Requests())
		cmd := s.Claude(limited(t), with(streamJSON, "-p", "[[slow:300s]]")...)
		cmd.Env = append(append(cmd.Env, env...), "CLAUDEPOOL_SUBSCRIPTION=b")
		require.NoError(t, cmd.Start())
		requests(t, s, before+1)
		cli := cliProcess(t, s, "b")
		require.NoError(t, cmd.Process.Kill())
		require.Error(t, cmd.Wait())
		gone(t, cli)
		require.NoError(t, s.Manage(nil, "reclaim"))
	}},
	{"spool", func(t *testing.T, s *sandbox.Sandbox, env []string) {
		secretRun(t, s, append(env, "CLAUDEPOOL_SUBSCRIPTION=b"), 0, "-p", "hello", "--output-format", "json")
		breakDatabase(t, s)
		run(t, withEnv(s.Claude(limited(t), "-p", "hello", "--output-format", "json"), env), "") // on the default login, which is none
		require.NotEmpty(t, spooled(t, s))
	}},
}

// Nothing that claudepool writes holds a token, whatever becomes of a run.
func TestNoSecretIsWrittenAnywhere(t *testing.T) {
	t.Parallel()
	for _, c := range secretRuns {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s, secrets, env := secretMachine(t)
			c.run(t, s, env)
			run(t, withEnv(s.Claudepool(limited(t), "maintain"), env), "") // where the database is broken it fails
			found, looked := secretsIn(t, secrets, s.Home)
			require.Empty(t, found)
			require.Greater(t, looked, 5, "the database, the log, the record, and what the CLI writes")
			if c.name != "killed" { // which leaves no record
				require.FileExists(t, filepath.Join(s.Work, "report.json"))
			}

			// And the search finds what is there.
			planted := filepath.Join(s.Home, "tmp", "planted")
			for _, text := range []string{"a " + sandbox.Token("b") + " b", base64.StdEncoding.EncodeToString([]byte(sandbox.Token("b")))} {
				require.NoError(t, os.WriteFile(planted, []byte(text), 0o600))
				found, _ = secretsIn(t, secrets, s.Home)
				require.Equal(t, []string{planted}, found)
			}
		})
	}
}

// Nor does what the commands print about subscriptions and runs.
func TestNoSecretIsPrinted(t *testing.T) {
	t.Parallel()
	s, secrets, env := secretMachine(t)
	secretRun(t, s, append(env, "CLAUDEPOOL_SUBSCRIPTION=b"), 0, "-p", "hello")
	secretRun(t, s, append(env, "CLAUDEPOOL_TAGS=none"), 75, "-p", "hello") // which is an event
	for _, args := range [][]string{
		{"list"}, {"list", "--json"}, {"status"}, {"status", "--json"}, {"explain"}, {"sessions", "--all", "--json"}, {"env", "a"}, {"env", "b"},
		{"maintain", "--json"}, {"notify", "list", "--all", "--json"}, {"notify", "test", "hook"}, {"notify", "flush"}, {"usage", "--json"}, {"config", "show"}, {"export"}, {"export", "--ledger"}, {"doctor"}, {"doctor", "--json"},
	} {
		out := run(t, withEnv(s.Claudepool(limited(t), args...), env), "")
		for _, secret := range secrets {
			require.NotContains(t, out.Stdout+out.Stderr, secret, "%v", args)
		}
	}
}

// secretRun runs `claude ARGS` with more in the environment. It must end with the status, and say no secret.
func secretRun(t *testing.T, s *sandbox.Sandbox, env []string, status int, args ...string) {
	t.Helper()
	out := run(t, withEnv(s.Claude(limited(t), args...), env), "")
	require.Equal(t, status, out.Status, "%s\n%s", out.Stdout, out.Stderr)
	require.NotContains(t, out.Stdout+out.Stderr, "token-of-")
	if text, err := os.ReadFile(filepath.Join(s.Work, "report.json")); err == nil {
		require.True(t, json.Valid(text), string(text))
	}
}
