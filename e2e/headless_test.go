//go:build e2e

package e2e

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

var streamJSON = []string{"--output-format", "stream-json", "--verbose"}

// headlessRuns are runs of `claude ARGS` with a prompt or without. Each must look the same through the
// shim as directly. Every run has an API to itself, so that even the figures are the same.
var headlessRuns = []struct {
	name   string
	args   []string
	stdin  string
	status int
	// says is part of what must be on stdout or stderr, so that two failures do not pass for the same.
	says string
	// unbooked: the figures are not in the output, so that the ledger has to read the transcript.
	unbooked bool
	// racing: what goes on at the same time gets its answers in any order, so that lines and figures
	// differ from run to run. Only the kinds of lines are compared.
	racing bool
}{
	{name: "text", args: []string{"-p", "[[text:plain words]]"}, says: "plain words", unbooked: true},
	{name: "json", args: []string{"-p", "hello", "--output-format", "json"}, says: `"result":"Done."`},
	{name: "verbose json", args: []string{"-p", "hello", "--output-format", "json", "--verbose"}, says: `"result":"Done."`},
	{name: "stream-json", args: with(streamJSON, "-p", "hello"), says: `"result":"Done."`},
	{
		name: "partial messages", args: with(streamJSON, "-p", "[[text:one two three]]", "--include-partial-messages"),
		says: `"text_delta"`,
	},
	{
		name: "many turns", args: with(streamJSON, "-p", "--input-format", "stream-json"),
		stdin: userLine("[[text:first]]") + userLine("[[text:second]]") + userLine("[[bash:echo third]][[text:third]]"),
		says:  `"result":"first"`,
	},
	{
		name: "a tool call, json",
		args: []string{"-p", "[[text:I look]][[bash:echo looked]][[text:seen]]", "--output-format", "json", "--allowedTools", "Bash"},
		says: `"result":"seen"`,
	},
	{
		name: "a tool call, stream-json",
		args: with(streamJSON, "-p", "[[text:I look]][[bash:echo looked]][[text:seen]]", "--allowedTools", "Bash"),
		says: `looked`,
	},
	{
		name: "a subagent, json",
		args: []string{"-p", "[[subagent:[[bash:echo sub]][[text:found]]]][[text:all]]", "--output-format", "json", "--allowedTools", "Bash"},
		says: `"result":"all"`,
	},
	{
		name: "a subagent, stream-json",
		args: with(streamJSON, "-p", "[[subagent:[[bash:echo sub]][[text:found]]]][[text:all]]", "--allowedTools", "Bash"),
		says: `found`,
	},
	{
		name: "a subagent in the background",
		args: with(streamJSON, "-p", "[[background:[[slow:1s]][[text:found]]]][[text:started]]"),
		says: `"result":"started"`, racing: true,
	},
	{name: "another model", args: []string{"-p", "hello", "--model", "claude-opus-4-8", "--output-format", "json"}, says: "claude-opus-4-8"},
	{name: "the prompt on standard input", args: []string{"-p", "--output-format", "json"}, stdin: "[[text:piped]]", says: `"result":"piped"`},
	{name: "no transcript", args: with(streamJSON, "-p", "hello", "--no-session-persistence"), says: `"result":"Done."`},
	{name: "a limit, text", args: []string{"-p", "[[limit:five_hour]]"}, status: 1, says: "You've hit your 5-hour limit"},
	{name: "a limit, json", args: []string{"-p", "[[limit:seven_day]]", "--output-format", "json"}, status: 1, says: "usage_limit_reached"},
	{name: "a limit, stream-json", args: with(streamJSON, "-p", "[[limit:seven_day]]"), status: 1, says: "usage_limit_reached"},
	{name: "signed out", args: with(streamJSON, "-p", "[[status:401]]"), status: 1, says: "authentication_failed"},
	{name: "no conversation", args: []string{"-p", "hello", "--resume", "11111111-2222-4333-8444-555555555555"}, status: 1, says: "No conversation found"},
	{name: "a flag that is not known", args: []string{"--no-such-flag"}, status: 1, says: "unknown option"},
	{name: "version", args: []string{"--version"}, says: "(Claude Code)"},
	{name: "help", args: []string{"--help"}, says: "Usage: claude"},
}

func with(more []string, args ...string) []string { return slices.Concat(args, more) }

// userLine is one message of --input-format stream-json.
func userLine(text string) string {
	line, _ := json.Marshal(map[string]any{ // strings only: this can't fail
		"type": "user", "message": map[string]any{"role": "user", "content": text},
	})
	return string(line) + "\n"
}

func TestHeadlessRunsLookAsTheyDoDirectly(t *testing.T) {
	t.Parallel()
	for _, c := range headlessRuns {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			alone, pooled := newDirectMachine(t), newMachine(t)
			want := run(t, alone.Direct(limited(t), "only", c.args...), c.stdin)
			require.Equal(t, c.status, want.Status, "%s\n%s", want.Stdout, want.Stderr)
			require.Contains(t, want.Stdout+want.Stderr, c.says)

			got := run(t, pooled.Claude(limited(t), c.args...), c.stdin)
			require.Equal(t, want.Status, got.Status)
			require.Equal(t, normal(alone, want.Stderr), normal(pooled, got.Stderr))
			wantLines, gotLines := normalLines(t, alone, want.Stdout), normalLines(t, pooled, got.Stdout)
			if c.racing {
				wantLines, gotLines = kinds(t, wantLines), kinds(t, gotLines)
			}
			require.Equal(t, wantLines, gotLines)
			require.Equal(t, alone.API.Books(), pooled.API.Books())
			if !c.unbooked {
				requireBooked(t, pooled)
			}
		})
	}
}
