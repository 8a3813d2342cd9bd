//go:build e2e

package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/fakeapi"
	"claudepool/internal/sandbox"
)

// meetLimit has the interface answer once, meet a limit with the next prompt, and leaves it.
func meetLimit(t *testing.T, s *sandbox.Sandbox, sc *screen) {
	t.Helper()
	s.API.Script(sandbox.Token("a"), fakeapi.Answer(), fakeapi.Limit("five_hour"))
	sc.start(t)
	sc.turn(t, "an answer of before")
	sc.enter(t, "[[text:never said by a]]")
	sc.expect(t, "You've hit your 5-hour limit")
	sc.enter(t, "/exit")
}

// askedOf counts the requests of a subscription.
func askedOf(s *sandbox.Sandbox, name string) int {
	count := 0
	for _, r := range s.API.Requests() {
		if r.Token == sandbox.Token(name) {
			count++
		}
	}
	return count
}

// A person who agrees has the conversation on the screen again, on another subscription, and goes on.
func TestTheInterfaceGoesOnElsewhere(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"asked", "auto"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s := newMachine(t, "a", "b")
			env := s.Env()
			if mode == "auto" {
				env = append(env, "CLAUDEPOOL_FAILOVER=auto")
			}
			sc := newScreen(t, s, env)
			withSameModes(t, sc, func() {
				meetLimit(t, s, sc)
				if mode == "asked" {
					sc.expect(t, "a is at its five_hour limit, which resets at ")
					sc.expect(t, "continue the conversation on b?")
					sc.expect(t, "[y/N]")
					sc.enter(t, "y")
				}
				sc.expectThat(t, "the conversation", hasConversation)
				sc.turn(t, "an answer of after")
				sc.exit(t)
			})
			require.Equal(t, 1, askedOf(s, "b"))
			sessions := requireChain(t, s, "a b")
			require.Equal(t, sessions[0].ConversationID, sessions[1].ConversationID)
			requireBooked(t, s)
		})
	}
}

// hasConversation tells whether the interface shows the conversation, the limit in it as one of before (2.1.330),
// and its input box at the end.
func hasConversation(content string) bool {
	_, after, found := strings.Cut(content, "● an answer of before")
	_, after, taken := strings.Cut(after, "Automatic continue cancelled")
	return found && taken && strings.Contains(after, "\n❯")
}

// Whoever does not agree has what the CLI left, and nobody else was asked.
func TestTheInterfaceEndsWhereNobodyAgrees(t *testing.T) {
	t.Parallel()
	for name, key := range map[string]string{"n": "n", "nothing": "", "Ctrl-C": "C-c", "Ctrl-D": "C-d"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newMachine(t, "a", "b")
			sc := newScreen(t, s, s.Env())
			withSameModes(t, sc, func() {
				meetLimit(t, s, sc)
				sc.expect(t, "[y/N]")
				if key != "" {
					sc.press(t, key)
				}
				if name == "n" || name == "nothing" {
					sc.press(t, "Enter")
				}
				sc.expectPrompt(t)
				require.Equal(t, "0", sc.shell(t, "echo $?"))
			})
			require.Zero(t, askedOf(s, "b"))
			requireReleased(t, s, 1)
			requireBooked(t, s)
		})
	}
}

// Nobody is asked who does not want it, where there is nowhere to go, or where no limit was met.
func TestTheInterfaceEndsWithoutAQuestion(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		subscriptions []string
		env           string
		limit         bool
	}{
		"off":            {[]string{"a", "b"}, "CLAUDEPOOL_FAILOVER=off", true},
		"nobody else":    {[]string{"a"}, "CLAUDEPOOL_FAILOVER=on", true},
		"auto, nobody":   {[]string{"a"}, "CLAUDEPOOL_FAILOVER=auto", true},
		"pinned":         {[]string{"a", "b"}, "CLAUDEPOOL_SUBSCRIPTION=a", true},
		"no limit":       {[]string{"a", "b"}, "CLAUDEPOOL_FAILOVER=on", false},
		"auto, no limit": {[]string{"a", "b"}, "CLAUDEPOOL_FAILOVER=auto", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newMachine(t, c.subscriptions...)
			sc := newScreen(t, s, append(s.Env(), c.env))
			if c.limit {
				meetLimit(t, s, sc)
			} else {
				sc.start(t)
				sc.turn(t, "an answer")
				sc.enter(t, "/exit")
			}
			sc.expectPrompt(t)
			require.NotContains(t, sc.content(t), "claudepool:")
			require.Equal(t, "0", sc.shell(t, "echo $?"))
			requireReleased(t, s, 1)
			if c.limit {
				require.Equal(t, "limited", statusOf(t, s, "a").State)
			}
		})
	}
}

// What the interface meets is told by its transcript.
func TestALimitInTheInterfaceClosesItsSubscription(t *testing.T) {
	t.Parallel()
	s := newMachine(t)
	reply := fakeapi.Limit("seven_day")
	s.API.Script(sandbox.Token("only"), reply)
	sc := newScreen(t, s, s.Env())
	sc.start(t)
	sc.enter(t, "hello there")
	sc.expect(t, "You've hit your weekly limit")
	// Where the limit lasts for days the interface asks what to do now: the question takes the keys (2.1.330).
	const question = "What do you want to do?"
	sc.expect(t, question)
	sc.press(t, "Escape")
	sc.expectNo(t, question)
	sc.enter(t, "/exit")
	sc.expectPrompt(t)
	requireLimited(t, s, "only", "seven_day", reply.Plan.Windows[1].ResetsAt, "transcript")
	requireExhausted(t, s)
}
