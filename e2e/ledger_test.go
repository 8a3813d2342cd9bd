//go:build e2e

package e2e

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/sandbox"
)

var asJSON = []string{"--output-format", "json"}

// ledgerCases are ways of using the CLI. After each the ledger must equal the API's books, for every
// subscription, model and kind of token.
var ledgerCases = []struct {
	name string
	// subscriptions of the pool; none stands for one.
	subscriptions []string
	use           func(t *testing.T, s *sandbox.Sandbox)
}{
	{name: "text", use: func(t *testing.T, s *sandbox.Sandbox) {
		claude(t, s, "-p", "[[bash:echo one]][[text:plain]]", "--allowedTools", "Bash")
	}},
	{name: "text, resumed twice", use: func(t *testing.T, s *sandbox.Sandbox) {
		id := conversation(t, claude(t, s, with(asJSON, "-p", "first")...))
		claude(t, s, "-p", "second", "--resume", id)
		claude(t, s, "-p", "third", "--resume", id)
		claude(t, s, with(asJSON, "-p", "fourth", "--resume", id)...)
	}},
	{name: "continued", use: func(t *testing.T, s *sandbox.Sandbox) {
		claude(t, s, "-p", "first")
		claude(t, s, "-p", "second", "--continue")
		claude(t, s, with(streamJSON, "-p", "third", "--continue")...)
	}},
	{name: "many turns", use: func(t *testing.T, s *sandbox.Sandbox) {
		run(t, s.Claude(limited(t), with(streamJSON, "-p", "--input-format", "stream-json")...),
			userLine("[[text:first]]")+userLine("[[bash:echo 2]][[text:second]]")+userLine("[[text:third]]"))
	}},
	{name: "resumed on another subscription", subscriptions: []string{"one", "two"}, use: func(t *testing.T, s *sandbox.Sandbox) {
		id := conversation(t, on(t, s, "one", with(asJSON, "-p", "first")...))
		on(t, s, "two", "-p", "second", "--resume", id)
		on(t, s, "one", with(streamJSON, "-p", "third", "--resume", id)...)
		on(t, s, "two", with(asJSON, "-p", "fourth", "--resume", id)...)
	}},
	{name: "forked, and the fork forked", use: func(t *testing.T, s *sandbox.Sandbox) {
		id := conversation(t, claude(t, s, with(asJSON, "-p", "[[bash:echo 1]][[text:first]]", "--allowedTools", "Bash")...))
		fork := conversation(t, claude(t, s, with(asJSON, "-p", "second", "--resume", id, "--fork-session")...))
		claude(t, s, "-p", "third", "--resume", fork, "--fork-session")
		claude(t, s, "-p", "fourth", "--resume", fork)
		claude(t, s, "-p", "fifth", "--resume", id, "--fork-session")
		claude(t, s, with(streamJSON, "-p", "sixth", "--resume", id)...)
	}},
	{name: "a subagent, text", use: func(t *testing.T, s *sandbox.Sandbox) {
		claude(t, s, "-p", "[[subagent:[[bash:echo sub]][[text:found]]]][[text:all]]", "--allowedTools", "Bash")
	}},
	{name: "a subagent in the background, text", use: func(t *testing.T, s *sandbox.Sandbox) {
		claude(t, s, "-p", "[[background:[[slow:1s]][[text:found]]]][[text:started]]")
	}},
	{name: "no transcript", use: func(t *testing.T, s *sandbox.Sandbox) {
		claude(t, s, with(streamJSON, "-p", "[[bash:echo 1]][[text:x]]", "--no-session-persistence", "--allowedTools", "Bash")...)
		claude(t, s, with(asJSON, "-p", "hello", "--no-session-persistence")...)
	}},
	{name: "partial messages", use: func(t *testing.T, s *sandbox.Sandbox) {
		claude(t, s, with(streamJSON, "-p", "[[text:one two]]", "--include-partial-messages")...)
	}},
	{name: "another model in one conversation", use: func(t *testing.T, s *sandbox.Sandbox) {
		id := conversation(t, claude(t, s, with(asJSON, "-p", "first")...))
		claude(t, s, "-p", "second", "--resume", id, "--model", "claude-opus-4-8")
		claude(t, s, with(asJSON, "-p", "third", "--resume", id, "--model", "claude-haiku-4-5")...)
	}},
	{name: "a limit in the middle of a turn", subscriptions: []string{"s0", "s1", "s2"}, use: func(t *testing.T, s *sandbox.Sandbox) {
		for i, format := range [][]string{nil, asJSON, streamJSON} {
			cmd := s.Claude(limited(t), with(format, "-p", "[[bash:echo 1]][[limit:five_hour]]", "--allowedTools", "Bash")...)
			cmd.Env = append(cmd.Env, fmt.Sprintf("CLAUDEPOOL_SUBSCRIPTION=s%d", i))
			run(t, cmd, "")
		}
	}},
	{name: "killed in the middle of a turn, then resumed", use: func(t *testing.T, s *sandbox.Sandbox) {
		for _, format := range [][]string{nil, asJSON, streamJSON} {
			id := conversation(t, claude(t, s, with(asJSON, "-p", "first")...))
			killSoon(t, s, with(format, "-p", "[[bash:echo 1]][[slow:300s]]", "--resume", id, "--allowedTools", "Bash")...)
			claude(t, s, with(format, "-p", "third", "--resume", id)...)
			require.NoError(t, s.Manage(nil, "sync"))
			claude(t, s, with(asJSON, "-p", "fourth", "--resume", id)...)
		}
	}},
	{name: "two sessions on one conversation at once", use: func(t *testing.T, s *sandbox.Sandbox) {
		id := conversation(t, claude(t, s, with(asJSON, "-p", "first")...))
		atOnce(t,
			s.Claude(limited(t), with(asJSON, "-p", "[[slow:1s]][[text:a]]", "--resume", id)...),
			s.Claude(limited(t), "-p", "[[slow:500ms]][[text:b]]", "--resume", id))
		claude(t, s, with(asJSON, "-p", "last", "--resume", id)...)
	}},
	{name: "outside of the wrapper", use: func(t *testing.T, s *sandbox.Sandbox) {
		run(t, s.Direct(limited(t), "only", "-p", "outside"), "")
		id := conversation(t, claude(t, s, with(asJSON, "-p", "inside")...))
		run(t, s.Direct(limited(t), "only", "-p", "outside again", "--resume", id), "")
		claude(t, s, with(asJSON, "-p", "inside again", "--resume", id)...)
	}},
	{name: "the interface, cleared", use: func(t *testing.T, s *sandbox.Sandbox) {
		sc := newScreen(t, s, s.Env())
		sc.start(t)
		sc.turn(t, "first answer")
		sc.enter(t, "/clear")
		sc.expectNo(t, "first answer")
		sc.turn(t, "second answer")
		sc.exit(t)
	}},
}

// on runs `claude ARGS` on a subscription; it must succeed.
func on(t *testing.T, s *sandbox.Sandbox, subscription string, args ...string) output {
	t.Helper()
	cmd := s.Claude(limited(t), args...)
	cmd.Env = append(cmd.Env, "CLAUDEPOOL_SUBSCRIPTION="+subscription)
	out := run(t, cmd, "")
	require.Zero(t, out.Status, "%s\n%s", out.Stdout, out.Stderr)
	return out
}

// killSoon kills the wrapper of a headless run with -9 while the answer to its tool's result is under way, once
// the first answer is in the transcript.
func killSoon(t *testing.T, s *sandbox.Sandbox, args ...string) {
	t.Helper()
	before := len(s.API.Requests())
	cmd := s.Claude(limited(t), args...)
	require.NoError(t, cmd.Start())
	eventually(t, func() bool {
		called := 0
		for _, r := range s.API.Requests()[before:] { // older CLIs ask for titles and the like too
			if called > 0 && r.Outcome == "" {
				return inTranscript(t, s, called)
			}
			if r.Tool != "" {
				called = r.Number
			}
		}
		return false
	}, func() string { return "no answer is under way" })
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
}

// inTranscript tells whether the answer with that number is in a transcript: the CLI writes them a moment
// after it has them (seen with 2.1.330: after it has sent the tool's result).
func inTranscript(t *testing.T, s *sandbox.Sandbox, number int) bool {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(s.Home, "projects", "*", "*.jsonl"))
	require.NoError(t, err)
	return slices.ContainsFunc(paths, func(path string) bool {
		text, err := os.ReadFile(path)
		lines := text[:bytes.LastIndexByte(text, '\n')+1]
		return err == nil && bytes.Contains(lines, fmt.Appendf(nil, "msg_fake%06d", number))
	})
}

func atOnce(t *testing.T, commands ...*exec.Cmd) {
	t.Helper()
	var running sync.WaitGroup
	for _, cmd := range commands {
		running.Go(func() { _ = cmd.Run() }) // what was served is what counts
	}
	running.Wait()
}

func TestTheLedgerEqualsTheBooks(t *testing.T) {
	t.Parallel()
	for _, c := range ledgerCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := newMachine(t, c.subscriptions...)
			c.use(t, s)
			for range 2 { // the second time changes nothing
				require.NoError(t, s.Manage(nil, "reclaim"))
				require.NoError(t, s.Manage(nil, "sync"))
				requireBooked(t, s)
			}
		})
	}
}
