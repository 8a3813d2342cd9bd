package claudecli_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
)

func TestArgumentsAreReadAsTheCLIReadsThem(t *testing.T) {
	t.Parallel()
	const id = "11111111-2222-4333-8444-555555555555"
	type invocation = claudecli.Invocation
	cases := []struct {
		args string
		want func(i invocation) bool
	}{
		{"", func(i invocation) bool { return i == invocation{} }},
		{"-p hello", func(i invocation) bool { return i.Headless && !i.TalksToNoModel }},
		{"--print hello", func(i invocation) bool { return i.Headless }},
		{"hello -p", func(i invocation) bool { return i.Headless }},
		{"-- -p", func(i invocation) bool { return !i.Headless }},
		{"-pc", func(i invocation) bool { return i.Headless && i.Continue }},
		{"-cpr " + id, func(i invocation) bool { return i.Headless && i.Continue && i.Resume == id }},
		{"-r" + id, func(i invocation) bool { return i.Resume == id }},
		{"-r", func(i invocation) bool { return i.Resume == "" }},
		{"-r -p hello", func(i invocation) bool { return i.Resume == "" && i.Headless }},
		{"--resume mine -p hello", func(i invocation) bool { return i.Resume == "mine" && i.Headless }},
		{"--resume=" + id, func(i invocation) bool { return i.Resume == id }},
		{"--output-format json", func(i invocation) bool { return i.OutputFormat == "json" && i.TellsUsage() }},
		{"--output-format=stream-json --input-format=stream-json", func(i invocation) bool {
			return i.OutputFormat == "stream-json" && i.InputFormat == "stream-json" && i.TellsUsage()
		}},
		{"-p --output-format text hello", func(i invocation) bool { return !i.TellsUsage() }},
		{"--model opus --model sonnet", func(i invocation) bool { return i.Model == "sonnet" }},
		{"--model --version", func(i invocation) bool { return i.Model == "--version" && !i.TalksToNoModel }},
		{"--model=claude-opus-5 x", func(i invocation) bool { return i.Model == "claude-opus-5" }},
		{"--system-prompt -p", func(i invocation) bool { return !i.Headless }},
		{"--allowedTools Bash mcp list", func(i invocation) bool { return !i.TalksToNoModel }},
		{"--allowedTools Bash --verbose mcp list", func(i invocation) bool { return i.TalksToNoModel }},
		{"--allowed-tools Bash,Edit -p hello", func(i invocation) bool { return i.Headless }},
		{"--tools= mcp", func(i invocation) bool { return i.TalksToNoModel }},
		{"--no-such-flag -p", func(i invocation) bool { return i.Headless }},
		{"--session-id " + id, func(i invocation) bool { return i.NewConversation() == id }},
		{"--session-id " + id + " --resume other", func(i invocation) bool { return i.NewConversation() == "" }},
		{"--session-id " + id + " --resume", func(i invocation) bool { return i.NewConversation() == "" }},
		{"--session-id " + id + " -c --fork-session", func(i invocation) bool { return i.NewConversation() == id && i.Fork }},
		{"--no-session-persistence --bg", func(i invocation) bool { return i.NoPersistence && i.Background }},
		{"--version", func(i invocation) bool { return i.TalksToNoModel }},
		{"-v", func(i invocation) bool { return i.TalksToNoModel }},
		{"-p hello --version", func(i invocation) bool { return i.TalksToNoModel }},
		{"-h", func(i invocation) bool { return i.TalksToNoModel }},
		{"--help mcp", func(i invocation) bool { return i.TalksToNoModel }},
		{"hello --", func(i invocation) bool { return !i.TalksToNoModel }},
		{"-- --version", func(i invocation) bool { return !i.TalksToNoModel }},
		{"mcp list", func(i invocation) bool { return i.TalksToNoModel }},
		{"mcp serve", func(i invocation) bool { return i.TalksToNoModel }},
		{"mcp add x -- npx -p thing", func(i invocation) bool { return i.TalksToNoModel && !i.Headless }},
		{"mcp list -p", func(i invocation) bool { return !i.TalksToNoModel }},
		{"-p mcp list", func(i invocation) bool { return !i.TalksToNoModel }},
		{"-- mcp list", func(i invocation) bool { return i.TalksToNoModel }},
		{"--model x mcp list", func(i invocation) bool { return i.TalksToNoModel }},
		{"-d mcp list", func(i invocation) bool { return !i.TalksToNoModel }},
		{"tell mcp list", func(i invocation) bool { return !i.TalksToNoModel }},
		{"auth status", func(i invocation) bool { return i.TalksToNoModel }},
		{"config get x", func(i invocation) bool { return i.TalksToNoModel }},
		{"plugin eval x", func(i invocation) bool { return !i.TalksToNoModel }},
		{"plugins install x", func(i invocation) bool { return i.TalksToNoModel }},
		{"ultrareview", func(i invocation) bool { return !i.TalksToNoModel }},
	}
	for _, c := range cases {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			got := claudecli.ParseArgs(strings.Fields(c.args))
			require.True(t, c.want(got), "%+v", got)
		})
	}
}

func FuzzParseArgs(f *testing.F) {
	for _, seed := range []string{"", "-p hello", "-", "--", "---", "-\x00", "--=x", "-r -r", "--model", "-ppp=x", "mcp -p"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		args := strings.Split(text, " ")
		before := strings.Join(args, " ")
		i := claudecli.ParseArgs(args)
		_, _ = i.NewConversation(), i.TellsUsage()
		require.Equal(t, before, strings.Join(args, " "), "arguments are the CLI's")
	})
}
