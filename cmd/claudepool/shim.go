package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

type shimCommand struct {
	Install shimInstall `cmd:"" help:"Make the link named claude that leads to claudepool."`
	Remove  shimRemove  `cmd:"" help:"Remove it."`
	Status  shimStatus  `cmd:"" help:"Say what plain claude starts."`
}

type shimInstall struct{}

func (shimInstall) Run(a *app) error {
	if err := a.installShim(); err != nil {
		return err
	}
	if !a.lookAtShim().First {
		a.printf("%s", a.shellenvAdvice())
	}
	return nil
}

func (a *app) installShim() error {
	target, err := ownPath()
	if err != nil {
		return err
	}
	link := a.settings.places.shim()
	if err := refuseNowhere(link, "the shim", "export XDG_DATA_HOME=/absolute/path"); err != nil {
		return err
	}
	if err := a.refuseForeign(link); err != nil {
		return err
	}
	if old, err := os.Readlink(link); err == nil && old == target {
		a.printf("the shim is there already: %s -> %s\n", link, target)
	} else {
		if err := replaceLink(link, target); err != nil {
			return withHint(fmt.Errorf("install the shim: %w", err), "%s", whoMayWrite(filepath.Dir(link)))
		}
		a.printf("installed %s -> %s\n", link, target)
	}
	return nil
}

// refuseForeign leaves a file alone that is no link: it is not of our making.
func (a *app) refuseForeign(link string) error {
	info, err := os.Lstat(link)
	if err != nil || info.Mode().Type() == fs.ModeSymlink {
		return nil
	}
	return withHint(fmt.Errorf("%s is not a link, and not ours", link), "move it away: mv %s %s.old", shellQuote(link), shellQuote(link))
}

// replaceLink makes a link in one step, so that there is never a moment without it.
func replaceLink(link, target string) error {
	if err := os.MkdirAll(filepath.Dir(link), 0o700); err != nil {
		return err
	}
	temporary := fmt.Sprintf("%s.%d", link, os.Getpid())
	if err := os.Symlink(target, temporary); err != nil {
		return err
	}
	if err := os.Rename(temporary, link); err != nil {
		_ = os.Remove(temporary) // the first error says more
		return err
	}
	return nil
}

type shimRemove struct{}

func (shimRemove) Run(a *app) error {
	link := a.settings.places.shim()
	if err := a.refuseForeign(link); err != nil {
		return err
	}
	if err := a.removeStartupLines(); err != nil { // first: without the shim it would warn in every shell
		return err
	}
	err := os.Remove(link)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		a.printf("there is no shim\n")
		return nil
	case err != nil:
		return withHint(fmt.Errorf("remove the shim: %w", err), "%s", whoMayWrite(filepath.Dir(link)))
	}
	_ = os.Remove(filepath.Dir(link)) // it goes too if nothing else is in it
	a.printf("removed %s; plain claude is the CLI itself again\n", link)
	return nil
}

type shimStatus struct {
	JSON bool `name:"json" help:"Print one JSON document."`
}

// Run ends with status 1 where plain `claude` does not come to us.
func (c shimStatus) Run(a *app) error {
	s := a.lookAtShim()
	if c.JSON {
		if err := a.printJSON(s); err != nil {
			return err
		}
	} else {
		a.tellShimState(s)
	}
	if !s.First {
		return exitCode(exitFailure)
	}
	return nil
}

func (a *app) tellShimState(s shimState) {
	if s.Installed {
		a.printf("shim:      %s -> %s\n", s.Path, *s.Target)
	} else {
		a.printf("shim:      not installed; to install it: claudepool shim install\n")
	}
	switch {
	case s.First:
		a.printf("on PATH:   first\n")
	case s.FoundFirst != nil:
		a.printf("on PATH:   %s comes first\n", *s.FoundFirst)
	default:
		a.printf("on PATH:   no claude at all\n")
	}
	if s.RealCLI != nil {
		a.printf("real CLI:  %s\n", *s.RealCLI)
	} else {
		a.printf("real CLI:  %s\n", s.problem)
	}
	if s.Installed && !s.First {
		a.printf("%s", a.shellenvAdvice())
	}
}

// shimState is what plain `claude` leads to. Unknown and missing are null.
type shimState struct {
	Path      string  `json:"path"`
	Installed bool    `json:"installed"`
	Target    *string `json:"target"`
	// First tells whether plain `claude` is the shim, or another link to this program.
	First      bool    `json:"first_on_path"`
	FoundFirst *string `json:"claude_on_path"`
	RealCLI    *string `json:"real_cli"`
	problem    string
}

func (a *app) lookAtShim() shimState {
	s := shimState{Path: a.settings.places.shim()}
	if target, err := os.Readlink(s.Path); err == nil {
		s.Target, s.Installed = &target, isFile(s.Path) // a link to nowhere starts nothing
	}
	search, _ := a.env.Get("PATH")
	for _, dir := range filepath.SplitList(search) {
		path := filepath.Join(dir, "claude")
		if found, err := exec.LookPath(path); err == nil && filepath.IsAbs(path) {
			s.FoundFirst, s.First = &found, found == s.Path || isOurselves(found)
			break
		}
	}
	if path, err := a.settings.lookup(a.env).Locate(); err == nil {
		s.RealCLI = &path
	} else {
		s.problem = err.Error()
	}
	return s
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

func isOurselves(path string) bool {
	self, err := os.Executable()
	return err == nil && isSameFile(path, self)
}

// ownPath is this program as the user called it: behind it an upgrade may put another file, where
// os.Executable names the file of today.
func ownPath() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program's own file: %w", err)
	}
	called, err := exec.LookPath(os.Args[0])
	if err == nil {
		called, err = filepath.Abs(called)
	}
	if err != nil || !isSameFile(called, self) {
		return self, nil
	}
	return called, nil
}

// shim is the link that stands in for the CLI.
func (p places) shim() string { return filepath.Join(p.shimDir(), "claude") }
