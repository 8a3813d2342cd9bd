//go:build e2e

package e2e

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/fakeapi"
	"claudepool/internal/sandbox"
)

const chosenID = "0b6a9a52-8f2c-4a3e-9d5b-1f2e3d4c5b6a"

// resultOf is the result of a stream.
func resultOf(t *testing.T, stdout string) map[string]any {
	t.Helper()
	var result map[string]any
	for line := range strings.Lines(stdout) {
		if event := decode(t, line); event["type"] == "result" {
			result = event
		}
	}
	require.NotNil(t, result, stdout)
	return result
}

// All options stay what they were: the model, and what names a conversation.
func TestFailoverKeepsTheConversationAndTheModel(t *testing.T) {
	t.Parallel()
	ways := []struct {
		name string
		// takesUp is set where the way needs an earlier conversation.
		takesUp bool
		args    func(earlier string) []string
		// is says what the conversation has to be, "" for one of its own.
		is func(earlier string) string
	}{
		{"session-id", false, func(string) []string { return []string{"--session-id", chosenID} }, func(string) string { return chosenID }},
		{"resume", true, func(id string) []string { return []string{"--resume", id} }, func(id string) string { return id }},
		{"continue", true, func(string) []string { return []string{"--continue"} }, func(id string) string { return id }},
		{"fork", true, func(id string) []string { return []string{"--resume", id, "--fork-session"} }, func(string) string { return "" }},
	}
	for _, way := range ways {
		for answers, where := range []string{"first request", "in a turn"} {
			t.Run(way.name+", "+where, func(t *testing.T) {
				t.Parallel()
				s := newMachine(t, "a", "b")
				var earlier string
				if way.takesUp {
					earlier = conversation(t, claude(t, s, "-p", "[[text:once]]", "--output-format", "json"))
				}
				before := len(s.API.Requests())
				s.API.Script(sandbox.Token("a"), atLimit(answers)...)
				args := append(way.args(earlier), "--model", "claude-opus-4-8", "--allowedTools", "Bash", "-p", "[[bash:echo ran >>ran]][[text:the answer]]")
				out := claude(t, s, with(streamJSON, args...)...)
				requireAnswer(t, "stream-json", out.Stdout, "the answer")
				require.Empty(t, out.Stderr)
				requireAsked(t, s, strings.Repeat("a ", before)+[]string{"a b b", "a a b"}[answers])
				requireRanOnce(t, s)
				requireModel(t, s.API.Requests()[before:], "claude-opus-4-8")
				requireBooked(t, s)

				id := resultOf(t, out.Stdout)["session_id"]
				if want := way.is(earlier); want != "" {
					require.Equal(t, want, id)
				} else {
					require.NotEqual(t, earlier, id)
				}
				sessions := requireReleased(t, s, 2+before)
				require.Equal(t, id, *sessions[0].ConversationID)
				require.Equal(t, id, *sessions[1].ConversationID)
			})
		}
	}
}

func requireModel(t *testing.T, requests []fakeapi.Request, model string) {
	t.Helper()
	for _, r := range requests {
		require.Equal(t, model, r.Model, "%+v", r)
	}
}

// requireRanOnce says that the tool of the prompt `echo ran >>ran` has run, once.
func requireRanOnce(t *testing.T, s *sandbox.Sandbox) {
	t.Helper()
	ran, err := os.ReadFile(filepath.Join(s.Work, "ran"))
	require.NoError(t, err)
	require.Equal(t, "ran\n", string(ran))
}

// What the first CLI has read of standard input the next one reads too.
func TestFailoverReplaysStandardInput(t *testing.T) {
	t.Parallel()
	big := strings.Repeat("a line of a long log\n", 2<<20/21) + "the end"
	for name, text := range map[string]string{"a pipe": "small words", "a big pipe": big, "a file": "words of a file"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := limitedMachine(t, 0)
			// In a smaller context the CLI refuses the big prompt by itself.
			cmd := s.Claude(limited(t), "-p", "[[text:the answer]]", "--output-format", "json", "--model", "sonnet[1m]")
			var stdout, stderr bytes.Buffer
			cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(text), &stdout, &stderr
			if name == "a file" {
				path := filepath.Join(s.Home, "input")
				require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
				file, err := os.Open(path)
				require.NoError(t, err)
				defer file.Close()
				cmd.Stdin = file
			}
			require.NoError(t, cmd.Run(), "%s\n%s", &stdout, &stderr)
			requireAnswer(t, "json", stdout.String(), "the answer")
			requireAsked(t, s, "a b")
			asked := s.API.Requests()
			require.Contains(t, asked[1].Prompt, text)
			require.True(t, asked[0].Prompt == asked[1].Prompt, "the prompts differ")
			requireBooked(t, s)
		})
	}
}

// Directories that share no transcripts: the conversation is taken along.
func TestFailoverTakesTheConversationAlong(t *testing.T) {
	t.Parallel()
	for name, format := range failoverFormats {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := unsharedMachine(t, "a", "b")
			s.API.Script(sandbox.Token("a"), atLimit(1)...)
			out := claude(t, s, with(format, "--allowedTools", "Bash", "-p", "[[bash:echo ran >>ran]][[text:the answer]]")...)
			requireAnswer(t, name, out.Stdout, "the answer")
			require.Empty(t, out.Stderr)
			requireAsked(t, s, "a a b")
			requireRanOnce(t, s)
			requireBooked(t, s)
			requireReleased(t, s, 2)
		})
	}
}

// unsharedMachine is a machine whose subscriptions have transcripts of their own.
func unsharedMachine(t *testing.T, subscriptions ...string) *sandbox.Sandbox {
	t.Helper()
	s := newBareMachine(t)
	require.NoError(t, s.Install(program))
	for _, name := range subscriptions {
		require.NoError(t, s.AddUnshared(name))
	}
	return s
}

// A conversation whose subscription is at its limit is resumed on another one, though that has never had it.
func TestAConversationIsResumedElsewhereWhereItsHomeIsAtItsLimit(t *testing.T) {
	t.Parallel()
	for way, args := range map[string]func(id string) []string{
		"resume": func(id string) []string { return []string{"--resume", id} }, "continue": func(string) []string { return []string{"--continue"} },
	} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			s := unsharedMachine(t, "a", "b")
			id := conversation(t, claude(t, s, "-p", "[[text:once]]", "--output-format", "json"))
			s.API.Script(sandbox.Token("a"), fakeapi.Limit("five_hour"))
			closing := inEnv(s.Claude(limited(t), "-p", "hello", "--no-session-persistence"), "CLAUDEPOOL_SUBSCRIPTION=a")
			require.Equal(t, 1, run(t, closing, "").Status)
			for range 2 {
				out := claude(t, s, append(args(id), "-p", "[[text:again]]", "--output-format", "json")...)
				require.Equal(t, id, conversation(t, out))
				requireBooked(t, s)
			}
			requireAsked(t, s, "a a b b")
		})
	}
}
