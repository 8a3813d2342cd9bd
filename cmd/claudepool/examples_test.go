package main

import (
	"cmp"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// notTyped are the examples that can't succeed in a test, and why.
var notTyped = map[string]string{
	"status --watch":     "it needs a terminal",
	"release 4f1c":       "the ids of sessions are not known beforehand",
	"maintain --loop 1m": "it goes on until a signal ends it",
	"notify retry 4f1c":  "the ids of events are not known beforehand",
}

// withChannel sets up the channel team, and withTrouble one that does not take the event that there is.
const (
	withChannel = `mkdir -p ~/.config/claudepool &&
		printf '[[channel]]\nname = "team"\ntype = "command"\ncommand = ["cat"]\n' >~/.config/claudepool/config.toml`
	withTrouble = withChannel + ` && sed -i s/cat/false/ ~/.config/claudepool/config.toml &&
		claudepool disable default && claudepool disable work && { claude -p hi || claudepool notify flush || true; }`
)

// typedAfter are what has to be done before an example of a command can succeed.
var typedAfter = map[string]string{
	"init":         "rm -r ~/.local",
	"notify test":  withChannel,
	"notify flush": withChannel,
	"notify drop":  withTrouble,
	"add":          "claudepool remove work",
	"import":       "claudepool export >pool.toml && claudepool export --ledger >ledger.jsonl",
	"doctor":       "claudepool shim install && claudepool remove work", // which was never signed in
}

// Every example of a help text is typed as it stands, in a home where there is a pool with a subscription.
func TestExamplesWork(t *testing.T) {
	t.Parallel()
	commands, err := exec.LookPath("claudepool") // the test binary, as TestMain has put it on PATH
	require.NoError(t, err)
	typed := 0
	for path, shown := range examples {
		for _, e := range shown {
			if notTyped[e.words] != "" {
				continue
			}
			typed++
			t.Run(e.words, func(t *testing.T) {
				t.Parallel()
				script := "claudepool init && claudepool add work && " + cmp.Or(typedAfter[path], "true") + "\nclaudepool " + e.words
				out, err := exampleCommand(t, filepath.Dir(commands), script).CombinedOutput()
				require.NoError(t, err, "%s", out)
			})
		}
	}
	require.Greater(t, typed, len(examples)-len(notTyped)-1)
}

// exampleCommand runs a script of the shell in a home of its own.
func exampleCommand(t *testing.T, commands, script string) *exec.Cmd {
	home := t.TempDir()
	for _, dir := range []string{"bin", ".claude", ".claude-mine"} {
		require.NoError(t, os.Mkdir(filepath.Join(home, dir), 0o700))
	}
	cli := "#!/bin/sh\ncase \"$*\" in --version) echo '2.1.330 (Claude Code)';; 'auth status'*) echo '{\"loggedIn\": true}';; esac\n"
	require.NoError(t, os.WriteFile(filepath.Join(home, "bin/claude"), []byte(cli), 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(home, ".claude.json"), []byte(`{"numStartups": 1, "mcpServers": {"a": {"command": "true"}}}`), 0o600))
	cmd := exec.Command("sh", "-ec", script)
	cmd.Dir = home
	cmd.Env = []string{
		"HOME=" + home, "SHELL=/bin/bash", "EDITOR=true", "TZ=UTC", "CLAUDEPOOL_MAINTAIN=off", "GORACE=" + noRaceSleep,
		"PATH=" + home + "/.local/share/claudepool/shim:" + commands + ":" + home + "/bin:/usr/bin:/bin",
	}
	return cmd
}
