package conformance

import (
	"strings"
	"syscall"
	"testing"

	"claudepool/conformance/harness"

	"github.com/stretchr/testify/require"
)

// heldArgs are runs whose output the wrapper may hold back.
var heldArgs = map[string][]string{
	"text":        {"-p", "hi"},
	"json":        {"-p", "hi", "--output-format", "json"},
	"stream-json": {"-p", "hi", "--output-format", "stream-json", "--verbose"},
}

const limitResult = `{"type":"result","subtype":"success","is_error":true,"api_error_status":429,"result":"You've hit your session limit","session_id":"c"}`

// outputs are what such runs print: an answer, a limit that nothing can be done about, and something else.
var outputs = map[string]string{
	"an answer":      `out "the answer\n"` + "\nexit 0",
	"JSON":           `out "{\"type\":\"result\",\"is_error\":false,\"result\":\"x\",\"session_id\":\"c\"}\n"` + "\nexit 0",
	"nothing":        "exit 1",
	"no end":         "out unfinished\nexit 2",
	"a limit":        `out "You've hit your session limit\n"` + "\nexit 1",
	"a limit object": "out " + quoted(limitResult+"\n") + "\nexit 1",
	"a limit, cut":   "out " + quoted(limitResult) + "\nexit 1",
	"a signal":       `out "begun\n"` + "\ndie TERM",
	"much":           "fill 300000\nexit 0",
	"modes":          `out "a\tb\r\n\x1b[1mbold\x1b[0m\n\n\x1b[?25h"` + "\nexit 0",
}

func quoted(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(text) + `"`
}

// What is held back for a moment arrives as it was, with the status as it was, on whatever it is printed.
func TestWhatIsHeldArrivesAsItWas(t *testing.T) {
	t.Parallel()
	eachStdio(t, func(t *testing.T, p harness.Plan) {
		usual := harness.New(t)
		for name, args := range heldArgs {
			for what, script := range outputs {
				g := usual
				if strings.Contains(what, "limit") {
					g = harness.New(t) // the pool has no room after it
				}
				p.Args, p.Script = args, "report\n"+script
				direct, wrapped := g.Do(t, g.Direct(), p), g.Do(t, g.Wrapped(), p)
				require.Empty(t, strings.Join(harness.Differences(direct, wrapped), "\n"), "%s in %s", what, name)
				noneRunning(t, g)
			}
		}
	})
}

// Standard input reaches a run that may have to be repeated as it reaches any other.
func TestStdinOfARunThatMayBeRepeated(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("0123456789abcdef", 1<<18)
	for _, tc := range []struct {
		name  string
		stdin harness.Kind
		input string
	}{
		{"a pipe", harness.OnPipe, "line\n\x00\xff"}, {"an empty pipe", harness.OnPipe, ""}, {"much", harness.OnPipe, large},
		{"a file", harness.OnFile, large}, {"/dev/null", harness.OnNull, ""}, {"closed", harness.Closed, ""},
	} {
		for _, stdout := range []harness.Kind{harness.OnTerminal, harness.OnPipe} {
			t.Run(tc.name+",out="+string(stdout), func(t *testing.T) {
				t.Parallel()
				g := harness.New(t)
				p := harness.Plan{Args: heldArgs["text"], Stdin: tc.stdin, Input: []byte(tc.input), Stdout: stdout, Script: "report\nstdin\nout done"}
				for _, way := range g.Ways() {
					r := g.Start(t, way, p)
					require.Equal(t, harness.Status{}, r.Wait(t), r.Describe())
					require.True(t, tc.input == string(r.File("stdin")))
				}
				same(t, g, p)
			})
		}
	}
}

// A run whose held output nobody takes ends by the signal that would have ended the child, still writing.
func TestASignalEndsARunWhoseHeldOutputNobodyTakes(t *testing.T) {
	t.Parallel()
	harness.NeedsPool(t)
	for name, args := range heldArgs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := harness.New(t)
			r := g.Start(t, g.Wrapped(), harness.Plan{Args: args, Stdin: harness.OnNull, HoldOutput: true, Script: "fill 300000\nmark written"})
			child := r.Marked(t, "written")
			harness.Eventually(t, func() bool { return harness.State(child) == "" }, r.Describe)
			harness.Eventually(t, func() bool { // the first may come while the child's end is not known yet
				_ = syscall.Kill(r.PID, syscall.SIGTERM) // it may have ended just now
				return r.Ended()
			}, r.Describe)
			require.Equal(t, harness.Status{Signal: "TERM"}, r.WaitExit(t), r.Describe())
			noneRunning(t, g)
		})
	}
}
