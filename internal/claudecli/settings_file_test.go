package claudecli_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
)

// wrapped stands for what an installer makes of a command.
func wrapped(old string) string {
	if old == "" {
		return `pool "<&>"`
	}
	return "pool then " + old
}

func TestSetStatusLine(t *testing.T) {
	t.Parallel()
	for before, after := range map[string]string{
		"":                         "{\n  \"statusLine\": {\"type\": \"command\", \"command\": \"pool \\\"<&>\\\"\"}\n}\n",
		" \n":                      "{\n  \"statusLine\": {\"type\": \"command\", \"command\": \"pool \\\"<&>\\\"\"}\n}\n",
		"{}":                       "{\n  \"statusLine\": {\"type\": \"command\", \"command\": \"pool \\\"<&>\\\"\"}\n}",
		"{ \n}\n":                  "{\n  \"statusLine\": {\"type\": \"command\", \"command\": \"pool \\\"<&>\\\"\"}\n}\n",
		"{\"a\":1}":                `{"statusLine": {"type": "command", "command": "pool \"<&>\""},"a":1}`,
		"\t{\n    \"a\" :1.0 }\n ": "\t{\n    \"statusLine\": {\"type\": \"command\", \"command\": \"pool \\\"<&>\\\"\"},\n    \"a\" :1.0 }\n ",
		`{"a":{"statusLine":2}, "statusLine" : null,"z":"ü\u00fc"}`:                                                        `{"a":{"statusLine":2}, "statusLine" : {"type": "command", "command": "pool \"<&>\""},"z":"ü\u00fc"}`,
		`{"a":1, "statusLine":{ "command" : "my \u0027line\u0027","padding":0 ,` + "\n" + `"type":"command"}, "b" : [ ] }`: `{"a":1, "statusLine":{ "command" : "pool then my 'line'","padding":0 ,` + "\n" + `"type":"command"}, "b" : [ ] }`,
		`{"statusLine":{"type":"command","command":""}}`:                                                                   `{"statusLine":{"type":"command","command":"pool \"<&>\""}}`,
		// The last one counts.
		`{"statusLine":1,"statusLine":{"type":"command","command":"a","command":"b"}}`: `{"statusLine":1,"statusLine":{"type":"command","command":"a","command":"pool then b"}}`,
		"{\"a\":1e400}": "{\"statusLine\": {\"type\": \"command\", \"command\": \"pool \\\"<&>\\\"\"},\"a\":1e400}",
	} {
		got, err := claudecli.SetStatusLine([]byte(before), wrapped)
		require.NoError(t, err, before)
		require.Equal(t, after, string(got), before)
	}
}

func TestSetStatusLineLeavesWhatIsThere(t *testing.T) {
	t.Parallel()
	spelled := []byte(`{ "statusLine":{"type":"command","command":"\u0061"} }`)
	got, err := claudecli.SetStatusLine(spelled, func(old string) string { return old })
	require.NoError(t, err)
	require.Equal(t, spelled, got)
	for before, want := range map[string]error{
		"[]": claudecli.ErrNoSettings, `"{}"`: claudecli.ErrNoSettings, "{": claudecli.ErrNoSettings, "// words\n{}": claudecli.ErrNoSettings,
		`{"a":1,}`: claudecli.ErrNoSettings, "{} {}": claudecli.ErrNoSettings,
		`{"statusLine":"x"}`: claudecli.ErrNoStatusLine, `{"statusLine":{}}`: claudecli.ErrNoStatusLine,
		`{"statusLine":[{"type":"command","command":"x"}]}`:   claudecli.ErrNoStatusLine,
		`{"statusLine":{"type":"command","command":5}}`:       claudecli.ErrNoStatusLine,
		`{"statusLine":{"type":"static","command":"a line"}}`: claudecli.ErrNoStatusLine,
	} {
		_, err := claudecli.SetStatusLine([]byte(before), wrapped)
		require.ErrorIs(t, err, want, before)
	}
}

// Whatever the settings are: what comes out means the same, but for the status line.
func FuzzSetStatusLine(f *testing.F) {
	for _, seed := range []string{"", "{}", `{"a":[1,{"statusLine":0}],"statusLine":{"type":"command","command":"x","padding":1}}`, "{\n\t\"a\": {}\n}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, before []byte) {
		after, err := claudecli.SetStatusLine(before, func(string) string { return "ours" })
		var old, now map[string]any
		if err != nil || json.Unmarshal(after, &now) != nil {
			require.True(t, err != nil || json.Unmarshal(before, &old) != nil, "%q became %q", before, after)
			return
		}
		_ = json.Unmarshal(before, &old) // nothing is no settings
		line, _ := now["statusLine"].(map[string]any)
		require.Equal(t, "ours", line["command"])
		require.Equal(t, "command", line["type"])
		delete(old, "statusLine")
		delete(now, "statusLine")
		require.Equal(t, len(old), len(now))
		if len(old) > 0 {
			require.Equal(t, old, now)
		}
	})
}

func TestSettingsFile(t *testing.T) {
	t.Parallel()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	base, shared := filepath.Join(dir, "base"), filepath.Join(dir, "shared")
	require.NoError(t, os.Mkdir(base, 0o700))
	require.NoError(t, os.Mkdir(shared, 0o700))
	path, err := claudecli.SettingsFile(base)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(base, "settings.json"), path)

	require.NoError(t, os.Symlink("../base/settings.json", filepath.Join(shared, "settings.json")))
	_, err = claudecli.SettingsFile(shared)
	require.ErrorIs(t, err, claudecli.ErrLeadsNowhere)
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	behind, err := claudecli.SettingsFile(shared)
	require.NoError(t, err)
	require.Equal(t, path, behind)

	_, err = claudecli.SettingsFile(filepath.Join(dir, "missing"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestEditFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "settings.json")
	to := func(text string) func([]byte) ([]byte, error) {
		return func([]byte) ([]byte, error) { return []byte(text), nil }
	}
	requireFile := func(text string, mode os.FileMode) {
		t.Helper()
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, text, string(got))
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode())
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, entries, 1, "nothing is left behind")
	}
	changed, err := claudecli.EditFile(path, to("made"))
	require.NoError(t, err)
	require.True(t, changed)
	requireFile("made", 0o600)

	require.NoError(t, os.Chmod(path, 0o644))
	old, err := os.Stat(path)
	require.NoError(t, err)
	changed, err = claudecli.EditFile(path, to("made"))
	require.NoError(t, err)
	require.False(t, changed)
	same, err := os.Stat(path)
	require.NoError(t, err)
	require.True(t, os.SameFile(old, same), "nothing is written")

	changed, err = claudecli.EditFile(path, to("changed"))
	require.NoError(t, err)
	require.True(t, changed)
	requireFile("changed", 0o644)

	_, err = claudecli.EditFile(path, func([]byte) ([]byte, error) { return []byte("x"), errors.New("no") })
	require.EqualError(t, err, "no")
	requireFile("changed", 0o644)
	_, err = claudecli.EditFile(dir, to("x"))
	require.EqualError(t, err, "it is no file")
}
