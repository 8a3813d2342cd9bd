//go:build e2e

package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/fakeapi"
	"claudepool/internal/sandbox"
)

// What is no limit of the plan closes nothing, and the run does not go on elsewhere.
func TestWhatIsNoLimitClosesNothing(t *testing.T) {
	t.Parallel()
	cases := map[string]fakeapi.Reply{
		"overloaded": fakeapi.Refuse(529), "broken": fakeapi.Refuse(500), "no credit": fakeapi.Refuse(400),
		"throttled": fakeapi.Throttle(),
	}
	for name, reply := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newMachine(t, "a", "b")
			s.API.Script(sandbox.Token("a"), reply)
			s.API.Script(sandbox.Token("b"), reply)
			runs := 0
			for format, args := range failoverFormats {
				out := run(t, s.Claude(limited(t), with(args, "-p", "hello")...), "")
				require.Equal(t, 1, out.Status, "%s: %s\n%s", format, out.Stdout, out.Stderr)
				require.Empty(t, out.Stderr)
				runs++
				require.Len(t, s.API.Requests(), runs)
			}
			for _, subscription := range []string{"a", "b"} {
				status := statusOf(t, s, subscription)
				require.Equal(t, "available", status.State)
				require.Empty(t, status.Windows)
			}
			requireReleased(t, s, runs)
		})
	}
}

// A login that the API does not take is left alone until it works again: a run that is pinned to it finds out.
func TestALoginThatDoesNotWorkIsLeftAlone(t *testing.T) {
	t.Parallel()
	for state, status := range map[string]int{"signed_out": 401, "refused": 403} {
		for format, args := range failoverFormats {
			t.Run(state+", "+format, func(t *testing.T) {
				t.Parallel()
				s := newMachine(t)
				s.API.Script(sandbox.Token("only"), fakeapi.Refuse(status))
				out := run(t, s.Claude(limited(t), with(args, "-p", "hello")...), "")
				require.Equal(t, 1, out.Status, "%s\n%s", out.Stdout, out.Stderr)
				require.Equal(t, state, statusOf(t, s, "only").State)
				requireExhausted(t, s)

				s.API.Script(sandbox.Token("only"), fakeapi.Answer())
				pinned := run(t, inEnv(s.Claude(limited(t), with(args, "-p", "hello")...), "CLAUDEPOOL_SUBSCRIPTION=only"), "")
				require.Zero(t, pinned.Status, "%s\n%s", pinned.Stdout, pinned.Stderr)
				require.Equal(t, "available", statusOf(t, s, "only").State)
				claude(t, s, "-p", "hello")
				requireBooked(t, s)
			})
		}
	}
}

// An API key has no windows: one that is throttled is left alone for a while.
func TestAKeyThatIsThrottledIsLeftAlone(t *testing.T) {
	t.Parallel()
	for format, args := range failoverFormats {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			s := newBareMachine(t)
			require.NoError(t, s.Install(program))
			require.NoError(t, s.AddKey("key"))
			s.API.Script(sandbox.Token("key"), fakeapi.Throttle())
			out := run(t, s.Claude(limited(t), with(args, "-p", "hello")...), "")
			require.Equal(t, 1, out.Status, "%s\n%s", out.Stdout, out.Stderr)
			status := statusOf(t, s, "key")
			require.Equal(t, "backing_off", status.State)
			require.Empty(t, status.Windows)
			requireExhausted(t, s)

			s.API.Script(sandbox.Token("key"), fakeapi.Reply{})
			require.NoError(t, s.Manage(nil, "cooldown", "key", "--clear"))
			claude(t, s, with(args, "-p", "hello")...)
			require.Equal(t, "available", statusOf(t, s, "key").State)
			requireBooked(t, s)
		})
	}
}
