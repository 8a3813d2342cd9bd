package conformance

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"claudepool/conformance/harness"

	"github.com/stretchr/testify/require"
)

func TestArgumentsArriveByteForByte(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"none":           nil,
		"empty":          {"", "", "x", ""},
		"blanks":         {" ", "a b", "\t", "a\nb\r\n", "'\"\\$`*?"},
		"no UTF-8":       {"\xff\xfe", "caf\xe9", "\x01\x1b[31m"},
		"unicode":        {"héllo", "日本語", "👍🏽"},
		"100 KB":         {strings.Repeat("x", 100<<10), "after"},
		"a thousand":     strings.Split(strings.Repeat("a,", 1000), ","),
		"double dash":    {"--", "-p", "--", "x"},
		"ours":           {"--subscription", "nobody", "run", "--json", "-h", "list", "--"},
		"print":          {"-p", "hello", "--output-format", "text"},
		"unknown option": {"--no-such-option=1", "-Z", "-"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := harness.New(t)
			same(t, g, harness.Plan{Args: args, Script: "report"})
			same(t, g, harness.Plan{Args: args, Script: "report", Stdin: harness.OnTerminal, Stdout: harness.OnTerminal, Stderr: harness.OnTerminal})
		})
	}
}

func TestEnvironmentArrivesAsItIs(t *testing.T) {
	t.Parallel()
	env := []string{"EMPTY=", "TWICE=first", "TWICE=second", "no equals sign", "BYTES=\xff\xfe", "LINES=a\nb", "=odd", "EDITOR=vi", "LARGE=" + strings.Repeat("v", 50<<10), "COLUMNS=12"}
	for _, kind := range []harness.Kind{harness.OnTerminal, harness.OnPipe} {
		t.Run("out="+string(kind), func(t *testing.T) {
			t.Parallel()
			same(t, harness.New(t), harness.Plan{Env: env, Stdin: kind, Stdout: kind, Stderr: kind, Script: "report"})
		})
	}
}

// allBytes holds every byte value, in runs that cross the sizes of buffers.
func allBytes() []byte {
	var b []byte
	for i := range 256 {
		b = append(b, bytes.Repeat([]byte{byte(i)}, 1+i%7)...)
	}
	return bytes.Repeat(b, 40)
}

func TestOutputIsByteForByte(t *testing.T) {
	t.Parallel()
	eachStdio(t, func(t *testing.T, p harness.Plan) {
		g := harness.New(t)
		path := filepath.Join(g.Dir, "all bytes")
		require.NoError(t, os.WriteFile(path, allBytes(), 0o600))
		p.Script = fmt.Sprintf("report\noutfile %q\nerrfile %q\nout end", path, path)
		direct, _ := same(t, g, p)
		if p.Stdout == harness.OnPipe {
			require.Equal(t, string(allBytes())+"end", string(direct.Stdout))
		}
	})
}

func TestExitStatus(t *testing.T) {
	t.Parallel()
	for _, kind := range []harness.Kind{harness.OnTerminal, harness.OnPipe} {
		for _, code := range []int{0, 1, 2, 75, 78, 126, 127, 128, 130, 143, 254, 255} {
			t.Run(fmt.Sprintf("%d,out=%s", code, kind), func(t *testing.T) {
				t.Parallel()
				direct, _ := same(t, harness.New(t), harness.Plan{Stdin: kind, Stdout: kind, Stderr: kind, Script: fmt.Sprintf("report\nout x\nexit %d", code)})
				require.Equal(t, harness.Status{Code: code}, direct.Status)
			})
		}
	}
}

func TestDeathBySignal(t *testing.T) {
	t.Parallel()
	for _, kind := range []harness.Kind{harness.OnTerminal, harness.OnPipe} {
		for _, signal := range []string{"INT", "TERM", "HUP", "QUIT", "USR1", "USR2", "KILL", "ABRT", "SEGV", "PIPE", "ALRM"} {
			t.Run(signal+",out="+string(kind), func(t *testing.T) {
				t.Parallel()
				g := harness.New(t)
				direct, _ := same(t, g, harness.Plan{Stdin: kind, Stdout: kind, Stderr: kind, Script: "report\nout x\ndie " + signal})
				require.Equal(t, harness.Status{Signal: signal}, direct.Status)
				noneRunning(t, g)
			})
		}
	}
}

// beforeGo writes down what Go's runtime changes before the first line of a Go program runs.
const beforeGo = `#!/bin/sh
grep -E '^Sig(Ign|Blk)' /proc/self/status >"$FAKECLAUDE_DIR/inherited"
{ ulimit -Sn; ulimit -Hn; ulimit -c; umask; } >>"$FAKECLAUDE_DIR/inherited"
: >"$FAKECLAUDE_DIR/done"
`

// nohup starts its arguments with INT and HUP ignored, as nohup and `&` in a shell without job control do.
const nohup = `#!/bin/bash
trap '' INT HUP
ulimit -Sn 200
umask 027
exec "$@"
`

func TestIgnoredSignalsAndLimitsAreInherited(t *testing.T) {
	t.Parallel()
	g := harness.New(t)
	g.Real = filepath.Join(g.Dir, "claude")
	require.NoError(t, os.WriteFile(g.Real, []byte(beforeGo), 0o755))
	start := filepath.Join(g.Dir, "start")
	require.NoError(t, os.WriteFile(start, []byte(nohup), 0o755))
	for _, kind := range []harness.Kind{harness.OnTerminal, harness.OnPipe} {
		var inherited []string
		for _, way := range g.Ways() {
			r := g.Start(t, harness.Way{Name: way.Name, Path: start}, harness.Plan{Args: []string{way.Path}, Stdin: kind, Stdout: kind, Stderr: kind})
			require.Equal(t, harness.Status{}, r.Wait(t), r.Describe())
			inherited = append(inherited, string(r.File("inherited")))
		}
		var blocked, ignored uint64
		_, err := fmt.Sscanf(inherited[0], "SigBlk:\t%x\nSigIgn:\t%x", &blocked, &ignored)
		require.NoError(t, err, inherited[0])
		require.EqualValues(t, 3, ignored&3, "HUP and INT, beside what this run ignores itself")
		require.Equal(t, inherited[0], inherited[1], "out=%s", kind)
	}
}

// A run that ignores INT and HUP from the start is not ended by them.
func TestIgnoredSignalsStayIgnored(t *testing.T) {
	t.Parallel()
	for _, kind := range []harness.Kind{harness.OnTerminal, harness.OnPipe} {
		t.Run("out="+string(kind), func(t *testing.T) {
			t.Parallel()
			g := harness.New(t)
			start := filepath.Join(g.Dir, "start")
			require.NoError(t, os.WriteFile(start, []byte(nohup), 0o755))
			for _, way := range g.Ways() {
				r := g.Start(t, harness.Way{Name: way.Name, Path: start}, harness.Plan{Args: []string{way.Path}, Stdin: kind, Stdout: kind, Stderr: kind, Script: "trap USR1\nmark ready\nawait go\nexit 4"})
				r.Marked(t, "ready")
				r.Signal(t, syscall.SIGINT)
				r.Signal(t, syscall.SIGHUP)
				r.Signal(t, syscall.SIGUSR1)
				r.GotSignals(t, 1)
				r.Tell(t, "go")
				require.Equal(t, harness.Status{Code: 4}, r.Wait(t), r.Describe())
				require.Equal(t, []string{"USR1"}, r.Signals())
			}
		})
	}
}
