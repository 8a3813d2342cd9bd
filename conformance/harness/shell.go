package harness

import (
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"claudepool/internal/fakeclaude"

	"github.com/stretchr/testify/require"
)

// Shell is bash at a prompt, with the keyboard in the test's hands.
type Shell struct {
	*Run
}

// Prompt is the shell's prompt. It appears in nothing that is typed.
const Prompt = "prompt<" + "> "

// Shell starts an interactive shell in which `claude` is the way's program, with that script.
func (g *Ground) Shell(t *testing.T, way Way, script string) *Shell {
	t.Helper()
	term := NewTerminal(t)
	bin := g.MakeDir(t, filepath.Join("bin", way.Name))
	g.link(t, way.Path, filepath.Join(bin, "claude"))
	sh := &Shell{g.Start(t, Way{way.Name, "/bin/bash"}, Plan{
		Args:     []string{"--noprofile", "--norc", "--noediting", "-i"},
		Env:      []string{"PATH=" + bin + ":/usr/bin:/bin", `PS1=prompt<\[\]> `, "HISTFILE="},
		Terminal: term, Stdin: OnTerminal, Stdout: OnTerminal, Stderr: OnTerminal,
		Script: script,
	})}
	term.Expect(t, Prompt)
	return sh
}

// Type types a line.
func (sh *Shell) Type(t *testing.T, line string) {
	t.Helper()
	sh.Terminal.Type(t, line+"\n")
}

// Do types a command and waits for the next prompt.
func (sh *Shell) Do(t *testing.T, command string) {
	t.Helper()
	sh.Type(t, command)
	sh.Terminal.Expect(t, Prompt)
}

// Output runs a command and returns what it prints.
func (sh *Shell) Output(t *testing.T, command string) string {
	t.Helper()
	sh.Do(t, command+` >"$`+fakeclaude.DirVar+`/output"`)
	return strings.TrimSpace(string(sh.File("output")))
}

// Modes are the terminal's modes as a command sees them.
func (sh *Shell) Modes(t *testing.T) string {
	t.Helper()
	return sh.Output(t, "stty -g")
}

// LastStatus is the shell's $?.
func (sh *Shell) LastStatus(t *testing.T) int {
	t.Helper()
	code, err := strconv.Atoi(sh.Output(t, "echo $?"))
	require.NoError(t, err)
	return code
}

// Exit leaves the shell.
func (sh *Shell) Exit(t *testing.T) {
	t.Helper()
	sh.Type(t, "exit")
	sh.Run.WaitExit(t)
}

// Job is the pid of the shell's child that the process is, or that it descends from.
func (sh *Shell) Job(t *testing.T, pid int) int {
	t.Helper()
	job := ChildTowards(sh.PID, pid)
	require.NotZero(t, job, "the process is no descendant of the shell")
	return job
}
