//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/sandbox"
)

// limitWords are what the CLI says of limits and logins, as text and as lines of its formats.
var limitWords = []string{
	"You've hit your 5-hour limit · resets 3:50pm (UTC)",
	"You've hit your session limit · resets 3pm (UTC)",
	"You've hit your weekly limit · resets Nov 28, 1pm (UTC)",
	"You've hit your Opus limit · resets Nov 28, 1pm (UTC)",
	"You've hit your Fable limit · resets Nov 28, 1pm (UTC). Switch to another model to continue.",
	"You're out of usage credits · resets 3pm (UTC)",
	"Opus weekly limit reached ∙ resets Oct 31, 9am",
	"5-hour limit reached ∙ resets 9am",
	"Claude AI usage limit reached|1795622400",
	"Invalid API key · Please run /login",
	"Please run /login · API Error: 401 unauthorized",
	"Please run /login · API Error: 403 forbidden",
	"API Error: Request rejected (429) · slow down",
	`{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":1995622400,"rateLimitType":"five_hour","isUsingOverage":false}}`,
	`{"type":"result","subtype":"success","is_error":true,"api_error_status":429,"api_error":"usage_limit_reached","result":"You've hit your 5-hour limit · resets 3pm (UTC)"}`,
	`{"type":"assistant","message":{"model":"<synthetic>","content":"You've hit your weekly limit · resets 3pm (UTC)"},"error":"rate_limit","api_error":"usage_limit_reached"}`,
}

// writeProse puts all of them into a file of the machine's directory.
func writeProse(t *testing.T, s *sandbox.Sandbox) {
	t.Helper()
	text := strings.Join(limitWords, "\n") + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(s.Work, "prose"), []byte(text), 0o600))
}

// requireUntouched says that all is open, and nobody has met a limit.
func requireUntouched(t *testing.T, s *sandbox.Sandbox) {
	t.Helper()
	all, err := s.Status()
	require.NoError(t, err)
	for _, row := range all {
		require.Equal(t, "available", row.State)
		require.False(t, slices.ContainsFunc(row.Windows, func(w sandbox.Window) bool { return w.Status == "rejected" }), "%+v", row)
	}
	sessions, err := s.Sessions()
	require.NoError(t, err)
	for _, session := range sessions {
		require.Nil(t, session.Met, "%+v", session)
		require.Nil(t, session.Follows, "%+v", session)
	}
}

// Whoever talks about limits has met none: not in a prompt, an answer, a file or the result of a tool.
func TestProseIsNoLimit(t *testing.T) {
	t.Parallel()
	all := strings.Join(limitWords, "\n")
	prompts := map[string]string{
		"a prompt": all + "\n[[text:the answer]]",
		"a tool":   "[[bash:cat prose]][[text:" + all + "]]",
		"answers":  "[[text:" + limitWords[0] + "]]",
		"a result": "[[text:" + limitWords[14] + "]]",
		"an event": "[[text:" + limitWords[13] + "]]",
		"a login":  "[[text:" + limitWords[9] + "]]",
		"a failed": "[[bash:cat prose; exit 1]][[text:" + limitWords[2] + "]]",
	}
	for format, args := range failoverFormats {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			alone, pooled := newDirectMachine(t), newMachine(t, "a", "b")
			writeProse(t, alone)
			writeProse(t, pooled)
			names := make([]string, 0, len(prompts))
			for name := range prompts {
				names = append(names, name)
			}
			slices.Sort(names) // both machines in the same order: the figures go by it
			for _, name := range names {
				args := with(args, "--allowedTools", "Bash", "-p", prompts[name])
				want := run(t, alone.Direct(limited(t), "only", args...), "")
				got := run(t, pooled.Claude(limited(t), args...), "")
				require.Zero(t, got.Status, "%s: %s\n%s", name, got.Stdout, got.Stderr)
				require.Equal(t, unnamed(normalLines(t, alone, want.Stdout)), unnamed(normalLines(t, pooled, got.Stdout)), name)
				require.Equal(t, want.Stderr, got.Stderr)
			}
			requireReleased(t, pooled, len(prompts))
			requireUntouched(t, pooled)
			requireBooked(t, pooled)
		})
	}
}

func TestProseInTheInterfaceIsNoLimit(t *testing.T) {
	t.Parallel()
	s := newMachine(t, "a", "b")
	writeProse(t, s)
	sc := newScreen(t, s, s.Env())
	sc.enter(t, "claude --allowedTools Bash")
	sc.expect(t, "\n❯")
	sc.enter(t, "[[bash:cat prose]][[text:"+limitWords[0]+"]]")
	sc.expectThat(t, "the answer below the prompt", func(content string) bool {
		return strings.Count(content, limitWords[0]) == 2 && strings.Contains(content, "done")
	})
	sc.enter(t, "/exit")
	sc.expectPrompt(t) // and nobody asks anything
	require.Equal(t, "0", sc.shell(t, "echo $?"))
	requireReleased(t, s, 1)
	requireUntouched(t, s)
	requireBooked(t, s)
}
