package main

import (
	_ "embed"
	"errors"
	"fmt"
)

type completionCommand struct {
	Shell string `arg:"" optional:"" help:"bash, zsh or fish; by default the one in $SHELL."`
}

// Help says how to use it.
func (completionCommand) Help() string {
	return `In ~/.bashrc: eval "$(claudepool completion bash)"
In ~/.zshrc, behind compinit: eval "$(claudepool completion zsh)"
In ~/.config/fish/config.fish: claudepool completion fish | source`
}

// The scripts know nothing of the commands: they ask `claudepool __complete`, so that they never are of
// another version.
var (
	//go:embed completions/bash
	bashCompletion string
	//go:embed completions/zsh
	zshCompletion string
	//go:embed completions/fish
	fishCompletion string
)

func (c completionCommand) Run(a *app) error {
	shell := c.Shell
	if shell == "" {
		shell = a.loginShell()
	}
	script, known := map[string]string{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}[shell]
	const hint = "name your shell: claudepool completion bash (or zsh, fish)"
	switch {
	case shell == "":
		return withHint(&usageError{errors.New("SHELL is not set")}, hint)
	case !known:
		return withHint(&usageError{fmt.Errorf("there is no completion for the shell %q", plain(shell))}, hint)
	}
	a.printf("%s", script)
	return nil
}
