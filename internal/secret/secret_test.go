package secret_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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

func TestWordsGoToStandardErrorWhereAskedFor(t *testing.T) {
	t.Parallel()
	var words strings.Builder
	telling := runner
	telling.Stderr = &words
	_, err := telling.Run(t.Context(), []pool.EnvCommand{{Var: "A", Command: "echo hidden; echo why >&2; exit 1"}})
	require.Error(t, err)
	require.Equal(t, "why\n", words.String())
}
