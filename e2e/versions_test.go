//go:build e2e && versions

package e2e

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/sandbox"
	"claudepool/pool"
)

// version is what an older CLI does not do, in the cases of ledgerCases.
type version struct {
	// small is the model of its calls for titles, topics and the like. Where the table says so they are
	// neither in what it prints nor in a transcript.
	small string
	// alwaysSmall: that holds in every case.
	alwaysSmall bool
	exceptions  map[string]exception
}

// exception is how a case differs, and why.
type exception struct {
	why string
	// refuses is what the CLI says instead.
	refuses string
	// use stands in for the case's own.
	use func(t *testing.T, s *sandbox.Sandbox)
	// small: the calls to the small model are missing.
	small bool
	// output: tokens of output are missing, and only these.
	output bool
	// twice: some subagents are booked twice, and output may be missing.
	twice bool
}

const (
	noSuchOption    = "the option is of later versions"
	titleUnheld     = "asks the small model for a title, which is neither printed nor in a transcript"
	subagentAsBegun = "the transcript of a subagent has output_tokens as its answer began, which shows where it was slow"
	otherLooks      = "the interface looks different"
)

var olderVersions = map[string]version{
	// Asks the small model for a title and topics, and whether there is any quota left; what it prints of
	// these is not all, and its transcripts hold none.
	"1.0.128": {small: "claude-3-5-haiku-20241022", alwaysSmall: true, exceptions: map[string]exception{
		"no transcript": {why: noSuchOption, refuses: "unknown option '--no-session-persistence'"},
		"two sessions on one conversation at once": {
			why: "transcripts have output_tokens as an answer began, which shows where it was slow", output: true,
		},
		"the interface, cleared": {why: otherLooks, use: clearOlderInterface},
	}},
	// The same, and at its start it runs two subagents that nobody has asked for ("warm-up"). Where it resumes
	// a conversation their transcripts are of another one, which nothing but their times connects with the
	// run; so of runs at the same time nobody can tell whose they are.
	"2.0.61": {small: "claude-haiku-4-5-20251001", alwaysSmall: true, exceptions: map[string]exception{
		"no transcript": {why: noSuchOption, refuses: "unknown option '--no-session-persistence'"},
		"two sessions on one conversation at once": {
			why: "the subagents of runs at the same time are booked as printed, and as use outside", twice: true,
		},
		"the interface, cleared": {why: otherLooks, use: clearOlderInterface},
	}},
	"2.1.112": {small: "claude-haiku-4-5-20251001", exceptions: map[string]exception{
		"a subagent in the background, text": {why: subagentAsBegun, output: true},
		"the interface, cleared":             {why: titleUnheld, small: true},
	}},
	"2.1.269": {exceptions: map[string]exception{
		"a subagent in the background, text": {why: subagentAsBegun, output: true},
	}},
}

// TestTheLedgerEqualsTheBooksOfOlderVersions runs the cases with each CLI of CLAUDEPOOL_E2E_VERSIONS, which
// names executables. `make e2e-versions` installs them and sets this.
func TestTheLedgerEqualsTheBooksOfOlderVersions(t *testing.T) {
	t.Parallel()
	executables := strings.Fields(os.Getenv("CLAUDEPOOL_E2E_VERSIONS"))
	require.NotEmpty(t, executables, "CLAUDEPOOL_E2E_VERSIONS names no CLI; run `make e2e-versions`")
	for _, cli := range executables {
		name, err := sandbox.Version(t.Context(), cli)
		require.NoError(t, err)
		v := olderVersions[name] // of one that is not there everything is wanted
		for _, c := range ledgerCases {
			t.Run(name+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				but := v.exceptions[c.name]
				but.small = but.small || v.alwaysSmall
				if but.why != "" {
					t.Log(name + ": " + but.why)
				}
				s := machineOf(t, cli, c.subscriptions)
				switch {
				case but.refuses != "":
					requireRefused(t, s, but.refuses)
				case but.use != nil:
					but.use(t, s)
				default:
					c.use(t, s)
				}
				for range 2 { // the second time changes nothing
					require.NoError(t, s.Manage(nil, "reclaim"))
					require.NoError(t, s.Manage(nil, "sync"))
					requireBookedBut(t, s, v.small, but)
				}
			})
		}
	}
}

// machineOf is newMachine with that CLI.
func machineOf(t *testing.T, cli string, subscriptions []string) *sandbox.Sandbox {
	t.Helper()
	dir, err := os.MkdirTemp("", "machine-") // as in newBareMachine
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	s, err := sandbox.New(dir, cli)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	require.NoError(t, s.Install(program))
	if len(subscriptions) == 0 {
		subscriptions = []string{"only"}
	}
	for _, name := range subscriptions {
		require.NoError(t, s.AddSubscription(name))
	}
	return s
}

func requireRefused(t *testing.T, s *sandbox.Sandbox, says string) {
	t.Helper()
	out := run(t, s.Claude(limited(t), with(asJSON, "-p", "hello", "--no-session-persistence")...), "")
	require.Equal(t, 1, out.Status, "%s\n%s", out.Stdout, out.Stderr)
	require.Contains(t, out.Stderr, says)
}

// clearOlderInterface is the case of the interface, on the screens before 2.1.
func clearOlderInterface(t *testing.T, s *sandbox.Sandbox) {
	t.Helper()
	sc := newScreen(t, s, s.Env())
	sc.enter(t, "claude")
	// The box is drawn before it takes keys. What is typed to find out may stay, before the first prompt;
	// behind the box's mark is a no-break space.
	looked := 0
	eventually(t, func() bool {
		if looked++; looked%40 == 1 {
			sc.tmux(t, "send-keys", "-l", "x")
		}
		return strings.Contains(sc.content(t), "\n>\u00a0x")
	}, func() string { return "no key is taken:\n" + sc.content(t) })
	answered := func(words string) {
		sc.enter(t, "[[text:"+words+"]]")
		sc.expect(t, "● "+words)
	}
	answered("first answer")
	sc.enter(t, "/clear")
	sc.expectNo(t, "first answer")
	answered("second answer")
	sc.enter(t, "/exit")
	sc.expectPrompt(t)
}

// requireBookedBut is requireBooked but for the exception. Whether that shows depends on how slow the machine is.
func requireBookedBut(t *testing.T, s *sandbox.Sandbox, small string, but exception) {
	t.Helper()
	booked, err := s.Booked()
	require.NoError(t, err)
	served := s.Served()
	for account := range booked {
		require.Contains(t, served, account, "%v", booked)
	}
	for account, want := range served {
		got := booked[account]
		switch {
		case but.small && account.Model == small:
			require.True(t, atMost(got, want), "%v: served %+v, booked %+v", account, want, got)
		case but.output && got != want:
			require.Less(t, got.Output, want.Output, account)
			got.Output = want.Output
			require.Equal(t, want, got, account)
		case but.twice && got != want:
			require.True(t, atMost(got, want.Plus(want)), "%v: served %+v, booked %+v", account, want, got)
			want.Output = min(want.Output, got.Output) // as with output: the answers are slow
			require.True(t, atMost(want, got), "%v: served %+v, booked %+v", account, want, got)
		default:
			require.Equal(t, want, got, "%v: served, and booked", account)
		}
	}
}

// atMost tells whether a is at most b, in every kind of token.
func atMost(a, b pool.Tokens) bool {
	return a.Input <= b.Input && a.Output <= b.Output && a.CacheCreation <= b.CacheCreation && a.CacheRead <= b.CacheRead
}
