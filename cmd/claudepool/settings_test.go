package main

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
)

// samples are two values of each setting: what a file says, and what a variable says.
var samples = map[string]struct{ file, variable string }{
	"subscriptions": {`["a", "b c"]`, "d"}, "tags": {`["a"]`, "b"}, "strategy": {`"drain"`, "priority"},
	"wait": {`"10m"`, "1h"}, "failover": {`"auto"`, "off"}, "strict": {`true`, "0"}, "CLAUDEPOOL_BYPASS": {"", "1"},
	"CLAUDEPOOL_REPORT": {"", "/a b.json"}, "CLAUDEPOOL_SUMMARY": {"", "1"},
	"db": {`"/a/pool.db"`, "/b/pool.db"}, "claude": {`"/a/claude"`, "/b/claude"}, "log": {`"debug:/a"`, "warn:/b"},
	"maintain": {`"off"`, "off"}, "events_keep_days": {`3`, ""}, "events_keep": {`4`, ""}, "log_max_mb": {`5`, ""}, "backups_keep_days": {`0`, ""},
	"thresholds": {`[0.5, 0.9, 1.5]`, ""},
	"rebalance":  {`"1h"`, ""}, "rebalance_gap": {`0.5`, ""}, "rebalance_gap_usd": {`30`, ""}, "rebalance_moves": {`2`, ""},
	"prune_after_days": {`7`, ""}, "budget_threshold": {`0.5`, ""}, "ramp_up": {`[1, 2, 3]`, ""},
	"health.start": {`1`, ""}, "health.week": {`2.5`, ""}, "health.five_hour": {`3`, ""}, "health.session": {`4`, ""},
	"health.burn": {`0`, ""}, "health.burn_free": {`6`, ""}, "health.idle": {`7`, ""},
	"health.week_half_life": {`"1h30m"`, ""}, "health.five_hour_half_life": {`"0"`, ""},
}

func TestWhereASettingComesFrom(t *testing.T) {
	t.Parallel()
	for d := range declarations() {
		if d.variable == configVar { // which has tests of its own: it needs a file
			continue
		}
		sample, ok := samples[d.name()]
		require.True(t, ok, "%s needs samples", d.name())
		shown := func(env claudecli.Environment) string {
			s, err := loadSettings(env)
			require.NoError(t, err)
			return tomlValue(d.show(s))
		}
		config := ""
		if d.key != "" {
			config = d.key + " = " + sample.file
			require.Equal(t, sample.file, shown(homeWith(t, config)), "%s: the file before the default", d.name())
		}
		if d.variable != "" {
			env := append(homeWith(t, config), d.variable+"="+sample.variable)
			value, ok := d.form.parse(sample.variable)
			require.True(t, ok)
			require.Equal(t, tomlValue(value), shown(env), "%s: the variable before the file", d.name())
			env = append(homeWith(t, config), d.variable+"=")
			require.Equal(t, shown(homeWith(t, config)), shown(env), "%s: an empty variable is none", d.name())
		}
	}
}

func TestDeclarationsAreWhole(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for d := range declarations() {
		for _, name := range []string{d.key, d.variable} {
			require.False(t, name != "" && seen[name], "%s is declared twice", name)
			seen[name] = true
		}
		require.NotEmpty(t, d.name())
		require.False(t, strings.HasSuffix(d.words, "."), "%s: %s", d.name(), d.words)
		var tree map[string]any
		_, err := toml.Decode("x = "+tomlValue(d.defaultValue(places{})), &tree)
		require.NoError(t, err, d.name())
		_, ok := d.form.read(tree["x"])
		require.True(t, ok, "%s: the default is not %s", d.name(), d.form.want)
	}
}

func TestTemplateIsTheDefaults(t *testing.T) {
	t.Parallel()
	env := homeWith(t, configTemplate())
	want, err := loadSettings(env[:1])
	require.NoError(t, err)
	require.Empty(t, want.files[0].values)

	var all strings.Builder
	keys := 0
	template, found := strings.CutSuffix(configTemplate(), templateChannel)
	require.True(t, found)
	for line := range strings.Lines(template) {
		if words := strings.TrimPrefix(line, "# "); strings.Contains(words, " = ") || strings.HasPrefix(words, "[") {
			all.WriteString(words)
			keys += strings.Count(words, " = ")
		}
	}
	path := want.places.configFile()
	require.NoError(t, os.WriteFile(path, []byte(all.String()), 0o600))
	got, err := loadSettings(env)
	require.NoError(t, err, all.String())
	require.Len(t, got.files[0].values, keys)
	got.files, want.files = nil, nil
	example := strings.ReplaceAll(templateChannel, "# ", "")
	with, err := loadSettings(homeWith(t, example[strings.Index(example, "[["):]))
	require.NoError(t, err)
	require.Len(t, with.channels(), 1)
	got.ClaudeFrom = "" // it says where, of whatever it is
	want.Names, want.Tags = []string{}, []string{}
	require.Equal(t, want, got)
}

func TestConfigShow(t *testing.T) {
	t.Parallel()
	p := places{home: "/home/me", config: "/home/me/.config/claudepool", state: "/home/me/.local/state/claudepool"}
	a, _ := goldenApp()
	a.settings = defaultSettings(p)
	a.settings.files = []configFile{{path: p.configFile(), values: map[string]any{"wait": "90s", "health.week": 60.0}}}
	a.env = claudecli.Environment{"CLAUDEPOOL_TAGS=ci,team", "CLAUDEPOOL_STRICT=maybe"}
	for d := range declarations() {
		if err := a.settings.apply(d, a.env); err != nil {
			require.Equal(t, "CLAUDEPOOL_STRICT", d.variable)
		}
	}
	var out bytes.Buffer
	a.stdout = &out
	require.NoError(t, a.printJSON(a.configDocument()))
	golden(t, "config-show.json", out.String())
	golden(t, "config-show.txt", a.configTable().render(0))
	golden(t, "config-show-80.txt", a.configTable().render(80))
}

func TestProjectKeysHaveWords(t *testing.T) {
	t.Parallel()
	form := reflect.TypeFor[projectSubscription]()
	require.Len(t, projectWords, form.NumField())
	for i := range form.NumField() {
		require.NotEmpty(t, projectWords[form.Field(i).Tag.Get("toml")], form.Field(i).Name)
	}
}

func TestSchemaIsPublished(t *testing.T) {
	t.Parallel()
	a, out := goldenApp()
	require.NoError(t, a.printJSON(schemaDocument()))
	golden(t, "../../../../docs/config.schema.json", out.String())
}

// The tables in the documents are made from the declarations.
func TestDocumentsTellTheSettings(t *testing.T) {
	t.Parallel()
	variables := []string{"| variable | in config.toml | meaning | default |", "| --- | --- | --- | --- |"}
	keys := []string{"| in config.toml | variable | meaning | default |", "| --- | --- | --- | --- |"}
	for d := range declarations() {
		value := code(formatValue(d.schemaDefault()))
		if d.variable != "" {
			variables = append(variables, fmt.Sprintf("| %s | %s | %s | %s |", code(d.variable), code(d.key), markdownWords(d), value))
		}
		keys = append(keys, fmt.Sprintf("| %s | %s | %s | %s |", code(d.key), code(d.variable), markdownWords(d), value))
	}
	holdsBlock(t, "../../README.md", strings.Join(variables, "\n"))
	holdsBlock(t, "../../docs/config.md", strings.Join(keys, "\n"))
}

func markdownWords(d declaration) string {
	if d.choices == nil || d.key == "failover" { // whose words name them
		return d.words
	}
	return d.words + ": `" + strings.Join(d.choices, "`, `") + "`"
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

// holdsBlock tells that a document has that text between its marks for settings.
func holdsBlock(t *testing.T, path, want string) {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(data), "<!-- settings -->\n")
	require.True(t, found, path)
	got, after, found := strings.Cut(rest, "\n<!-- end -->")
	require.True(t, found, path)
	if os.Getenv("UPDATE_GOLDEN") != "" {
		text := before + "<!-- settings -->\n" + want + "\n<!-- end -->" + after
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		return
	}
	require.Equal(t, want, got, "%s: UPDATE_GOLDEN=1 writes it anew", path)
}
