//go:build e2e

package e2e

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/conformance/harness"
	"claudepool/internal/sandbox"
)

// bashOn starts bash on a terminal that answers no questions: no tmux is in between.
func bashOn(t *testing.T, s *sandbox.Sandbox, env []string) *harness.Terminal {
	t.Helper()
	term := harness.NewTerminal(t)
	bash := exec.Command("/bin/bash", "--noprofile", "--norc", "--noediting", "-i")
	bash.Dir, bash.Env = s.Work, append(env, "PS1=prompt<\\[\\]> ", "HISTFILE=")
	bash.Stdin, bash.Stdout, bash.Stderr = term.Slave, term.Slave, term.Slave
	bash.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	require.NoError(t, bash.Start())
	t.Cleanup(func() {
		term.HangUp()
		_ = bash.Process.Kill() // the hang-up may have ended it
		_ = bash.Wait()
	})
	term.Expect(t, prompt)
	return term
}

func TestCtrlZOnAPlainTerminal(t *testing.T) {
	t.Parallel()
	ways := map[string]func(t *testing.T) (*sandbox.Sandbox, []string){
		"directly": func(t *testing.T) (*sandbox.Sandbox, []string) {
			t.Helper()
			s := newDirectMachine(t)
			return s, s.DirectEnv("only")
		},
		"through the shim": func(t *testing.T) (*sandbox.Sandbox, []string) {
			t.Helper()
			s := newMachine(t)
			return s, s.Env()
		},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, env := way(t)
			term := bashOn(t, s, env)
			before := term.Modes(t)
			suspendAndExit(t, term)
			require.Equal(t, before, term.Modes(t))
			if name != "directly" {
				requireReleased(t, s, 1)
			}
		})
	}
}

func suspendAndExit(t *testing.T, term *harness.Terminal) {
	t.Helper()
	term.Type(t, "claude\n")
	term.Expect(t, "❯")
	for _, word := range []string{"once", "twice"} {
		term.Type(t, harness.CtrlZ)
		term.Expect(t, "suspended")
		term.Expect(t, "Stopped")
		term.Expect(t, prompt)
		term.Type(t, "echo at-$((40+2))\n")
		term.Expect(t, "at-42")
		term.Expect(t, prompt)
		term.Type(t, "fg\n")
		term.Expect(t, "❯")
		typeSlowly(t, term, "[[text:"+word+"]]")
		term.Type(t, "\r")
		term.Expect(t, "●")
		term.Expect(t, word)
	}
	typeSlowly(t, term, "/exit")
	term.Type(t, "\r")
	term.Expect(t, prompt)
	term.Type(t, "echo status-$?-\n")
	term.Expect(t, "status-0-")
}

// typeSlowly types the keys one by one, each when the last has been drawn: what comes in one piece is
// taken for a paste.
func typeSlowly(t *testing.T, term *harness.Terminal, keys string) {
	t.Helper()
	for _, key := range strings.Split(keys, "") {
		term.Type(t, key)
		term.Expect(t, key)
	}
}
