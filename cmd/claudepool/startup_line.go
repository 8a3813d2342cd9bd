package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// What we add to a start-up file stands between these lines, by which it is found again.
const (
	startupBegin = "# >>> claudepool: added by `claudepool init`, taken out by `claudepool shim remove` >>>\n"
	startupEnd   = "# <<< claudepool <<<\n"
)

// startupLine puts the shim first on PATH in every new shell.
type startupLine struct {
	shell, text string
	files       []string
}

// startupLine is the one for the user's shell. It says nothing in a shell where claudepool is gone. Errors: where
// no line is known for that shell, or there is no home directory.
func (a *app) startupLine() (startupLine, error) {
	shell, home := a.loginShell(), a.settings.places.home
	if _, err := shellenv(shell, a.settings.places.shimDir()); err != nil {
		return startupLine{}, err
	}
	if home == "" {
		return startupLine{}, withHint(errors.New("there is no start-up file: HOME is not set"), "leave it out: claudepool init --no-rc")
	}
	self, err := a.ownName()
	if err != nil {
		return startupLine{}, err
	}
	line := startupLine{shell: shell, files: a.lineFiles(shell),
		text: fmt.Sprintf(`if command -v %s >/dev/null 2>&1; then eval "$(%s shellenv %s)"; fi`, self, self, shell)}
	if shell == "fish" {
		line.text = fmt.Sprintf("command -q %s; and %s shellenv fish | source", self, self)
	}
	return line, nil
}

// ownName is what a shell starts us by: the bare name where that is us, else the path.
func (a *app) ownName() (string, error) {
	search, _ := a.env.Get("PATH")
	for _, dir := range filepath.SplitList(search) {
		if found, err := exec.LookPath(filepath.Join(dir, "claudepool")); err == nil && filepath.IsAbs(found) {
			if isOurselves(found) {
				return "claudepool", nil
			}
			break
		}
	}
	path, err := ownPath()
	return shellQuote(path), err
}

// hasShimFirst tells whether a start-up file of the shell puts the shim first already.
func (a *app) hasShimFirst(shell string) bool {
	for _, s := range startups {
		// A shell that is not listed reads ~/.profile.
		if s.shell != shell && (s.shell != "sh" || slices.Contains([]string{"bash", "zsh", "fish"}, shell)) {
			continue
		}
		for _, file := range a.startupFiles(s.shell) {
			if text := startupText(file); strings.Contains(text, startupBegin) || a.putsShimFirst(text) {
				return true
			}
		}
	}
	return false
}

// checkAppendable says why the line can't be added. Errors: with what to type.
func (l startupLine) checkAppendable() error {
	for _, file := range l.files {
		if err := checkAppendable(file); err != nil {
			return withHint(fmt.Errorf("%s can't be added to: %w", file, err), "add the line by hand: %s", l.text)
		}
	}
	return nil
}

// addStartupLine appends to the files, and leaves what is in them alone.
func (a *app) addStartupLine(line startupLine) error {
	for _, file := range line.files {
		if err := appendStartup(file, line.text); err != nil {
			return withHint(fmt.Errorf("add a line to %s: %w", file, err), "add it by hand: %s", line.text)
		}
	}
	inThis := fmt.Sprintf(`eval "$(claudepool shellenv %s)"`, line.shell)
	if line.shell == "fish" {
		inThis = "claudepool shellenv fish | source"
	}
	a.printf("added to %s: %s\n", a.tildes(line.files), line.text)
	a.printf("it counts in new shells; in this one: %s\n", inThis)
	return nil
}

func appendStartup(file, line string) (err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	text, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	}
	block := startupBegin + line + "\n" + startupEnd
	if len(text) > 0 && text[len(text)-1] != '\n' {
		block = "\n" + block
	}
	return writeInto(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, []byte(block))
}

// removeStartupLines takes out what init has added.
func (a *app) removeStartupLines() error {
	if a.settings.places.home == "" {
		return nil
	}
	for _, s := range startups {
		for _, file := range a.startupFiles(s.shell) {
			text := startupText(file)
			before, rest, begins := strings.Cut(text, startupBegin)
			_, after, ends := strings.Cut(rest, startupEnd)
			if !begins || !ends || len(text) >= maxStartup {
				continue
			}
			if err := rewrite(file, before+after); err != nil {
				return withHint(fmt.Errorf("take our line out of %s: %w", file, err), "take it out by hand: ${EDITOR:-vi} %s", shellQuote(file))
			}
			a.printf("took our line out of %s\n", a.settings.places.tilde(file))
		}
	}
	return nil
}

// rewrite replaces a file at once, behind a link to it, with the permissions that it has.
func rewrite(file, text string) error {
	target, err := filepath.EvalSymlinks(file)
	if err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	temporary := fmt.Sprintf("%s.%d.tmp", target, os.Getpid())
	err = os.WriteFile(temporary, []byte(text), info.Mode().Perm())
	if err = cmp.Or(err, os.Chmod(temporary, info.Mode().Perm())); err == nil {
		err = os.Rename(temporary, target)
	}
	if err != nil {
		_ = os.Remove(temporary) // best effort
	}
	return err
}
