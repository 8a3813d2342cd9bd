package fakeclaude

import (
	"os"
	"os/exec"
	"strings"
)

// linger starts a second stand-in on the same output that stays until the test ends it.
func (a *actor) linger(words []string) error {
	script := "await linger-end"
	if first(words) == "ignorehup" {
		script = "ignore HUP\nmark lingering\n" + script
	} else {
		script = "mark lingering\n" + script
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), ScriptVar+"="+script)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	if err := cmd.Start(); err != nil {
		return err
	}
	return a.await([]string{"lingering"})
}

// nested runs `claude` as a tool call or hook of the CLI would, with a script of its own.
func (a *actor) nested(words []string) error {
	cmd := exec.Command("claude")
	cmd.Env = append(os.Environ(), ScriptVar+"="+strings.ReplaceAll(os.Getenv(first(words)), ";", "\n"))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd.Run()
}
