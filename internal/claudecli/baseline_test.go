package claudecli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// conversationOf is the conversation of the captures resumed.json and fresh.json.
func conversationOf(t *testing.T) string {
	t.Helper()
	got := meter(capture(t, "fresh.json"), "json", chunk)
	require.Len(t, got.conversations, 1)
	return got.conversations[0]
}

// transcripts makes a config directory in which the conversation's transcript of cwd has that text.
// The directory of the transcripts is a link, as it is for subscriptions that share it.
func transcripts(t *testing.T, slug, conversation, text string) (configDir, path string) {
	t.Helper()
	root := t.TempDir()
	configDir = filepath.Join(root, "config [1]")
	require.NoError(t, os.MkdirAll(filepath.Join(root, "shared", slug), 0o700))
	require.NoError(t, os.Mkdir(configDir, 0o700))
	require.NoError(t, os.Symlink(filepath.Join(root, "shared"), filepath.Join(configDir, "projects")))
	path = filepath.Join(root, "shared", slug, conversation+".jsonl")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return configDir, path
}

func TestAConversationThatGoesOnBeginsWithWhatWasBooked(t *testing.T) {
	t.Parallel()
	id := conversationOf(t)
	const cwd, slug = "/no/such/dir_é", "-no-such-dir--"
	ways := []struct {
		name   string
		args   []string
		output string
		states string
		input  int64
	}{
		{"resumed", []string{"--resume", id}, "resumed.json", "cost-state-1.jsonl", 91},
		{"continued", []string{"-c"}, "resumed.json", "cost-state-1.jsonl", 91},
		{"by name", []string{"--resume", "mine"}, "resumed.json", "cost-state-1.jsonl", 91},
		{"fork of one named", []string{"--resume", id, "--fork-session"}, "forked.json", "cost-states.jsonl", 93},
		{"fork of the latest", []string{"-c", "--fork-session"}, "forked.json", "cost-states.jsonl", 93},
	}
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			states := strings.SplitAfter(capture(t, way.states), "\n")
			upToNow := strings.Join(states[:min(2, len(states))], "")
			configDir, path := transcripts(t, slug, id, upToNow+`{"type":"mode"}`+"\n")
			b := claudecli.TakeBaseline(configDir, cwd, claudecli.ParseArgs(way.args))
			// What the run itself writes at its end does not count.
			require.NoError(t, os.WriteFile(path, []byte(upToNow+`{"type":"mode"}`+"\n"+capture(t, "cost-states.jsonl")), 0o600))

			output := capture(t, way.output)
			told := meter(output, "json", chunk)
			got := meter(output, "json", chunk, b.Of(told.conversations[0])...)
			require.Equal(t, way.input, got.tokens().Input)
		})
	}
}

// begun is what was there at the start.
func begun(states []claudecli.Cumulative) claudecli.Cumulative { return states[len(states)-1] }

// Two runs go on with one conversation, and one ends while the other starts: whether the other began before or after
// that, its own figures tell.
func TestABaselineIsThatOfTheMomentInWhichTheRunBegan(t *testing.T) {
	t.Parallel()
	id := conversationOf(t)
	state := func(input int64) string {
		return fmt.Sprintf(`{"type":"cost-state","modelUsage":{"m":{"inputTokens":%d}}}`+"\n", input)
	}
	configDir, path := transcripts(t, "-x", id, state(100))
	b := claudecli.TakeBaseline(configDir, "/x", claudecli.ParseArgs([]string{"--resume", id}))
	require.NoError(t, os.WriteFile(path, []byte(state(100)+state(130)+`{"type":"mode"}`+"\n"), 0o600))
	for name, c := range map[string]struct{ turn, total, want int64 }{
		"after the other":                  {7, 137, 7},
		"after it, with a subagent":        {7, 150, 20},
		"beside it":                        {40, 140, 40},
		"beside it, with less":             {20, 120, 20},
		"it used nothing":                  {0, 100, 0},
		"it is the one that had ended":     {30, 130, 30},
		"a command that tells no own part": {0, 137, 37},
	} {
		line := fmt.Sprintf(`{"type":"result","session_id":%q,"usage":{"input_tokens":%d},"modelUsage":{"m":{"inputTokens":%d}}}`, id, c.turn, c.total)
		require.Equal(t, c.want, meter(line, "json", chunk, b.Of(id)...).tokens().Input, name)
	}
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	b = claudecli.TakeBaseline(configDir, "/x", claudecli.ParseArgs([]string{"--resume", id}))
	require.NoError(t, os.WriteFile(path, []byte(state(40)), 0o600))
	line := fmt.Sprintf(`{"type":"result","session_id":%q,"usage":{"input_tokens":40},"modelUsage":{"m":{"inputTokens":40}}}`, id)
	require.Equal(t, int64(40), meter(line, "json", chunk, b.Of(id)...).tokens().Input, "there was nothing at the start")
}

func TestABaselineIsReadFromTheEndOfALongTranscript(t *testing.T) {
	t.Parallel()
	id := conversationOf(t)
	state := capture(t, "cost-state-1.jsonl")
	quote := `{"type":"user","message":"it says {\"type\":\"cost-state\"} or \"cost-state\""}` + "\n"
	long := `{"type":"user","message":"` + strings.Repeat("x", 3<<20) + `"}` + "\n"
	for name, text := range map[string]string{
		"last": state, "quoted after": state + quote, "long lines after": state + long + quote + long,
		"cut off after": state + state[:200], "no line end": strings.TrimSuffix(state, "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			configDir, _ := transcripts(t, "-x", id, text)
			b := claudecli.TakeBaseline(configDir, "/elsewhere", claudecli.ParseArgs([]string{"-r", id}))
			require.Equal(t, int64(89), begun(b.Of(id))["claude-sonnet-5-5"].Tokens.Input)
		})
	}
	configDir, _ := transcripts(t, "-x", id, quote+long)
	b := claudecli.TakeBaseline(configDir, "/elsewhere", claudecli.ParseArgs([]string{"-r", id}))
	require.Empty(t, begun(b.Of(id)))
	require.Empty(t, begun(b.Of("another")))
}

func TestANewConversationHasNoBaseline(t *testing.T) {
	t.Parallel()
	id := conversationOf(t)
	configDir, _ := transcripts(t, "-x", id, capture(t, "cost-state-1.jsonl"))
	require.Empty(t, claudecli.TakeBaseline(configDir, "/x", claudecli.ParseArgs(nil)).Of(id))
	require.Empty(t, claudecli.TakeBaseline("/no/such", "/x", claudecli.ParseArgs([]string{"-c"})).Of(id))
	require.NotEqual(t, pool.Tokens{}, begun(claudecli.TakeBaseline(configDir, "/x", claudecli.ParseArgs([]string{"-c"})).Of(id))["claude-sonnet-5-5"].Tokens)
}
