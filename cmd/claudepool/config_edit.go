package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/term"
)

type configEdit struct{}

// Help says which editor.
func (configEdit) Help() string {
	return `The editor is the one in $VISUAL, else in $EDITOR, else vi. A file that is not there is made, with all settings commented out.`
}

// Run opens the editor until the file is right, or nobody wants to go on. It ends with 78 where it is left wrong.
func (configEdit) Run(a *app) error {
	path, err := a.configFile()
	if err != nil {
		return err
	}
	if err := makeConfigFile(path); err != nil {
		return err
	}
	for {
		if err := a.openEditor(path); err != nil {
			return err
		}
		edited := a.validate(path, false)
		a.tellValidated(edited)
		if len(edited.problems) == 0 {
			return nil
		}
		if !a.editAgain() {
			return exitCode(exitConfig)
		}
	}
}

// makeConfigFile writes the template where there is no file.
func makeConfigFile(path string) error {
	err := os.MkdirAll(filepath.Dir(path), 0o700)
	var file *os.File
	if err == nil {
		file, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	}
	if errors.Is(err, fs.ErrExist) && isFile(path) {
		return nil
	}
	if err == nil {
		_, err = file.WriteString(configTemplate())
		err = cmp.Or(err, file.Close())
	}
	if err != nil {
		return withHint(fmt.Errorf("make the config file: %w", err), "let it be written there, or say where else: export XDG_CONFIG_HOME=/absolute/path")
	}
	return nil
}

// openEditor runs the editor on a file. As with git, the variable is a line for the shell: it may have flags.
func (a *app) openEditor(path string) error {
	visual, _ := a.env.Get("VISUAL")
	editor, _ := a.env.Get("EDITOR")
	line := cmp.Or(visual, editor, "vi")
	// A Ctrl-C at the editor is the editor's. Caught and not ignored: the editor would inherit that.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, syscall.SIGINT, syscall.SIGQUIT)
	defer signal.Stop(caught)
	c := exec.Command("/bin/sh", "-c", line+` "$@"`, line, path)
	c.Env, c.Stdin, c.Stdout, c.Stderr = a.env, os.Stdin, os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		return withHint(fmt.Errorf("the editor %q ended with %w", line, err), "name another: export EDITOR=nano")
	}
	return nil
}

// editAgain asks whether to go on; without a terminal the answer is no.
func (a *app) editAgain() bool {
	if !term.IsTerminal(0) || !term.IsTerminal(2) {
		return false
	}
	fmt.Fprint(a.stderr, "claudepool: edit it again? [Y/n] ")
	answer, err := bufio.NewReader(os.Stdin).ReadString('\n')
	answer = strings.ToLower(strings.TrimSpace(answer))
	return err == nil && (answer == "" || strings.HasPrefix(answer, "y"))
}
