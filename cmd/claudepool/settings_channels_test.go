package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/notify"
	"claudepool/pool"
)

const aHook = "[[channel]]\nname = 'a'\ntype = 'webhook'\nurl = 'https://h/x'\n"

func TestWhatIsWrongInAChannel(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", mostLetters+1)
	for config, want := range map[string]string{
		"[channel]\nname = 'a'":                                         `line 1: channel must be a list of tables: [[channel]]`,
		"channel = [1]":                                                 `line 1: channel must be a list of tables: [[channel]]`,
		"[[chanel]]":                                                    `line 1: "chanel" is no setting; channel`,
		strings.Repeat("[[channel]]\n", 33):                             `line 33: there are more than 32 channels`,
		"wait = '1m'\n[[channel]]\ntype = 'desktop'":                    `line 3: channel number 1: it has no name`,
		"[[channel]]":                                                   `channel number 1: it has no name`,
		"[[channel]]\nname = 'a'":                                       `line 2: channel a: it has no type`,
		"[[channel]]\nname = 'A b'\ntype = 'desktop'":                   `line 2: channel number 1: name must be a name of at most 64 of a-z, 0-9, dot, _ and -`,
		aHook + "name = 1":                                              `line 5: Key 'channel.name' has already been defined.`,
		aHook + "colour = 1":                                            `line 5: channel a: "colour" is no setting of a channel`,
		aHook + "event = []":                                            `line 5: channel a: "event" is no setting of a channel; events`,
		aHook + "events = 'limit'":                                      `line 5: channel a: events must be a list of texts, as in ["a", "b"]`,
		aHook + "events = ['limits']":                                   `line 5: channel a: events must be one of ` + strings.Join(wordsOf(pool.EventKinds), ", ") + `; limit`,
		aHook + "events = ['test']":                                     `line 5: channel a: events must be one of ` + strings.Join(wordsOf(pool.EventKinds), ", "),
		aHook + "level = 'loud'":                                        `line 5: channel a: level must be one of info, warning, error`,
		aHook + "format = 'slak'":                                       `line 5: channel a: format must be one of json, slack, discord, ntfy; slack`,
		aHook + "quiet = '22-7'":                                        `line 5: channel a: quiet must be two times of day, as in 22:00-07:00`,
		aHook + "timeout = '2m'":                                        `line 5: channel a: timeout must be a time up to 1m, as in 5s`,
		aHook + "timeout = '0s'":                                        `line 5: channel a: timeout must be a time up to 1m, as in 5s`,
		aHook + "attempts = 0":                                          `line 5: channel a: attempts must be a number from 1 to 100`,
		aHook + "attempts = 1.5":                                        `line 5: channel a: attempts must be a whole number`,
		aHook + "url_from = 'X'":                                        `line 5: channel a: only one of url or url_from can be set`,
		aHook + "secret_from = 'a b'":                                   `line 5: channel a: secret_from must be the name of a variable`,
		aHook + "headers_from = { Host = 'X' }":                         `line 5: channel a: headers_from must be headers that can be set, which "Host" can't`,
		aHook + `headers_from = { "a:b" = 'X' }`:                        `line 5: channel a: headers_from must be headers that can be set, which "a:b" can't`,
		aHook + "headers_from = { A = 'Bearer x' }":                     `line 5: channel a: headers_from must be headers with the names of variables, and not their values, as in { Authorization = "TOKEN_VARIABLE" }`,
		aHook + "headers_from = { A = 1 }":                              `line 5: channel a: headers_from must be a table of texts, as in { a = "b" }`,
		aHook + "file = '/x'":                                           `line 5: channel a: file is not for a channel of the type webhook`,
		aHook + "tags = ['" + long + "']":                               `line 5: channel a: tags must be of at most 4096 letters, in one line`,
		aHook + `subscriptions = ["a\nb"]`:                              `line 5: channel a: subscriptions must be of at most 4096 letters, in one line`,
		aHook + "tags = [" + strings.Repeat("'x',", mostItems+1) + "]":  `line 5: channel a: tags must be at most 64`,
		aHook + "\n" + aHook:                                            `line 7: channel a: another channel has that name`,
		"[[channel]]\nname = 'a'\ntype = 'webhook'\nurl = 'secret:x'":   `line 4: channel a: url must be an http or https address`,
		"[[channel]]\nname = 'a'\ntype = 'webhook'":                     `line 3: channel a: a channel of the type webhook needs url or url_from`,
		"[[channel]]\nname = 'a'\ntype = 'log'":                         `line 3: channel a: a channel of the type log needs file`,
		"[[channel]]\nname = 'a'\ntype = 'log'\nfile = ''":              `line 4: channel a: file must be a path`,
		"[[channel]]\nname = 'a'\ntype = 'log'\nfile = 'x'\nmax_mb = 0": `line 5: channel a: max_mb must be a number from 1 to 1048576`,
		"[[channel]]\nname = 'a'\ntype = 'command'\ncommand = []":       `line 4: channel a: command must be a program and its arguments, as in ["mail", "me"]`,
		"[[channel]]\nname = 'a'\ntype = 'email'":                       `line 3: channel a: type must be one of webhook, desktop, command, log`,
		"channel = [{ name = 'a', type = 'desktop', x = 1 }]":           `line 1: channel a: "x" is no setting of a channel`,
	} {
		_, err := loadSettings(homeWith(t, config))
		var wrong *configError
		require.ErrorAs(t, err, &wrong, config)
		got := strings.TrimPrefix(wrong.Error(), wrong.path+": ")
		if wrong.near != "" {
			got += "; " + wrong.near
		}
		require.Equal(t, want, got, config)
	}
}

func TestChannelsAreRead(t *testing.T) {
	t.Parallel()
	s, err := loadSettings(homeWith(t, `
[[channel]]
name = "team"
type = "webhook"
url_from = "SLACK_URL"
format = "slack"
headers_from = { Authorization = "TOKEN" }
secret_from = "SIGN"
events = ["limit", "exhausted"]
subscriptions = ["work"]
tags = ["ci"]
level = "warning"
quiet = "22:00-07:00"
timeout = "10s"
attempts = 3
[[channel]]
name = "audit"
type = "log"
file = "~/events.jsonl"
max_mb = 2
[[channel]]
name = "beside"
type = "log"
file = "events.jsonl"
[[channel]]
name = "mine"
type = "command"
command = ["mail", "-s", "x"]
[[channel]]
name = "screen"
type = "desktop"
`))
	require.NoError(t, err)
	plain := func(name string, kind notify.Kind) notify.Settings {
		return notify.Settings{Name: name, Kind: kind, Format: notify.JSON, LogSize: 10 << 20, Timeout: 5 * time.Second, Attempts: 12}
	}
	team := plain("team", notify.Webhook)
	team.URLFrom, team.Format, team.SecretFrom, team.HeadersFrom = "SLACK_URL", notify.Slack, "SIGN", map[string]string{"Authorization": "TOKEN"}
	team.Timeout, team.Attempts = 10*time.Second, 3
	team.Rules = notify.Rules{
		Events: []pool.EventKind{pool.EventLimit, pool.EventExhausted}, Subscriptions: []string{"work"}, Tags: []string{"ci"},
		Level: pool.LevelWarning, Quiet: &notify.Quiet{From: 22 * 60, To: 7 * 60},
	}
	audit, beside, mine := plain("audit", notify.Log), plain("beside", notify.Log), plain("mine", notify.Command)
	audit.File, audit.LogSize = filepath.Join(s.places.home, "events.jsonl"), 2<<20
	beside.File = filepath.Join(s.places.config, "events.jsonl")
	mine.Command = []string{"mail", "-s", "x"}
	require.Equal(t, []notify.Settings{team, audit, beside, mine, plain("screen", notify.Desktop)}, s.channels())
}

// What may be a secret is not shown: an address, an argument.
func TestChannelsAreShownWithoutSecrets(t *testing.T) {
	t.Parallel()
	env := homeWith(t, `
[[channel]]
name = "team"
type = "webhook"
url = "https://u:s3cr3t@hooks.example.com/s3cr3t?a=s3cr3t"
[[channel]]
name = "mine"
type = "command"
command = ["/bin/post", "s3cr3t"]
`)
	s, err := loadSettings(env)
	require.NoError(t, err)
	var out bytes.Buffer
	a := &app{env: env, settings: s, stdout: &out}
	require.NoError(t, configShow{}.Run(a))
	require.NoError(t, configShow{JSON: true}.Run(a))
	require.NotContains(t, out.String(), "s3cr3t")
	require.Regexp(t, `channel\.team +webhook https://hooks\.example\.com/… +~/\.config/claudepool/config\.toml +-`, out.String())
	require.Regexp(t, `channel\.mine +command /bin/post `, out.String())
}

// The table of the document is made from the declarations.
func TestDocumentTellsTheKeysOfAChannel(t *testing.T) {
	t.Parallel()
	lines := []string{"| key | of | meaning |", "| --- | --- | --- |"}
	for _, k := range channelKeys {
		words := k.words
		if k.choices != nil {
			words += ": `" + strings.Join(k.choices, "`, `") + "`"
		}
		lines = append(lines, fmt.Sprintf("| `%s` | %s | %s |", k.key, strings.Join(wordsOf(k.of), ", "), words))
	}
	holdsBlock(t, "../../docs/notify.md", strings.Join(lines, "\n"))
}
