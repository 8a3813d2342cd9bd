package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
)

// hostileTexts are those that somebody may put where a text is expected, by what is wrong with them.
var hostileTexts = map[string]string{
	"a megabyte":       strings.Repeat("x", 1<<20),
	"4096 letters":     strings.Repeat("é", 2048),
	"the terminal":     "\x1b]0;title\x07\x1b[31mred\x1b[2J",
	"lines":            "one\nclaudepool: all is well\r\n",
	"C1 controls":      "\u009b31m",
	"no text":          "\xff\xfe\xc3",
	"a shell":          "$(touch /tmp/x); `id` | cat 'x' \"y\" && rm -rf /",
	"SQL":              "x'; DROP TABLE subscriptions; --",
	"a pattern":        "%_*?[a-z]{1}\\",
	"a path":           "../../../../etc/passwd",
	"formats":          "%s%n%d%!x(MISSING)",
	"right to left":    "\u202eevil\u202c",
	"many in a list":   strings.Repeat("a,", 100_000),
	"a number":         "99999999999999999999999999",
	"no number":        "nan",
	"an infinite time": "inf",
}

// TestHostileSettingsInVariables: whatever a variable says, what is said of it is little, and plain.
func TestHostileSettingsInVariables(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	for d := range declarations() {
		for what, text := range hostileTexts {
			if d.variable == "" {
				continue
			}
			_, err := loadSettings(claudecli.Environment{"HOME=" + home, d.variable + "=" + text})
			var said bytes.Buffer
			if err != nil {
				require.Equal(t, exitConfig, (&app{stderr: &said}).fail(err))
			}
			requirePlain(t, said.Bytes(), d.variable+" is "+what)
		}
	}
	text := hostileTexts["the terminal"]
	for _, variable := range []string{"CLAUDEPOOL_DB", "CLAUDEPOOL_TAGS", "CLAUDEPOOL_STRATEGY", configVar} {
		runHostile(t, "the terminal", home, []string{variable + "=" + text}, "config", "show")
	}
}

// TestHostileSettingsInAFile does the same for all keys at once, in the user's config file and in that of a project.
func TestHostileSettingsInAFile(t *testing.T) {
	t.Parallel()
	for what, value := range hostileValues() {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			config := filepath.Join(home, ".config/claudepool/config.toml")
			require.NoError(t, os.MkdirAll(filepath.Dir(config), 0o700))
			require.NoError(t, os.WriteFile(config, []byte(allKeys(value)), 0o600))
			for _, command := range [][]string{{"config", "validate"}, {"doctor"}} {
				runHostile(t, what, home, nil, command...)
			}
			project := filepath.Join(home, projectFileName)
			require.NoError(t, os.Rename(config, project))
			runHostile(t, "a project with "+what, home, []string{configVar + "=" + project}, "status")
		})
	}
}

// TestSettingsHaveBounds: no text and no list is taken that is longer than any could have to be.
func TestSettingsHaveBounds(t *testing.T) {
	t.Parallel()
	long := map[string]string{
		"string": strconv.Quote("/" + strings.Repeat("x", mostLetters)), "array": "[" + strings.Repeat(`"x",`, mostListed+1) + "]",
	}
	for d := range declarations() {
		value, has := long[d.form.schema]
		if d.form.items == "integer" {
			value = "[" + strings.Repeat("5,", mostListed+1) + "]"
		}
		if d.key == "" || !has || d.form.items == "number" { // a list of shares has a bound of its own
			continue
		}
		_, err := loadSettings(homeWith(t, d.key+" = "+value))
		require.ErrorContains(t, err, "of at most", d.key)
		require.Less(t, len(err.Error()), 500, d.key)
	}
	home := filepath.Join(t.TempDir(), "\x1b[31m") // a path is told as it is, but for what controls the terminal
	require.NoError(t, os.MkdirAll(home, 0o700))
	runHostile(t, "a home in red", home, nil, "status")
}

// hostileValues are TOML, by what is wrong with it.
func hostileValues() map[string]string {
	values := map[string]string{
		"numbers that are none": "nan", "no end": "-inf", "the largest": "9223372036854775807", "the smallest": "-9223372036854775808",
		"beyond the largest": "9223372036854775808", "a date": "1979-05-27", "an empty list": "[]", "an empty table": "{}",
		"a long list": "[" + strings.Repeat(`"a",`, 20_000) + "]", "numbers": "[" + strings.Repeat("5,", 20_000) + "]",
		"deep lists": strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), "deep tables": strings.Repeat("{a=", 5_000) + "1" + strings.Repeat("}", 5_000),
		"a deep key": "1\n" + strings.Repeat("a.", 50_000) + "b = 1", "no value": "", "a megabyte of nothing": strings.Repeat("\n", 1<<20) + "1",
	}
	for what, text := range hostileTexts {
		values[what] = strconv.Quote(text)
		values[what+" in lists"] = "[" + strconv.Quote(text) + "]"
		values[what+" as a key"] = "1\n" + strconv.Quote(text) + " = 1"
	}
	keys := "1"
	for n := range 20_000 {
		keys += fmt.Sprintf("\nk%d = 1", n)
	}
	values["many keys"] = keys
	return values
}

// allKeys sets every setting, and every key of a channel, to a value.
func allKeys(value string) string {
	var text strings.Builder
	for d := range declarations() {
		if d.key != "" {
			fmt.Fprintf(&text, "%s = %s\n", d.key, value)
			if strings.Contains(value, "\n") { // it is more than a value, and must not be there twice
				return text.String()
			}
		}
	}
	text.WriteString("[[channel]]\n")
	for _, k := range channelKeys {
		fmt.Fprintf(&text, "%s = %s\n", k.key, value)
	}
	fmt.Fprintf(&text, "[[channel]]\nname = \"ok\"\ntype = \"webhook\"\nurl = \"https://h\"\nheaders_from = { X = %s }\n", value)
	return text.String()
}

// runHostile runs a command that must end by itself, and soon.
func runHostile(t *testing.T, what, home string, env []string, args ...string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Args, cmd.Dir = append([]string{"claudepool"}, args...), home
	cmd.Env = append([]string{"HOME=" + home, "PATH=/usr/bin:/bin", "TZ=UTC", "CLAUDEPOOL_MAINTAIN=off", "GORACE=" + noRaceSleep}, env...)
	began := time.Now()
	out, err := cmd.CombinedOutput()
	require.Less(t, time.Since(began), 20*time.Second, what)
	if err != nil {
		require.Contains(t, []int{exitFailure, exitUsage, exitConfig}, cmd.ProcessState.ExitCode(), "%s: %.2000s", what, out)
	}
	requirePlain(t, out, what)
}

// requirePlain wants little to be said, and none of it to control a terminal.
func requirePlain(t *testing.T, said []byte, what string) {
	t.Helper()
	require.Less(t, len(said), 40_000, "%s: %.2000s", what, said)
	require.True(t, utf8.Valid(said), "%s: %.2000q", what, said)
	for _, r := range string(said) {
		require.True(t, r == '\n' || !unicode.IsControl(r), "%s: %q in %.2000q", what, r, said)
	}
	require.NotContains(t, string(said), "goroutine ", what)
}
