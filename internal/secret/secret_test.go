package secret_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/procid"
	"claudepool/internal/secret"
	"claudepool/pool"
)

var runner = secret.Runner{Env: []string{"PATH=/usr/bin:/bin", "MINE=own"}, Limit: secret.TimeLimit}

func TestTheLastNewlineIsNotPartOfTheValue(t *testing.T) {
	t.Parallel()
	for command, want := range map[string]string{
		"echo a": "a", "printf a": "a", `printf 'a\n\n'`: "a\n", `printf 'a\r\n'`: "a", "echo ' a b '": " a b ", `echo "$MINE"`: "own",
		"echo a; echo b": "a\nb", "echo a; sleep 20 & exit 0": "a",
	} {
		got, err := runner.Run(t.Context(), []pool.EnvCommand{{Var: "A", Command: command}, {Var: "B", Command: "echo b"}})
		require.NoError(t, err, command)
		require.Equal(t, []string{"A=" + want, "B=b"}, got, command)
	}
}

func TestAFailureSaysHowAndNothingElse(t *testing.T) {
	t.Parallel()
	for command, why := range map[string]string{
		"echo hidden; echo hidden >&2; exit 3": "ended with status 3",
		"echo hidden; kill -9 $$":              "was ended by signal 9",
		"true":                                 "printed nothing",
		"echo":                                 "printed nothing",
		`printf 'hidden\000'`:                  "printed a zero byte",
		"yes hidden | head -c 70000":           "printed more than 65536 bytes",
		"no-such-command-hidden":               "ended with status 127",
	} {
		got, err := runner.Run(t.Context(), []pool.EnvCommand{{Var: "A", Command: "echo a"}, {Var: "B", Command: command}})
		require.EqualError(t, err, "its command for B "+why, command)
		require.Empty(t, got)
	}
}

func TestACommandThatHangsIsEnded(t *testing.T) {
	t.Parallel()
	hurried := runner
	hurried.Limit = 100 * time.Millisecond
	_, err := hurried.Run(t.Context(), []pool.EnvCommand{{Var: "A", Command: "exec sleep 1000"}})
	require.EqualError(t, err, "its command for A took longer than 100ms")
}

// What the command has started is ended with it, and with that what was started by those.
func TestWhatACommandThatHangsHasStartedIsEnded(t *testing.T) {
	t.Parallel()
	pids := filepath.Join(t.TempDir(), "pids")
	hurried := runner
	hurried.Env = append([]string{"PIDS=" + pids}, runner.Env...)
	hurried.Limit = 500 * time.Millisecond
	_, err := hurried.Run(t.Context(), []pool.EnvCommand{{Var: "A", Command: `
		sleep 1000 & echo $! >>"$PIDS"
		sh -c 'echo $$ >>"$PIDS"; sleep 1000 & echo $! >>"$PIDS"; wait'; true`}})
	require.EqualError(t, err, "its command for A took longer than 500ms")
	text, err := os.ReadFile(pids)
	require.NoError(t, err)
	words := strings.Fields(string(text))
	require.Len(t, words, 3)
	for _, word := range words {
		pid, err := strconv.Atoi(word)
		require.NoError(t, err)
		require.Eventually(t, func() bool { return procid.StartTime(pid) == 0 }, 10*time.Second, time.Millisecond, word)
	}
}

func TestWordsGoToStandardErrorWhereAskedFor(t *testing.T) {
	t.Parallel()
	var words strings.Builder
	telling := runner
	telling.Stderr = &words
	_, err := telling.Run(t.Context(), []pool.EnvCommand{{Var: "A", Command: "echo hidden; echo why >&2; exit 1"}})
	require.Error(t, err)
	require.Equal(t, "why\n", words.String())
}
