package conformance

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"claudepool/conformance/harness"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// same runs the plan both ways and wants no difference.
func same(t *testing.T, g *harness.Ground, p harness.Plan) (direct, wrapped harness.Outcome) {
	t.Helper()
	direct, wrapped = g.Do(t, g.Direct(), p), g.Do(t, g.Wrapped(), p)
	require.Empty(t, strings.Join(harness.Differences(direct, wrapped), "\n"))
	return direct, wrapped
}

// eachStdio runs a subtest for each of the eight combinations of terminal and no terminal.
func eachStdio(t *testing.T, test func(t *testing.T, p harness.Plan)) {
	t.Helper()
	kinds := []harness.Kind{harness.OnTerminal, harness.OnPipe}
	for _, in := range kinds {
		for _, out := range kinds {
			for _, err := range kinds {
				t.Run(fmt.Sprintf("in=%s,out=%s,err=%s", in, out, err), func(t *testing.T) {
					t.Parallel()
					test(t, harness.Plan{Stdin: in, Stdout: out, Stderr: err})
				})
			}
		}
	}
}

const reportAndSpeak = "report\n" + `out "to stdout\n"` + "\n" + `err "to stderr\n"` + "\nexit 3"

func TestStdioAsSessionLeader(t *testing.T) {
	t.Parallel()
	eachStdio(t, func(t *testing.T, p harness.Plan) {
		p.Script = reportAndSpeak
		direct, _ := same(t, harness.New(t), p)
		require.Equal(t, harness.Status{Code: 3}, direct.Status)
	})
}

func TestStdioAsShellJob(t *testing.T) {
	t.Parallel()
	eachStdio(t, func(t *testing.T, p harness.Plan) {
		p.Script, p.Jobs = reportAndSpeak, true
		direct, wrapped := same(t, harness.New(t), p)
		for _, f := range direct.Report.Files {
			require.Equal(t, f.Kind == "terminal", f.Foreground, "the shell gave the terminal to its job")
		}
		require.False(t, direct.Report.OrphanedGroup)
		require.False(t, wrapped.Report.OrphanedGroup, "a child in an orphaned process group can't be suspended")
	})
}

// A terminal that only /dev/tty leads to stays the child's controlling terminal.
func TestKeysReachAChildWithPipedInput(t *testing.T) {
	t.Parallel()
	for _, stdout := range []harness.Kind{harness.OnTerminal, harness.OnPipe} {
		t.Run("out="+string(stdout), func(t *testing.T) {
			t.Parallel()
			g := harness.New(t)
			p := harness.Plan{Stdin: harness.OnPipe, Input: []byte("piped"), Stdout: stdout, Stderr: harness.OnTerminal, Script: "report\nstdin\nmark asking\nkeys"}
			var results []string
			for _, way := range g.Ways() {
				r := g.Start(t, way, p)
				r.Marked(t, "asking")
				r.Terminal.Type(t, "typed\n")
				require.Equal(t, harness.Status{}, r.Wait(t), r.Describe())
				require.Equal(t, "piped", string(r.File("stdin")))
				results = append(results, string(r.Stdout())+"|"+string(r.Terminal.Seen()))
			}
			require.Contains(t, results[0], "[typed]")
			require.Equal(t, results[0], results[1])
		})
	}
}

func TestStdinThatIsNoTerminal(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		stdin harness.Kind
		input string
		want  string
	}{
		{"a pipe with data", harness.OnPipe, "line\n\x00\xff", "line\n\x00\xff"},
		{"an empty pipe", harness.OnPipe, "", ""},
		{"much data", harness.OnPipe, strings.Repeat("0123456789abcdef", 1<<15), strings.Repeat("0123456789abcdef", 1<<15)},
		{"a file", harness.OnFile, "filed\n", "filed\n"},
		{"/dev/null", harness.OnNull, "", ""},
		{"closed", harness.Closed, "", ""},
	} {
		for _, stdout := range []harness.Kind{harness.OnTerminal, harness.OnPipe} {
			t.Run(tc.name+",out="+string(stdout), func(t *testing.T) {
				t.Parallel()
				g := harness.New(t)
				p := harness.Plan{Stdin: tc.stdin, Input: []byte(tc.input), Stdout: stdout, Script: "report\nstdin\nout done"}
				for _, way := range g.Ways() {
					r := g.Start(t, way, p)
					require.Equal(t, harness.Status{}, r.Wait(t), r.Describe())
					require.Equal(t, tc.want, string(r.File("stdin")))
				}
				same(t, g, p)
			})
		}
	}
}

// A person who pipes part of a file: what the child does not read is left for the next program.
func TestStdinIsNotReadAhead(t *testing.T) {
	t.Parallel()
	g := harness.New(t)
	for _, way := range g.Ways() {
		read, write, err := os.Pipe()
		require.NoError(t, err)
		_, err = write.WriteString("left alone")
		require.NoError(t, err)
		r := g.Start(t, way, harness.Plan{Extra: read, Script: "report"})
		require.Equal(t, harness.Status{}, r.Wait(t))
		require.Contains(t, r.Report(t).OpenFiles, 3, "a descriptor beyond 2 is inherited")
		left := make([]byte, 32)
		n, err := read.Read(left)
		require.NoError(t, err)
		require.Equal(t, "left alone", string(left[:n]))
	}
}

func TestOutputThatIsClosedOrNull(t *testing.T) {
	t.Parallel()
	for _, tc := range []harness.Plan{
		{Stdout: harness.OnFile, Stderr: harness.OnFile},
		{Stdout: harness.OnNull, Stderr: harness.OnNull},
		{Stdout: harness.OnPipe, Stderr: harness.Closed},
		{Stdout: harness.OnTerminal, Stderr: harness.Closed},
	} {
		t.Run("out="+string(tc.Stdout)+",err="+string(tc.Stderr), func(t *testing.T) {
			t.Parallel()
			tc.Script = "report\nout 12\nexit 5"
			same(t, harness.New(t), tc)
		})
	}
}

func TestTerminalModesAndSizeReachTheChild(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*unix.Termios){
		"no echo":    func(m *unix.Termios) { m.Lflag &^= unix.ECHO },
		"raw":        func(m *unix.Termios) { m.Lflag &^= unix.ICANON | unix.ECHO | unix.ISIG; m.Oflag &^= unix.OPOST },
		"odd keys":   func(m *unix.Termios) { m.Cc[unix.VINTR] = 0x07; m.Cc[unix.VERASE] = 0x08; m.Cc[unix.VMIN] = 7 },
		"utf8, ixon": func(m *unix.Termios) { m.Iflag ^= unix.IUTF8 | unix.IXON },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := harness.New(t)
			var outcomes []harness.Outcome
			for _, way := range g.Ways() {
				term := harness.NewTerminal(t)
				term.Resize(t, 131, 7)
				term.SetModes(t, change)
				outcomes = append(outcomes, g.Do(t, way, harness.Plan{Terminal: term, Stdin: harness.OnTerminal, Stdout: harness.OnTerminal, Stderr: harness.OnTerminal, Script: "report\n" + `out "a\tb\n"`}))
			}
			require.Empty(t, strings.Join(harness.Differences(outcomes[0], outcomes[1]), "\n"))
			require.EqualValues(t, 131, outcomes[1].Report.Files[0].Cols)
		})
	}
}
