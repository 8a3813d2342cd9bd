package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

type shellenvCommand struct {
	Shell string `arg:"" optional:"" help:"bash, zsh, fish or sh; by default the one in $SHELL."`
}

// Help says how to use it.
func (shellenvCommand) Help() string {
	return `In ~/.bashrc or ~/.zshrc: eval "$(claudepool shellenv)"
In ~/.config/fish/config.fish: claudepool shellenv fish | source`
}

func (c shellenvCommand) Run(a *app) error {
	shell := c.Shell
	if shell == "" {
		shell = a.loginShell()
	}
	dir := a.settings.places.shimDir()
	if err := refuseNowhere(dir, "the shim", "export XDG_DATA_HOME=/absolute/path"); err != nil {
		return err
	}
	lines, err := shellenv(shell, dir)
	if err != nil {
		return err
	}
	a.printf("%s\n", lines)
	if !a.lookAtShim().Installed {
		a.warn("the shim is not installed yet: claudepool shim install")
	}
	return nil
}

func (a *app) loginShell() string {
	shell, _ := a.env.Get("SHELL")
	if shell == "" {
		return ""
	}
	return filepath.Base(shell)
}

// shellenv puts dir first on PATH unless it is there.
func shellenv(shell, dir string) (string, error) {
	if strings.Contains(dir, ":") {
		return "", withHint(fmt.Errorf("%s can't be on PATH: it has a colon in it", dir), "use another directory: export XDG_DATA_HOME=DIR")
	}
	const hint = "name your shell: claudepool shellenv bash (or zsh, fish, sh)"
	switch shell {
	case "bash", "zsh", "sh", "dash", "ksh", "ash":
		quoted := shellQuote(dir)
		return fmt.Sprintf(`case ":$PATH:" in :%s:*) ;; *) export PATH=%s"${PATH:+:$PATH}" ;; esac`, quoted, quoted), nil
	case "fish":
		quoted := "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(dir) + "'"
		return fmt.Sprintf(`test "$PATH[1]" = %s; or set -gx PATH %s $PATH`, quoted, quoted), nil
	case "":
		return "", withHint(&usageError{errors.New("SHELL is not set")}, hint)
	}
	return "", withHint(&usageError{fmt.Errorf("no lines are known for the shell %q", shell)}, hint)
}

// shellenvAdvice says what to put where.
func (a *app) shellenvAdvice() string {
	shell, line := a.loginShell(), `eval "$(claudepool shellenv sh)"`
	switch shell {
	case "bash", "zsh":
		line = fmt.Sprintf(`eval "$(claudepool shellenv %s)"`, shell)
	case "fish":
		line = "claudepool shellenv fish | source"
	}
	if a.settings.places.home != "" && a.hasShimFirst(shell) {
		return fmt.Sprintf("a start-up file puts the shim first on PATH in new shells, if its line comes last; in this one: %s\n", line)
	}
	return fmt.Sprintf("to put the shim first on PATH, add this line to %s and start a new shell: %s\n", a.tildes(a.lineFiles(shell)), line)
}
