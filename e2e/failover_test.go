//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/fakeapi"
	"claudepool/internal/sandbox"
)

// limitedMachine is a machine of three subscriptions, the first of which is at its limit after the number of
// answers.
func limitedMachine(t *testing.T, answers int) *sandbox.Sandbox {
	t.Helper()
	s := newMachine(t, "a", "b", "c")
	script := make([]fakeapi.Reply, answers)
	for i := range script {
		script[i] = fakeapi.Answer()
	}
	s.API.Script(sandbox.Token("a"), append(script, fakeapi.Limit("five_hour"))...)
	return s
}

var failoverFormats = map[string][]string{
	"text": nil, "json": {"--output-format", "json"}, "stream-json": {"--output-format", "stream-json", "--verbose"},
}

// A run that meets a limit at its first request is one clean answer to its caller, with the same prompt, and
// standard input, asked again elsewhere.
func TestFailoverAtTheFirstRequest(t *testing.T) {
	t.Parallel()
	for name, format := range failoverFormats {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := limitedMachine(t, 0)
			args := append([]string{"-p", "[[text:the answer]]"}, format...)
			limitedRun := run(t, s.Claude(limited(t), args...), "what is it?\n")
			require.Zero(t, limitedRun.Status, "%s\n%s", limitedRun.Stdout, limitedRun.Stderr)
			require.Empty(t, limitedRun.Stderr)
			direct := s.Claude(limited(t), args...)
			direct.Env = append(direct.Env, "CLAUDEPOOL_SUBSCRIPTION=c")
			clean := run(t, direct, "what is it?\n")
			requireSameShape(t, name, clean.Stdout, limitedRun.Stdout)
			requireAsked(t, s, "a b c")
			require.Equal(t, s.API.Requests()[0].Prompt, s.API.Requests()[1].Prompt)
			require.Contains(t, s.API.Requests()[1].Prompt, "what is it?")
			requireBooked(t, s)
			sessions := requireReleased(t, s, 3)
			require.Equal(t, "b", sessions[1].Subscription)
			require.Equal(t, sessions[2].ConversationID, sessions[1].ConversationID, "the conversation stays the same")
		})
	}
}

// In the middle of a turn the conversation goes on elsewhere, and no tool that has run runs again.
func TestFailoverInTheMiddleOfATurn(t *testing.T) {
	t.Parallel()
	for name, format := range failoverFormats {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := limitedMachine(t, 1)
			args := append([]string{"--allowedTools", "Bash", "-p", "[[bash:echo ran >>ran]] [[text:the answer]]"}, format...)
			out := run(t, s.Claude(limited(t), args...), "")
			require.Zero(t, out.Status, "%s\n%s", out.Stdout, out.Stderr)
			require.Empty(t, out.Stderr)
			ran, err := os.ReadFile(filepath.Join(s.Work, "ran"))
			require.NoError(t, err)
			require.Equal(t, "ran\n", string(ran))
			requireAsked(t, s, "a a b")
			requireAnswer(t, name, out.Stdout, "the answer")
			requireBooked(t, s)
			requireReleased(t, s, 2)
		})
	}
}

// requireAsked says whose tokens the API has heard, in order.
func requireAsked(t *testing.T, s *sandbox.Sandbox, want string) {
	t.Helper()
	var asked []string
	for _, r := range s.API.Requests() {
		asked = append(asked, strings.TrimPrefix(r.Token, "token-of-"))
	}
	require.Equal(t, want, strings.Join(asked, " "))
}

// requireAnswer says what the answer is, and that there is one.
func requireAnswer(t *testing.T, format, stdout, want string) {
	t.Helper()
	switch format {
	case "text":
		require.Equal(t, want+"\n", stdout)
	case "json":
		result := decode(t, stdout)
		require.Equal(t, want, result["result"])
		require.Equal(t, false, result["is_error"])
	default:
		var results, inits int
		conversations := map[any]bool{}
		for line := range strings.Lines(stdout) {
			event := decode(t, line)
			conversations[event["session_id"]] = true
			if event["type"] == "system" && event["subtype"] == "init" {
				inits++
			}
			if event["type"] == "result" {
				results++
				require.Equal(t, want, event["result"])
				require.Equal(t, false, event["is_error"])
			}
		}
		require.Equal(t, 1, results, stdout)
		require.Equal(t, 1, inits, stdout)
		require.Len(t, conversations, 1, "the conversation stays the same: %s", stdout)
	}
}

func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	var value map[string]any
	require.NoError(t, json.Unmarshal([]byte(text), &value), text)
	return value
}

// requireSameShape says that two outputs are the same but for figures and ids: the same keys in the same
// order, of the same types, on as many lines.
func requireSameShape(t *testing.T, format, want, got string) {
	t.Helper()
	if format == "text" {
		require.Equal(t, want, got)
		return
	}
	require.Equal(t, shapes(t, want), shapes(t, got))
}

// shapes are the lines of the output with the values taken out.
func shapes(t *testing.T, stdout string) []string {
	t.Helper()
	var all []string
	for line := range strings.Lines(stdout) {
		event := decode(t, line)
		if event["type"] == "rate_limit_event" {
			continue // tells of the subscription
		}
		var shape strings.Builder
		decoder := json.NewDecoder(strings.NewReader(line))
		for {
			token, err := decoder.Token()
			if err != nil {
				break
			}
			switch value := token.(type) {
			case json.Delim:
				shape.WriteString(value.String())
			case string:
				if keyLike(value) {
					shape.WriteString(value + " ")
				}
			}
		}
		all = append(all, shape.String())
	}
	return all
}

func keyLike(s string) bool {
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_") == ""
}
