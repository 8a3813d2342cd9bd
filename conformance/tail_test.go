package conformance

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"claudepool/conformance/harness"
	"claudepool/internal/fakeclaude"

	"github.com/stretchr/testify/require"
)

// A child that prints and is gone: the last bytes are still in the pipe or the terminal when it ends.
func TestNoByteOfTheTailIsLost(t *testing.T) {
	t.Parallel()
	const runs, size = 200, 6000
	for _, kind := range []harness.Kind{harness.OnTerminal, harness.OnPipe} {
		t.Run("out="+string(kind), func(t *testing.T) {
			t.Parallel()
			g := harness.New(t)
			want := string(fakeclaude.Pattern(size)) + "end"
			if kind == harness.OnTerminal {
				want = strings.ReplaceAll(want, "\n", "\r\n")
			}
			for range runs {
				r := g.Start(t, g.Wrapped(), harness.Plan{Args: tapped, Stdin: harness.OnNull, Stdout: kind, Script: "fill 6000\nout end"})
				require.Equal(t, harness.Status{}, r.Wait(t), r.Describe())
				got := string(r.Stdout())
				if kind == harness.OnTerminal {
					got = string(r.Terminal.Seen())
				}
				require.Equal(t, want, got)
			}
			noneRunning(t, g)
		})
	}
}

// tapped are arguments with which the wrapper reads along, and stands between the child and a pipe.
var tapped = []string{"-p", "--verbose", "--output-format", "stream-json"}

// A reader that takes its time: what the child had written when it ended is held for it.
func TestNoByteIsLostToASlowReader(t *testing.T) {
	t.Parallel()
	harness.NeedsPool(t)
	const size = 120 << 10 // more than one pipe holds, less than two
	g := harness.New(t)
	r := g.Start(t, g.Wrapped(), harness.Plan{Args: tapped, Stdin: harness.OnNull, HoldOutput: true, Script: fmt.Sprintf("fill %d\nmark written", size)})
	child := r.Marked(t, "written")
	harness.Eventually(t, func() bool { return harness.State(child) == "" }, r.Describe)
	for range 5 {
		require.Len(t, sessions(t, g), 1, "it has ended with output in hand")
	}
	var got []byte
	for buf := make([]byte, 8<<10); ; {
		n, err := r.OutputPipe().Read(buf)
		got = append(got, buf[:n]...)
		if err != nil {
			break
		}
	}
	require.Equal(t, harness.Status{}, r.Wait(t))
	require.True(t, string(fakeclaude.Pattern(size)) == string(got), "%d of %d bytes", len(got), size)
}

// drainCap is how long a run may go on after the child's end; a grandchild would hold it for a minute.
const drainCap = 5 * time.Second

func TestAGrandchildThatHoldsTheOutputDoesNotHangTheRun(t *testing.T) {
	t.Parallel()
	for _, kind := range []harness.Kind{harness.OnTerminal, harness.OnPipe} {
		for _, how := range []string{"linger", "linger ignorehup"} {
			t.Run(how+",out="+string(kind), func(t *testing.T) {
				t.Parallel()
				g := harness.New(t)
				r := g.Start(t, g.Wrapped(), harness.Plan{Args: tapped, Stdin: harness.OnNull, Stdout: kind, Script: how + "\nout before\nmark ending\nexit 3"})
				defer r.Tell(t, "linger-end")
				r.Marked(t, "ending")
				ended := time.Now()
				require.Equal(t, harness.Status{Code: 3}, r.WaitExit(t), r.Describe())
				require.Less(t, time.Since(ended), drainCap)
				output := r.Stdout
				if kind == harness.OnTerminal {
					output = r.Terminal.Seen
				}
				harness.Eventually(t, func() bool { return string(output()) == "before" }, r.Describe)
				noneRunning(t, g)
			})
		}
	}
}

// A grandchild that keeps writing does not keep the run either.
func TestAGrandchildThatKeepsWritingDoesNotHangTheRun(t *testing.T) {
	t.Parallel()
	for _, kind := range []harness.Kind{harness.OnTerminal, harness.OnPipe} {
		t.Run("out="+string(kind), func(t *testing.T) {
			t.Parallel()
			g := harness.New(t)
			script := `become /bin/sh -c "trap '' HUP; while echo x; do :; done 2>/dev/null & : >\"$FAKECLAUDE_DIR/ending\"; exit 4"`
			r := g.Start(t, g.Wrapped(), harness.Plan{Args: tapped, Stdin: harness.OnNull, Stdout: kind, Script: script})
			waitForFile(t, r, "ending")
			ended := time.Now()
			require.Equal(t, harness.Status{Code: 4}, r.WaitExit(t), r.Describe())
			require.Less(t, time.Since(ended), drainCap)
			r.NothingLeft(t)
		})
	}
}
