package claudecli_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
)

const conversation = "11111111-2222-4333-8444-555555555555"

func TestGoingOnKeepsEveryOptionButTheConversation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ args, kept string }{
		{"-p hello", "-p"},
		{"hello -p", "-p"},
		{"hello", ""},
		{"-p", "-p"},
		{"-p -- hello", "-p"},
		{"-p -- -x --resume y", "-p"},
		{"-p - hello", "-p"},
		{"-pc hello", "-p"},
		{"-cp hello", "-p"},
		{"-c -p hello", "-p"},
		{"--continue -p hello", "-p"},
		{"-p -r other hello", "-p"},
		{"-pr other hello", "-p"},
		{"-rother -p hello", "-p"},
		{"-pcr other hello", "-p"},
		{"-p --resume=other hello", "-p"},
		{"-p --resume other hello", "-p"},
		{"-p hello --resume", "-p"},
		{"-p --resume --verbose", "-p --verbose"},
		{"-p --session-id id hello", "-p"},
		{"-p --session-id=id hello", "-p"},
		{"-p -c --fork-session hello", "-p"},
		{"-p --resume x --resume-session-at msg hello", "-p"},
		{"-p --from-pr 12 hello", "-p"},
		{"-p --allowedTools a b c", "-p --allowedTools a b c"},
		{"-p --allowedTools a b --verbose hello", "-p --allowedTools a b --verbose"},
		{"-p --allowedTools a b -- hello", "-p --allowedTools a b"},
		{"-p --allowedTools a -c hello", "-p --allowedTools a"},
		{"-p --allowedTools a --add-dir b c --tools=d hello", "-p --allowedTools a --add-dir b c --tools=d"},
		{"-p -n name hello", "-p -n name"},
		{"-pn name hello", "-pn name"},
		{"-pncar hello", "-pncar"},
		{"-pcn care hello", "-pn care"},
		{"-pdcr hello", "-pdcr"},
		{"-pcd api hello", "-pd api"},
		{`-p --settings {"model":"opus"} hello`, `-p --settings {"model":"opus"}`},
		{"-p --append-system-prompt -c hello", "-p --append-system-prompt -c"},
		{"-p --system-prompt=--resume hello", "-p --system-prompt=--resume"},
		{"-p --model opus --output-format json --max-turns 3 hello", "-p --model opus --output-format json --max-turns 3"},
		{"-p --no-such-option hello -Z", "-p --no-such-option -Z"},
		{"-p hello --debug", "-p --debug"},
		{"-p --debug api hello", "-p --debug api"},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			kept := strings.Fields(c.kept)
			args := strings.Fields(c.args)
			require.Equal(t, slices.Concat(kept, []string{"--resume", conversation, claudecli.GoOnPrompt}), claudecli.GoOn(args, conversation))
			require.Equal(t, slices.Concat(kept, []string{"--resume", conversation}), claudecli.TakeUp(args, conversation))
			require.Equal(t, strings.Fields(c.args), args, "the arguments themselves stay")
		})
	}
}

func TestDoingTheSameAgain(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ args, want string }{
		{"-p hello", "--session-id ID -p hello"},
		{"-p --allowedTools a -- hello", "--session-id ID -p --allowedTools a -- hello"},
		{"-p --session-id mine hello", "-p --session-id mine hello"},
		{"-p --resume other hello", "-p --resume other hello"},
		{"-p --resume hello", "-p --resume hello"},
		{"-p -r other --fork-session hello", "--session-id ID -p -r other --fork-session hello"},
		{"-p -c --fork-session --session-id mine hello", "-p -c --fork-session --session-id mine hello"},
		{"-p -c hello", "-p --resume ID hello"},
		{"-pc hello", "-p --resume ID hello"},
		{"-c -p hello", "--resume ID -p hello"},
		{"-cp -- hello -c", "-p --resume ID -- hello -c"},
		{"-p --allowedTools a b -c hello", "-p --allowedTools a b --resume ID hello"},
		{"-p --continue --model opus hello", "-p --resume ID --model opus hello"},
		{"-pcn name hello", "-pn name --resume ID hello"},
		{"-p --append-system-prompt -c hello", "--session-id ID -p --append-system-prompt -c hello"},
		{"-p --from-pr 12 hello", "-p --from-pr 12 hello"},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			args := strings.Fields(c.args)
			want := strings.Fields(strings.ReplaceAll(c.want, "ID", conversation))
			require.Equal(t, want, claudecli.Again(args, conversation))
			require.Equal(t, args, claudecli.Again(args, ""), "no conversation is known")
			require.Equal(t, strings.Fields(c.args), args, "the arguments themselves stay")
		})
	}
}

// words are arguments of every kind.
var words = []string{
	"-p", "--print", "-c", "-pc", "-r", "-r", "-rx", "-pr", "-pn", "-pnrc", "-pcd", "-cn", "-n", "-d", "-w", "--resume", "--resume=x",
	"--continue", "--session-id", "--session-id=x", "--fork-session", "--allowedTools", "--add-dir", "--tools=a", "--model", "--model=opus",
	"--output-format", "--output-format=json", "--input-format", "--settings", `{"a":1}`, "--verbose", "--unknown", "--unknown=x",
	"-Z", "-", "--", "--no-session-persistence", "--bg", "--append-system-prompt", "--debug", "--from-pr", "",
	"hello", "stream-json", "Bash", "what is it?", "--version",
}

// Whatever the arguments: the run is on the conversation and nothing else of it has changed.
func TestGoingOnChangesNothingElse(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 4))
	for range 50_000 {
		args := make([]string, r.IntN(8))
		for i := range args {
			args[i] = words[r.IntN(len(words))]
		}
		requireGoesOn(t, append(args, "--verbose")) // the CLI refuses a last option that lacks its value
	}
}

func requireGoesOn(t *testing.T, args []string) {
	t.Helper()
	before := claudecli.ParseArgs(args)
	after := claudecli.ParseArgs(claudecli.GoOn(args, conversation))
	require.Equal(t, conversation, after.Resume, "%q", args)
	require.False(t, after.Continue || after.Fork || after.BeginsConversation(), "%q", args)
	require.Empty(t, after.SessionID, "%q", args)
	require.Equal(t, setting(before), setting(after), "%q: %q", args, claudecli.GoOn(args, conversation))
}

// setting is what an invocation says beside the conversation.
func setting(i claudecli.Invocation) [8]any {
	return [8]any{i.Headless, i.OutputFormat, i.InputFormat, i.Model, i.NoPersistence, i.Background, i.TalksToNoModel, i.TellsUsage()}
}
