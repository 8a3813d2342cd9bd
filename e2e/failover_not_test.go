//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/fakeapi"
	"claudepool/internal/sandbox"
)

// Where nobody can tell what has been done, or the caller does not want it, the limit is the answer, and the
// next session goes elsewhere.
func TestALimitThatIsPassedOn(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		answers int
		args    []string
		stdin   string
		env     []string
		asked   string
	}{
		{name: "off", args: []string{"-p", "hello"}, env: []string{"CLAUDEPOOL_FAILOVER=off"}, asked: "a"},
		{
			name: "a stream of messages", args: with(streamJSON, "-p", "--input-format", "stream-json"),
			stdin: userLine("[[text:one]]") + userLine("[[text:two]]"), answers: 1, asked: "a a",
		},
		{
			name: "no transcript, in a turn", answers: 1, asked: "a a",
			args: []string{"-p", "[[bash:echo ran >>ran]]", "--allowedTools", "Bash", "--output-format", "json", "--no-session-persistence"},
		},
		{
			name: "no transcript, in a turn, text", answers: 1, asked: "a a",
			args: []string{"-p", "[[bash:echo ran >>ran]]", "--allowedTools", "Bash", "--no-session-persistence"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := scriptedMachine(t, "a b", scripts{"a": atLimit(c.answers)})
			out := run(t, inEnv(s.Claude(limited(t), c.args...), c.env...), c.stdin)
			require.Equal(t, 1, out.Status, "%s\n%s", out.Stdout, out.Stderr)
			require.Contains(t, out.Stdout, "You've hit your 5-hour limit")
			require.Empty(t, out.Stderr)
			requireAsked(t, s, c.asked)
			require.Equal(t, "limited", statusOf(t, s, "a").State)
			claude(t, s, "-p", "hello")
			requireAsked(t, s, c.asked+" b")
		})
	}
}

// A run without a transcript of which nothing was answered yet is asked again.
func TestFailoverWithoutATranscript(t *testing.T) {
	t.Parallel()
	for _, format := range []string{"json", "stream-json"} {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			s := limitedMachine(t, 0)
			out := claude(t, s, with(failoverFormats[format], "-p", "[[text:the answer]]", "--no-session-persistence")...)
			require.Contains(t, out.Stdout, `"result":"the answer"`)
			require.NotContains(t, out.Stdout, "usage_limit_reached")
			requireAsked(t, s, "a b")
			requireBooked(t, s)
		})
	}
}

func TestFailoverWithPartialMessages(t *testing.T) {
	t.Parallel()
	for answers, asked := range []string{"a b b", "a a b"} {
		t.Run(asked, func(t *testing.T) {
			t.Parallel()
			s := limitedMachine(t, answers)
			out := claude(t, s, with(streamJSON, "--include-partial-messages", "--allowedTools", "Bash",
				"-p", "[[bash:echo ran >>ran]][[text:the answer]]")...)
			requireAnswer(t, "stream-json", out.Stdout, "the answer")
			require.Contains(t, out.Stdout, `"text_delta"`)
			requireAsked(t, s, asked)
			requireRanOnce(t, s)
			requireBooked(t, s)
		})
	}
}

// A subagent that meets a limit ends its part with that. Where the run goes on all the same nothing is
// missing; where it does not it goes on elsewhere.
func TestASubagentThatMeetsALimit(t *testing.T) {
	t.Parallel()
	prompt := "[[subagent:[[text:found]]]][[text:the answer]]"
	for name, format := range failoverFormats {
		t.Run(name+", the run goes on", func(t *testing.T) {
			t.Parallel()
			script := []fakeapi.Reply{fakeapi.Answer(), fakeapi.Limit("five_hour"), fakeapi.Answer()}
			args := with(format, "-p", prompt)
			alone := newDirectMachine(t)
			alone.API.Script(sandbox.Token("only"), script...)
			want := run(t, alone.Direct(limited(t), "only", args...), "")
			require.Zero(t, want.Status)

			s := scriptedMachine(t, "a b", scripts{"a": script})
			got := claude(t, s, args...)
			require.Equal(t, unnamed(normalLines(t, alone, want.Stdout)), unnamed(normalLines(t, s, got.Stdout)))
			requireAsked(t, s, "a a a")
			requireBooked(t, s)
		})
		t.Run(name+", the run meets it too", func(t *testing.T) {
			t.Parallel()
			s := limitedMachine(t, 1)
			out := claude(t, s, with(format, "-p", prompt)...)
			requireAnswer(t, name, out.Stdout, "the answer")
			requireAsked(t, s, "a a a b")
			requireBooked(t, s)
			requireReleased(t, s, 2)
		})
	}
}

// What the API has answered is asked no second time, and nothing is left behind of what was put aside.
func TestFailoverLeavesOneTranscript(t *testing.T) {
	t.Parallel()
	s := limitedMachine(t, 0)
	claude(t, s, "-p", "[[text:the answer]]")
	left, err := filepath.Glob(filepath.Join(s.Home, "projects", "*", "*"))
	require.NoError(t, err)
	var files []string
	for _, path := range left {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			files = append(files, path)
		}
	}
	require.Len(t, files, 1)
	text, err := os.ReadFile(files[0])
	require.NoError(t, err)
	require.NotContains(t, string(text), "usage_limit_reached")
}
