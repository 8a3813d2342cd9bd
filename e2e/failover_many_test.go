//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/fakeapi"
	"claudepool/internal/sandbox"
)

// scripts are the replies of subscriptions by name.
type scripts map[string][]fakeapi.Reply

// atLimit is a subscription that is at its limit after some answers.
func atLimit(answers int) []fakeapi.Reply {
	var replies []fakeapi.Reply
	for range answers {
		replies = append(replies, fakeapi.Answer())
	}
	return append(replies, fakeapi.Limit("five_hour"))
}

// scriptedMachine is a machine with these subscriptions, and replies for them.
func scriptedMachine(t *testing.T, names string, replies scripts) *sandbox.Sandbox {
	t.Helper()
	s := newMachine(t, strings.Fields(names)...)
	for name, script := range replies {
		s.API.Script(sandbox.Token(name), script...)
	}
	return s
}

// requireChain says that each session met a limit and the next one followed it, but for the last, which did
// not meet any, and in what order the subscriptions were taken.
func requireChain(t *testing.T, s *sandbox.Sandbox, names string) []sandbox.Session {
	t.Helper()
	want := strings.Fields(names)
	sessions := requireReleased(t, s, len(want))
	byID := map[any]sandbox.Session{}
	var last sandbox.Session
	for _, session := range sessions {
		byID[session.ID] = session
		if session.Met == nil {
			last = session
		}
	}
	require.NotNil(t, last.ID, "all met a limit: %+v", sessions)
	var chain []string
	for at := last; ; {
		chain = append([]string{at.Subscription}, chain...)
		if at.Follows == nil {
			break
		}
		at = byID[*at.Follows]
		require.NotNil(t, at.Met, "%+v", at)
	}
	require.Equal(t, want, chain)
	return sessions
}

func TestFailoverOverThreeLimitsInARow(t *testing.T) {
	t.Parallel()
	for name, format := range failoverFormats {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := scriptedMachine(t, "a b c d", scripts{"a": atLimit(0), "b": atLimit(0), "c": atLimit(0)})
			out := claude(t, s, with(format, "-p", "[[text:the answer]]")...)
			requireAnswer(t, name, out.Stdout, "the answer")
			require.Empty(t, out.Stderr)
			requireAsked(t, s, "a b c d")
			requireBooked(t, s)
			requireChain(t, s, "a b c d")
			for _, closed := range []string{"a", "b", "c"} {
				require.Equal(t, "limited", statusOf(t, s, closed).State)
			}
		})
	}
}

// With nobody left the caller gets what the CLI says without us.
func TestFailoverWithNobodyLeftPassesTheLimitOn(t *testing.T) {
	t.Parallel()
	for name, format := range failoverFormats {
		for _, answers := range []int{0, 1} {
			t.Run(name+map[int]string{0: ", first request", 1: ", in a turn"}[answers], func(t *testing.T) {
				t.Parallel()
				args := with(format, "--allowedTools", "Bash", "-p", "[[bash:echo ran >>ran]][[text:never]]")
				alone := newDirectMachine(t)
				alone.API.Script(sandbox.Token("only"), atLimit(answers)...)
				want := run(t, alone.Direct(limited(t), "only", args...), "")
				require.Equal(t, 1, want.Status)

				s := scriptedMachine(t, "a b", scripts{"a": atLimit(answers), "b": atLimit(0)})
				got := run(t, s.Claude(limited(t), args...), "")
				require.Equal(t, 1, got.Status)
				require.Empty(t, got.Stderr)
				if name != "text" {
					requireOneLimit(t, got.Stdout)
				}
				if answers == 0 {
					require.Equal(t, unnamed(normalLines(t, alone, want.Stdout)), unnamed(normalLines(t, s, got.Stdout)))
				}
				requireAsked(t, s, strings.Repeat("a ", answers)+"a b")
				requireBooked(t, s)
				requireReleased(t, s, 2)
			})
		}
	}
}

// ofOne is what differs between two subscriptions, and between their requests.
var ofOne = regexp.MustCompile(`subscriptions/\w+|req_fake\d+`)

func unnamed(lines []string) []string {
	for i, line := range lines {
		lines[i] = ofOne.ReplaceAllString(line, "X")
	}
	return lines
}

// requireOneLimit says that the output has one result, at its end, and that this is a limit.
func requireOneLimit(t *testing.T, stdout string) {
	t.Helper()
	var results []map[string]any
	for line := range strings.Lines(stdout) {
		if event := decode(t, line); event["type"] == "result" {
			results = append(results, event)
		}
	}
	require.Len(t, results, 1, stdout)
	require.Equal(t, "usage_limit_reached", results[0]["api_error"])
	require.Equal(t, true, results[0]["is_error"])
}

// In the middle of a turn twice: each tool runs once, and no answered request is repeated.
func TestFailoverTwiceInOneTurn(t *testing.T) {
	t.Parallel()
	for name, format := range failoverFormats {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := scriptedMachine(t, "a b c", scripts{"a": atLimit(1), "b": atLimit(1)})
			prompt := "[[bash:echo one >>ran]][[bash:echo two >>ran]][[text:third]]"
			out := claude(t, s, with(format, "--allowedTools", "Bash", "-p", prompt)...)
			requireAnswer(t, name, out.Stdout, "third")
			require.Empty(t, out.Stderr)
			ran, err := os.ReadFile(filepath.Join(s.Work, "ran"))
			require.NoError(t, err)
			require.Equal(t, "one\ntwo\n", string(ran))
			requireAsked(t, s, "a a b b c")
			requireBooked(t, s)
			requireChain(t, s, "a b c")
		})
	}
}
