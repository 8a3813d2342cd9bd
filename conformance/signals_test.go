package conformance

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"claudepool/conformance/harness"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// forwarded are the signals that do to the child what they do without the wrapper.
var forwarded = []string{"INT", "TERM", "HUP", "QUIT", "USR1", "USR2", "WINCH", "TSTP", "CONT"}

// deadly are those of them that end a child which does nothing about them.
var deadly = []string{"INT", "TERM", "HUP", "QUIT", "USR1", "USR2"}

func number(name string) syscall.Signal { return unix.SignalNum("SIG" + name) }

// stdios are the three situations that signals care about: all on a terminal, output piped from a
// terminal, and no terminal anywhere.
var stdios = map[string]harness.Plan{
	"terminal":     {Stdin: harness.OnTerminal, Stdout: harness.OnTerminal, Stderr: harness.OnTerminal},
	"piped output": {Stdin: harness.OnTerminal, Stdout: harness.OnPipe, Stderr: harness.OnTerminal},
	"no terminal":  {HoldInput: true},
}

// eachWay runs a subtest for each situation and way.
func eachWay(t *testing.T, test func(t *testing.T, g *harness.Ground, way harness.Way, p harness.Plan)) {
	t.Helper()
	for situation, p := range stdios {
		for i, name := range []string{"direct", "wrapped"} {
			t.Run(situation+","+name, func(t *testing.T) {
				t.Parallel()
				g := harness.New(t)
				test(t, g, g.Ways()[i], p)
				noneRunning(t, g)
			})
		}
	}
}

const times = 5

// count sends one signal after the other, each once the last has arrived, and wants none lost, none
// twice, and the child's own end.
func count(t *testing.T, g *harness.Ground, way harness.Way, p harness.Plan, signal string, send func(r *harness.Run)) {
	t.Helper()
	p.Script = "trap " + signal + "\nmark ready\nawait go\nexit 7"
	r := g.Start(t, way, p)
	r.Marked(t, "ready")
	for i := range times {
		send(r)
		r.GotSignals(t, i+1)
	}
	r.Tell(t, "go")
	require.Equal(t, harness.Status{Code: 7}, r.Wait(t), r.Describe())
	require.Equal(t, strings.Repeat(signal+" ", times), strings.Join(r.Signals(), " ")+" ")
}

func TestEachSignalToTheProcessArrivesOnce(t *testing.T) {
	t.Parallel()
	for _, signal := range forwarded {
		t.Run(signal, func(t *testing.T) {
			t.Parallel()
			eachWay(t, func(t *testing.T, g *harness.Ground, way harness.Way, p harness.Plan) {
				count(t, g, way, p, signal, func(r *harness.Run) { r.Signal(t, number(signal)) })
			})
		})
	}
}

func TestEachSignalToTheGroupArrivesOnce(t *testing.T) {
	t.Parallel()
	for _, signal := range forwarded {
		t.Run(signal, func(t *testing.T) {
			t.Parallel()
			eachWay(t, func(t *testing.T, g *harness.Ground, way harness.Way, p harness.Plan) {
				count(t, g, way, p, signal, func(r *harness.Run) { r.SignalGroup(t, number(signal)) })
			})
		})
	}
}

func TestEachTypedSignalArrivesOnce(t *testing.T) {
	t.Parallel()
	for signal, key := range map[string]string{"INT": harness.CtrlC, "QUIT": harness.CtrlBackslash, "TSTP": harness.CtrlZ} {
		for _, jobs := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s,jobs=%v", signal, jobs), func(t *testing.T) {
				t.Parallel()
				eachWay(t, func(t *testing.T, g *harness.Ground, way harness.Way, p harness.Plan) {
					p.Terminal, p.Jobs = harness.NewTerminal(t), jobs
					count(t, g, way, p, signal, func(r *harness.Run) { r.Terminal.Type(t, key) })
				})
			})
		}
	}
}

func TestResizeArrivesOnceAndWithTheSize(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, g *harness.Ground, way harness.Way, p harness.Plan) {
		p.Terminal, p.Jobs = harness.NewTerminal(t), true
		p.Script = "trap WINCH\nmark ready\nawait go\nreport"
		r := g.Start(t, way, p)
		r.Marked(t, "ready")
		for i := range times {
			r.Terminal.Resize(t, uint16(100+i), 50)
			r.GotSignals(t, i+1)
		}
		r.Tell(t, "go")
		require.Equal(t, harness.Status{}, r.Wait(t), r.Describe())
		require.Len(t, r.Signals(), times)
		if p.Stdin == harness.OnTerminal {
			require.EqualValues(t, 100+times-1, r.Report(t).Files[0].Cols)
		}
	})
}

// defenceless is a child that does nothing about signals; Go's runtime would handle some itself.
const defenceless = "report\n" + `become /bin/sh -c ": >\"$FAKECLAUDE_DIR/ready\"; ulimit -c 0; exec sleep 60"`

func TestASignalEndsTheRunAsItEndsTheChild(t *testing.T) {
	t.Parallel()
	for _, signal := range deadly {
		t.Run(signal, func(t *testing.T) {
			t.Parallel()
			eachWay(t, func(t *testing.T, g *harness.Ground, way harness.Way, p harness.Plan) {
				p.Script = defenceless
				for _, send := range []func(*harness.Run){
					func(r *harness.Run) { r.Signal(t, number(signal)) },
					func(r *harness.Run) { r.SignalGroup(t, number(signal)) },
				} {
					r := g.Start(t, way, p)
					waitForFile(t, r, "ready")
					send(r)
					require.Equal(t, harness.Status{Signal: signal}, r.Wait(t), r.Describe())
					require.Empty(t, r.Left())
					require.NotContains(t, r.Describe(), "goroutine")
				}
			})
		})
	}
}

func waitForFile(t *testing.T, r *harness.Run, name string) {
	t.Helper()
	harness.Eventually(t, func() bool { return r.File(name) != nil }, func() string { return "no file " + name + "\n" + r.Describe() })
}

func TestAChildThatIgnoresTERMLivesOn(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, g *harness.Ground, way harness.Way, p harness.Plan) {
		p.Script = "ignore TERM\ntrap USR1\nmark ready\nawait go\nexit 9"
		r := g.Start(t, way, p)
		r.Marked(t, "ready")
		r.Signal(t, syscall.SIGTERM)
		r.SignalGroup(t, syscall.SIGTERM)
		r.Signal(t, syscall.SIGUSR1)
		r.GotSignals(t, 1)
		r.Tell(t, "go")
		require.Equal(t, harness.Status{Code: 9}, r.Wait(t), r.Describe())
	})
}

func TestAChildThatIgnoresTERMEndsByKILL(t *testing.T) {
	t.Parallel()
	eachWay(t, func(t *testing.T, g *harness.Ground, way harness.Way, p harness.Plan) {
		p.Script = "ignore TERM\ntrap USR1\nmark ready\nawait go\nexit 9"
		r := g.Start(t, way, p)
		child := r.Marked(t, "ready")
		r.Signal(t, syscall.SIGTERM)
		r.Signal(t, syscall.SIGUSR1)
		r.GotSignals(t, 1)
		require.NoError(t, syscall.Kill(child, syscall.SIGKILL))
		require.Equal(t, harness.Status{Signal: "KILL"}, r.Wait(t), r.Describe())
	})
}

// The window is closed: the child is told, and nothing is left running.
func TestClosingTheTerminalEndsTheRun(t *testing.T) {
	t.Parallel()
	harness.NeedsProc(t)
	for _, jobs := range []bool{true, false} {
		t.Run(fmt.Sprintf("jobs=%v", jobs), func(t *testing.T) {
			t.Parallel()
			eachWay(t, func(t *testing.T, g *harness.Ground, way harness.Way, p harness.Plan) {
				p.Terminal, p.Jobs, p.Script = harness.NewTerminal(t), jobs, defenceless
				r := g.Start(t, way, p)
				waitForFile(t, r, "ready")
				r.Terminal.HangUp()
				r.NothingLeft(t)
			})
		})
	}
}

func TestClosingTheTerminalIsAHUPForTheChild(t *testing.T) {
	t.Parallel()
	harness.NeedsProc(t)
	eachWay(t, func(t *testing.T, g *harness.Ground, way harness.Way, p harness.Plan) {
		p.Terminal, p.Script = harness.NewTerminal(t), "trap HUP\nmark ready\nawait go\nmark saved\nexit 129"
		r := g.Start(t, way, p)
		r.Marked(t, "ready")
		r.Terminal.HangUp()
		r.GotSignals(t, 1)
		r.Tell(t, "go")
		r.Marked(t, "saved")
		r.NothingLeft(t)
		require.Equal(t, "HUP", r.Signals()[0])
	})
}

// A run that is stopped and continued from outside, as a shell's `kill -TSTP` does.
func TestStopAndContinue(t *testing.T) {
	t.Parallel()
	harness.NeedsProc(t)
	for i, name := range []string{"direct", "wrapped"} {
		for _, target := range []string{"process", "group"} {
			t.Run(name+","+target, func(t *testing.T) {
				t.Parallel()
				g := harness.New(t)
				r := g.Start(t, g.Ways()[i], harness.Plan{SameSession: true, Script: "mark ready\nawait go\nout done\nexit 6"})
				child := r.Marked(t, "ready")
				send := r.Signal
				if target == "group" {
					send = r.SignalGroup
				}
				for range 3 {
					send(t, syscall.SIGTSTP)
					inState(t, true, r.PID, child)
					send(t, syscall.SIGCONT)
					inState(t, false, r.PID, child)
				}
				r.Tell(t, "go")
				require.Equal(t, harness.Status{Code: 6}, r.Wait(t))
				require.Equal(t, "done", string(r.Stdout()))
				noneRunning(t, g)
			})
		}
	}
}

func inState(t *testing.T, stopped bool, pids ...int) {
	t.Helper()
	for _, pid := range pids {
		harness.Eventually(t, func() bool { return (harness.State(pid) == "T") == stopped }, func() string {
			return fmt.Sprintf("process %d is %s, stopped should be %v", pid, harness.State(pid), stopped)
		})
	}
}
