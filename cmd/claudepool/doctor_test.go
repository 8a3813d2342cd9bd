package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// Every check says that all is well where it is, and what is wrong where that is so.
func TestDoctorChecks(t *testing.T) {
	t.Parallel()
	const shim = ".local/share/claudepool/shim"
	for _, c := range []struct {
		check string
		what  string
		spoil func(examined)
		want  string
	}{
		{"settings", "a wrong file", func(e examined) { e.trouble = &settingError{"A", "b", "right"} },
			"error: the settings are wrong: A=b is not right | unset A, or set it to right"},
		{"settings", "a bypass", func(e examined) { e.settings.Bypass = true },
			"warning: CLAUDEPOOL_BYPASS is set: every run passes the pool by | to use the pool again: unset CLAUDEPOOL_BYPASS"},

		{"real_cli", "none", func(e examined) { e.settings.Claude = "/nowhere/claude" },
			"error: the real CLI is not to be found: "},
		{"real_cli", "another program", func(e examined) { e.write("bin/claude", "#!/bin/sh\necho hello\n", 0o755) },
			`warning: HOME/bin/claude says of its version "hello": is it the real CLI? | name the real CLI: export CLAUDEPOOL_CLAUDE=/path/to/claude`},
		{"real_cli", "a broken one", func(e examined) { e.write("bin/claude", "#!/bin/sh\nexit 3\n", 0o755) },
			"error: HOME/bin/claude does not print its version: exit status 3 | see what it says: HOME/bin/claude --version"},

		{"shim", "not installed", func(e examined) { e.uninstall() },
			"warning: the shim is not installed: plain claude passes the pool by | to install it: claudepool shim install"},
		{"shim", "to nowhere", func(e examined) {
			e.uninstall()
			require.NoError(e, os.Symlink("/nowhere/claudepool", filepath.Join(e.home, shim, "claude")))
		}, "warning: the shim leads nowhere: HOME/.local/share/claudepool/shim/claude -> /nowhere/claudepool | to make it anew: claudepool shim install"},
		{"shim", "behind", func(e examined) { e.set("PATH", e.home+"/bin:"+e.home+"/"+shim) },
			"warning: HOME/bin/claude comes before the shim on PATH | a start-up file puts the shim first on PATH in new shells, if its line comes last; in this one: eval "},
		{"shim", "not on PATH", func(e examined) { e.set("PATH", e.home+"/empty") },
			"warning: the shim is not on PATH, and no other claude is | a start-up file puts the shim first on PATH in new shells, if its line comes last"},

		{"shells", "none", func(e examined) { e.write(".bashrc", "# claudepool shellenv bash\n", 0o600); e.set("PATH", "/usr/bin") },
			"warning: no start-up file of bash puts the shim first on PATH | to put the shim first on PATH, add this line to ~/.bashrc"},
		{"shells", "another", func(e examined) { e.set("SHELL", "/bin/zsh"); e.set("PATH", "/usr/bin") },
			"warning: no start-up file of zsh puts the shim first on PATH | to put the shim first on PATH, add this line to ~/.zshrc"},
		{"shells", "an alias", func(e examined) {
			e.write(".bash_aliases", "\nalias ll='ls -l'\n alias claude='~/.claude/local/claude'\n", 0o600)
		},
			"warning: ~/.bash_aliases, line 3, has an alias or function named claude, which goes before the shim | take it out: ${EDITOR:-vi} +3 HOME/.bash_aliases"},

		{"editors", "an extension", func(e examined) { e.extension("") },
			"warning: the extension of VS Code starts a CLI of its own, past the pool | put into HOME/.config/Code/User/settings.json: \"claudeCode.claudeProcessWrapper\": \"HOME/.local/share/claudepool/shim/claude\""},
		{"editors", "one that starts another", func(e examined) { e.extension("/usr/bin/claude") },
			"warning: the extension of VS Code starts /usr/bin/claude and not the shim | put into "},

		{"database", "none", func(e examined) { e.store, e.storeErr = nil, pool.ErrNoPool },
			"error: there is no pool yet: ~/.local/state/claudepool/pool.db | to make one: claudepool init"},
		{"database", "older", func(e examined) { e.store, e.storeErr = nil, pool.ErrOlderSchema },
			"error: the pool can't be used: " + pool.ErrOlderSchema.Error() + " | bring it up to date: claudepool doctor --fix"},
		{"database", "of a project", func(e examined) {
			e.store, e.storeErr = nil, pool.ErrNoPool
			e.settings.project = &project{path: "/src/claudepool.toml", subscriptions: []projectSubscription{{Name: "a"}}}
		}, "ok: there is no pool yet: the first run makes it, as /src/claudepool.toml says | "},
		{"database", "newer", func(e examined) { e.store, e.storeErr = nil, pool.ErrNewerSchema },
			"error: the pool can't be used: " + pool.ErrNewerSchema.Error() + " | install the claudepool that made it"},
		{"database", "damaged", func(e examined) { e.sick(sickStore{problems: []string{"row 1 is odd"}}) },
			"error: the database is damaged: row 1 is odd | put it aside and begin anew: mv HOME/.local/state/claudepool/pool.db "},
		{"database", "beyond reading", func(e examined) { e.sick(sickStore{err: pool.ErrCorrupt}) },
			"error: the database can't be checked: " + pool.ErrCorrupt.Error() + " | put it aside"},
		{"database", "empty", func(e examined) { e.subscriptions = nil },
			"warning: the pool is empty | to add a subscription: claudepool add NAME"},

		{"spool", "a record", func(e examined) { e.spoolRecord() },
			"warning: the usage of 1 session waits in the spool to be booked | to book it: claudepool reclaim"},
		{"spool", "a damaged one", func(e examined) {
			e.write(".local/state/claudepool/pool.db.spool/x.jsonl", "rubbish", 0o600)
		}, "warning: a record in the spool is damaged: HOME/.local/state/claudepool/pool.db.spool/x.jsonl | to give it up: rm HOME/.local/state/claudepool/pool.db.spool/x.jsonl"},

		{"sessions", "a dead one", func(e examined) {
			e.session(e.now())
			e.probe = func(pool.Process) pool.Liveness { return pool.Dead }
		}, "warning: 1 session without a process: 1 session running in all | to end them: claudepool reclaim"},

		{"clock", "of the file system ahead", func(e examined) {
			e.now = func() time.Time { return time.Now().Add(-2 * time.Hour) }
		}, "warning: the last change of HOME/.local/state/claudepool/pool.db is of "},
		{"clock", "a session of the future", func(e examined) { e.session(e.now().Add(time.Hour)) },
			"warning: the start of session "},
		{"clock", "a window of the future", func(e examined) {
			require.NoError(e, e.store.ObserveWindows(e.Context(), "default", []pool.Window{
				{Kind: pool.FiveHour, Status: pool.StatusAllowed, ObservedAt: e.now().Add(time.Hour), ResetsAt: e.now().Add(2 * time.Hour)}}))
		}, "warning: what is known of the window five_hour of default is of "},

		{"directories", "missing", func(e examined) {
			e.add(pool.Subscription{Name: "work", ConfigDir: e.home + "/w"})
			require.NoError(e, os.Remove(e.home+"/w"))
		}, "error: the config directory of work is missing: HOME/w | to make it anew: mkdir -p -m 700 HOME/w"},
		{"directories", "the default one missing", func(e examined) { require.NoError(e, os.RemoveAll(e.home+"/.claude")) },
			"warning: default has no config directory yet: HOME/.claude | to sign in: claudepool login default"},
		{"directories", "a file", func(e examined) {
			e.add(pool.Subscription{Name: "work", ConfigDir: e.home + "/w"})
			require.NoError(e, os.Remove(e.home+"/w"))
			e.write("w", "", 0o600)
		}, "error: the config directory of work is none: HOME/w | see what it is: ls -ld HOME/w"},
		{"directories", "one twice", func(e examined) {
			require.NoError(e, os.Symlink(e.home+"/.claude", e.home+"/same"))
			e.add(pool.Subscription{Name: "work", ConfigDir: e.home + "/same"})
		}, "error: default and work have one config directory: HOME/same | to take one out: claudepool remove work"},

		{"permissions", "of the database", func(e examined) { e.write(".local/state/claudepool/pool.db", "", 0o644) },
			"warning: others can get at HOME/.local/state/claudepool/pool.db: its mode is 0644 | to close it: chmod 600 HOME/.local/state/claudepool/pool.db"},
		{"permissions", "of the journal", func(e examined) { e.write(".local/state/claudepool/pool.db-wal", "", 0o606) },
			"warning: others can get at HOME/.local/state/claudepool/pool.db-wal: its mode is 0606 | to close it: chmod 600 HOME/.local/state/claudepool/pool.db-wal"},
		{"permissions", "of the state", func(e examined) { require.NoError(e, os.Chmod(e.settings.places.state, 0o750)) },
			"warning: others can get at HOME/.local/state/claudepool: its mode is 0750 | to close it: chmod 700 HOME/.local/state/claudepool"},
		{"permissions", "of the log", func(e examined) { e.settings.Log.path = e.write("log", "", 0o644) },
			"warning: others can get at HOME/log: its mode is 0644 | to close it: chmod 600 HOME/log"},
		{"permissions", "of a login", func(e examined) { e.write(".claude/.credentials.json", "", 0o640) },
			"warning: others can get at HOME/.claude/.credentials.json: its mode is 0640 | to close it: chmod 600 HOME/.claude/.credentials.json"},
		{"permissions", "of a managed directory", func(e examined) {
			dir := e.settings.places.subscriptionDir("work")
			e.add(pool.Subscription{Name: "work", ConfigDir: dir})
			require.NoError(e, os.Chmod(dir, 0o755))
		}, "warning: others can get at HOME/.local/share/claudepool/subscriptions/work: its mode is 0755 | to close it: chmod 700 HOME/.local/share/claudepool/subscriptions/work"},

		{"links", "a replaced one", func(e examined) { e.sharing(); e.write("w/settings.json", "{}", 0o600) },
			"warning: settings.json of work is not shared any more: it was a link to HOME/.claude/settings.json | to mend it: claudepool doctor --fix"},
		{"links", "a missing one", func(e examined) { e.sharing() },
			"warning: settings.json of work is not shared: the link to HOME/.claude/settings.json is missing | to mend it: claudepool doctor --fix"},
		{"links", "one that is half mended", func(e examined) {
			e.sharing()
			require.NoError(e, os.Symlink(e.home+"/.claude/settings.json", e.home+"/w/settings.json"))
			e.write("w/settings.json.claudepool-aside", "{}", 0o600)
		}, "warning: settings.json of work was being made a link to HOME/.claude/settings.json again, and is not yet | to mend it: claudepool doctor --fix"},
		{"links", "to something else", func(e examined) {
			e.sharing()
			require.NoError(e, os.Symlink("/elsewhere", e.home+"/w/settings.json"))
		}, "warning: settings.json of work is a link to something else than HOME/.claude/settings.json | "},

		{"logins", "signed out", func(e examined) { e.login(`{"loggedIn":false}`) },
			"error: default is not signed in | to sign in: claudepool login default"},
		{"logins", "soon over", func(e examined) {
			e.login(`{"loggedIn":true,"loginExpiresAt":"` + e.now().Add(6*24*time.Hour).Format(time.RFC3339) + `"}`)
		}, "warning: the login of default ends at "},
		{"logins", "over", func(e examined) {
			e.login(`{"loggedIn":true,"loginExpiresAt":"` + e.now().Add(-time.Hour).Format(time.RFC3339) + `"}`)
		}, "error: the login of default ended at "},
		{"logins", "never started", func(e examined) {
			e.login(`{"loggedIn":true}`)
			e.write(".claude.json", `{"theme":"dark","hasCompletedOnboarding":true}`, 0o600)
		}, "error: default is not signed in | to sign in: claudepool login default"},
		{"logins", "silence", func(e examined) { e.login("what?") },
			"warning: the CLI does not say whether default is signed in | see what it says: claudepool exec default -- claude auth status"},
		{"logins", "twins", func(e examined) {
			e.login(`{"loggedIn":true,"email":"me@example.com","orgId":"o"}`)
			e.write("w/.claude.json", `{"firstStartTime":"made up"}`, 0o600)
			e.add(pool.Subscription{Name: "work", ConfigDir: e.home + "/w"})
		}, "warning: default and work are one login, me@example.com: it has its limits once | to take one out: claudepool remove work"},
		{"logins", "a variable that is not set", func(e examined) {
			e.add(pool.Subscription{Name: "ci", ConfigDir: e.home + "/ci", EnvFrom: []pool.EnvFrom{{Var: "CLAUDE_CODE_OAUTH_TOKEN", Source: "CI_TOKEN"}}})
		}, "warning: ci is not usable here: the variable CI_TOKEN is not set | to set it: export CI_TOKEN=…"},

		{"variables", "a key", func(e examined) { e.set("ANTHROPIC_API_KEY", "made-up") },
			"warning: ANTHROPIC_API_KEY is set: it decides what runs past the pool are paid with, and the pool leaves it out | unset it, or make it a subscription: claudepool add NAME --env-from ANTHROPIC_API_KEY=ANTHROPIC_API_KEY"},
		{"variables", "a directory", func(e examined) { e.set("CLAUDE_CONFIG_DIR", "/dir") },
			"warning: CLAUDE_CONFIG_DIR is set to /dir: runs from here stay on that directory | to let the pool choose: unset CLAUDE_CONFIG_DIR"},
		{"variables", "a patient CLI", func(e examined) { e.set("CLAUDE_CODE_RETRY_WATCHDOG", "1") },
			"warning: CLAUDE_CODE_RETRY_WATCHDOG is set: the CLI waits for the end of a limit itself | to go on elsewhere instead: unset CLAUDE_CODE_RETRY_WATCHDOG"},

		{"cli_settings", "a helper", func(e examined) {
			e.write(".claude/settings.json", `{"apiKeyHelper":"/made/up","env":{"ANTHROPIC_AUTH_TOKEN":"made-up"}}`, 0o600)
		}, "warning: HOME/.claude/settings.json has apiKeyHelper and env.ANTHROPIC_AUTH_TOKEN: every run that reads it uses that instead of its subscription's login | to mend it: ${EDITOR:-vi} HOME/.claude/settings.json"},
		{"cli_settings", "of the project", func(e examined) {
			e.write("src/.claude/settings.local.json", `{"apiKeyHelper":"/made/up"}`, 0o600)
		}, "warning: HOME/src/.claude/settings.local.json has apiKeyHelper: "},
		{"cli_settings", "no JSON", func(e examined) { e.write(".claude/settings.json", `{"a":`, 0o600) },
			"warning: HOME/.claude/settings.json is no JSON: the CLI passes over all of it | "},
	} {
		t.Run(c.check+"/"+c.what, func(t *testing.T) {
			t.Parallel()
			e := healthy(t)
			e.install()
			e.login(`{"loggedIn":true,"email":"me@example.com","orgId":"o","loginExpiresAt":"2100-01-01T00:00:00Z"}`)
			before := e.ask(c.check)
			require.True(t, strings.HasPrefix(before, "ok: ") && !strings.Contains(before, "\n"), before)
			c.spoil(e)
			got := e.ask(c.check)
			require.True(t, strings.HasPrefix(got, c.want), got)
			require.NotContains(t, got, "made-up", "a value leaves no check")
			if c.check != "shells" {
				require.NotContains(t, got, "\n")
			}
		})
	}
}

// What is well with an editor that starts the shim, a variable that a subscription is given, a file that is shared.
func TestDoctorAcceptsWhatIsWell(t *testing.T) {
	t.Parallel()
	e := healthy(t)
	e.install()
	e.extension(e.settings.places.shim())
	require.Equal(t, "ok: the extension of 1 editor starts the shim | ", e.ask("editors"))
	e.set("CI_TOKEN", "made-up")
	e.set("ANTHROPIC_API_KEY", "made-up")
	e.add(pool.Subscription{Name: "ci", ConfigDir: e.home + "/ci", EnvFrom: []pool.EnvFrom{{Var: "ANTHROPIC_API_KEY", Source: "ANTHROPIC_API_KEY"}}})
	require.Equal(t, "ok: no variable undoes a choice | ", e.ask("variables"))
	e.sharing()
	require.NoError(t, os.Symlink(e.home+"/.claude/settings.json", e.home+"/w/settings.json"))
	require.Equal(t, "ok: 1 link to shared files, all as they should be | ", e.ask("links"))
	e.write(".claude/settings.json", `{"apiKeyHelper":"x"}`, 0o600)
	require.NotContains(t, e.ask("cli_settings"), "\n", "a file that is shared is told once")
	e.offline = true
	require.Equal(t, "ok: nobody was asked who is signed in: --offline | ", e.ask("logins"))
}

// A CLI that does not know the question would take it for a prompt.
func TestDoctorDoesNotAskAnOldCLI(t *testing.T) {
	t.Parallel()
	e := healthy(t)
	e.login(`{"loggedIn":false}`)
	old, _ := claudecli.ParseVersion("2.1.40 (Claude Code)")
	e.version = &old
	require.Equal(t, "ok: nobody was asked who is signed in: version 2.1.40 of the CLI can't tell | ", e.ask("logins"))
}

// What --fix can mend it mends, and the check says so afterwards.
func TestDoctorMends(t *testing.T) {
	t.Parallel()
	for check, c := range map[string]struct {
		spoil func(examined)
		done  string
	}{
		"spool": {func(e examined) { e.spoolRecord() }, "booked 1 session"},
		"sessions": {func(e examined) {
			e.session(e.now())
			e.probe = func(pool.Process) pool.Liveness { return pool.Dead }
		}, "ended 1 session"},
		"permissions": {func(e examined) { e.write(".local/state/claudepool/pool.db", "", 0o644) }, "now it is 0600"},
		"links":       {func(e examined) { e.sharing() }, "it is the link again"},
	} {
		t.Run(check, func(t *testing.T) {
			t.Parallel()
			e := healthy(t)
			c.spoil(e)
			var findings []finding
			for _, asked := range checks {
				if asked.name == check {
					findings = asked.ask(e.doctor, t.Context())
				}
			}
			require.Equal(t, levelWarning, worstOf(findings))
			e.mend(findings)
			require.Len(t, findings, 1)
			require.Equal(t, c.done, findings[0].mended)
			require.Equal(t, levelOK, worstOf(findings))
			require.True(t, strings.HasPrefix(e.ask(check), "ok: "), e.ask(check))
		})
	}
}

func TestDoctorOutput(t *testing.T) {
	t.Parallel()
	mended := warning("to close it: chmod 600 /home/me/.local/state/claudepool/pool.db", "others can get at /home/me/.local/state/claudepool/pool.db: its mode is 0644")
	mended.mend = func() (string, error) { return "now it is 0600", nil }
	failed := warning("to mend it: claudepool doctor --fix", "settings.json of work is not shared any more: it was a link to /home/me/.claude/settings.json")
	failed.mend = func() (string, error) { return "", errors.New("read-only file system") }
	findings := []finding{
		allWell("the settings are right: ~/.config/claudepool/config.toml")[0],
		warning("to put the shim first on PATH, add this line to ~/.bashrc and start a new shell: eval \"$(claudepool shellenv bash)\"", "/usr/local/bin/claude comes before the shim on PATH"),
		problem("to make one: claudepool init", "there is no pool yet: \x1b[31m~/.local/state/claudepool/pool.db"),
		mended, failed,
		allWell("no variable undoes a choice")[0],
	}
	for i, group := range []string{"setup", "setup", "pool", "subscriptions", "subscriptions", "overrides"} {
		findings[i].group, findings[i].check = group, "check"
	}
	open := warning("to end them: claudepool reclaim", "1 session without a process: 3 sessions running in all")
	open.group, open.check, open.mend = "pool", "check", mended.mend
	(&doctor{}).mend(findings)
	findings = append(findings, open)
	goldenDocument(t, "doctor.json", doctorDocument(findings))
	golden(t, "doctor.txt", renderFindings(findings, 0))
	golden(t, "doctor-80.txt", renderFindings(findings, 80))
	for line := range strings.Lines(renderFindings(findings, 80)) {
		require.LessOrEqual(t, len([]rune(strings.TrimSuffix(line, "\n"))), 80, line)
	}
	require.Contains(t, renderFindings(findings[:1], 80), "\nall is well\n")
}
