package claudecli_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
)

// The cases are what 2.1.330 did.
func TestTheModelThatSettingsName(t *testing.T) {
	t.Parallel()
	names := func(model string) string { return `{"model":"` + model + `"}` }
	sets := func(model string) string { return `{"env":{"ANTHROPIC_MODEL":"` + model + `"},"model":"beside"}` }
	cases := []struct {
		name, local, project, user, flag, env, want string
	}{
		{name: "nothing"},
		{name: "the user's", user: names("user"), want: "user"},
		{name: "the project's", project: names("project"), user: names("user"), want: "project"},
		{name: "one's own in the project", local: names("local"), project: names("project"), want: "local"},
		{name: "--settings", flag: names("flag"), local: names("local"), want: "flag"},
		{name: "the variable", flag: names("flag"), env: "env", want: "env"},
		{name: "a block before the variable", user: sets("block"), env: "env", want: "block"},
		{name: "a block before --settings", user: sets("block"), flag: names("flag"), want: "block"},
		{name: "the project's block", project: sets("project"), user: sets("user"), want: "project"},
		{name: "a block that empties the variable", user: sets(""), env: "env", want: "beside"},
		{name: "an empty model", project: names(""), user: names("user"), want: ""},
		{name: "no string", project: `{"model":5}`, user: names("user"), want: "user"},
		{name: "broken off", project: `{"model":"project"`, user: names("user"), want: "user"},
		{name: "a comment", project: `{"model":"project", /* x */ }`, user: names("user"), want: "user"},
		{name: "too long", project: names("project") + strings.Repeat(" ", 1<<20), user: names("user"), want: "user"},
		{name: "of a large context", user: names("opus[1m]"), want: "opus"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cwd, config := t.TempDir(), t.TempDir()
			write := func(text string, path ...string) {
				if text != "" {
					file := filepath.Join(path...)
					require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
					require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
				}
			}
			write(c.local, cwd, ".claude", "settings.local.json")
			write(c.project, cwd, ".claude", "settings.json")
			write(c.user, config, "settings.json")
			write(c.flag, cwd, "flag.json")
			env := claudecli.Environment{}
			if c.env != "" {
				env = env.Set("ANTHROPIC_MODEL", c.env)
			}
			require.Equal(t, c.want, claudecli.SettingsModel(env, config, cwd, c.flag))
			if c.flag != "" {
				require.Equal(t, c.want, claudecli.SettingsModel(env, config, cwd, "flag.json"), "as a file")
			}
		})
	}
}

func TestSettingsThatAreNoFileKeepNobodyWaiting(t *testing.T) {
	t.Parallel()
	config := t.TempDir()
	require.NoError(t, syscall.Mkfifo(filepath.Join(config, "settings.json"), 0o600))
	require.Empty(t, claudecli.SettingsModel(nil, config, t.TempDir(), config))
}

func TestWhenALoginWasRenewed(t *testing.T) {
	t.Parallel()
	config := t.TempDir()
	require.Zero(t, claudecli.LoginRenewedAt(config))
	path := filepath.Join(config, ".credentials.json")
	require.NoError(t, os.WriteFile(path, nil, 0o000)) // not to be opened
	renewed := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	require.NoError(t, os.Chtimes(path, renewed, renewed))
	require.True(t, renewed.Equal(claudecli.LoginRenewedAt(config)))
}
