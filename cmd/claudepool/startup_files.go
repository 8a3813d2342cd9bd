package main

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// maxStartup is more than a start-up file is long, in bytes; the rest is not looked at.
const maxStartup = 1 << 20

// startups are the files that a shell reads when it starts, below its startupDir.
var startups = []struct {
	shell string
	files []string
}{
	{"bash", []string{".bashrc", ".bash_profile", ".bash_login", ".profile", ".bash_aliases"}},
	{"zsh", []string{".zshenv", ".zprofile", ".zshrc", ".zlogin"}},
	{"fish", []string{"config.fish", "conf.d/*.fish", "functions/claude.fish"}},
	{"sh", []string{".profile"}},
}

// startupDir is where a shell has its start-up files: for zsh and fish a variable can say so. Without a home directory
// it is one to show.
func (a *app) startupDir(shell string) string {
	home := cmp.Or(a.settings.places.home, "~")
	in := func(variable, standard string) string {
		if dir, _ := a.env.Get(variable); filepath.IsAbs(dir) {
			return dir
		}
		return standard
	}
	switch shell {
	case "zsh":
		return in("ZDOTDIR", home)
	case "fish":
		return filepath.Join(in("XDG_CONFIG_HOME", filepath.Join(home, ".config")), "fish")
	}
	return home
}

// startupFiles are the files that a shell reads when it starts, whether they are there or not. There must be a home
// directory.
func (a *app) startupFiles(shell string) (files []string) {
	dir := a.startupDir(shell)
	for _, s := range startups {
		if s.shell == shell {
			files = filesFor(dir, s.files)
		}
	}
	if home := a.settings.places.home; shell == "zsh" && dir != home {
		files = append(files, filepath.Join(home, ".zshenv")) // which may be what sets ZDOTDIR
	}
	return files
}

func filesFor(dir string, patterns []string) (files []string) {
	for _, pattern := range patterns {
		if !strings.Contains(pattern, "*") {
			files = append(files, filepath.Join(dir, pattern))
			continue
		}
		entries, _ := os.ReadDir(filepath.Join(dir, filepath.Dir(pattern))) // none where it can't be read
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), filepath.Ext(pattern)) {
				files = append(files, filepath.Join(dir, filepath.Dir(pattern), e.Name()))
			}
		}
	}
	return files
}

// lineFiles are those that the line goes into which puts the shim first on PATH.
func (a *app) lineFiles(shell string) []string {
	dir := a.startupDir(shell)
	switch shell {
	case "bash":
		return bashLineFiles(dir, runtime.GOOS)
	case "zsh":
		return []string{filepath.Join(dir, ".zshrc")}
	case "fish":
		return []string{filepath.Join(dir, "config.fish")}
	}
	return []string{filepath.Join(dir, ".profile")}
}

// bashLineFiles: a login shell reads the first of three files and no ~/.bashrc, unless that file has it read, as it
// has where a distribution wrote it. Else both need the line; on macOS, whose Terminal starts login shells only, the
// one for those.
func bashLineFiles(home, goos string) []string {
	rc, login := filepath.Join(home, ".bashrc"), ""
	for _, name := range []string{".profile", ".bash_login", ".bash_profile"} {
		if path := filepath.Join(home, name); isFile(path) {
			login = path
		}
	}
	switch {
	case strings.Contains(startupText(login), "bashrc"):
		return []string{rc}
	case goos == "darwin":
		return []string{cmp.Or(login, filepath.Join(home, ".bash_profile"))}
	case login != "":
		return []string{rc, login}
	}
	return []string{rc}
}

// tildes shows files to people.
func (a *app) tildes(files []string) string {
	var shown []string
	for _, file := range files {
		shown = append(shown, a.settings.places.tilde(file))
	}
	return strings.Join(shown, " and ")
}

// shellenvPattern finds the command, however it is spelled.
var shellenvPattern = lazily(`claudepool['"]?[ \t]+shellenv`)

// putsShimFirst tells whether the text of a start-up file does, as far as words tell that.
func (a *app) putsShimFirst(text string) bool {
	dir := a.settings.places.shimDir()
	spelled := []string{dir}
	if rest, below := strings.CutPrefix(dir, a.settings.places.home+"/"); below {
		spelled = append(spelled, "~/"+rest, "$HOME/"+rest, "${HOME}/"+rest, `"$HOME"/`+rest)
	}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		if shellenvPattern().MatchString(line) {
			return true
		}
		for _, path := range spelled {
			if strings.Contains(line, path) {
				return true
			}
		}
	}
	return false
}

// startupText is "" for what can't be read.
func startupText(path string) string {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return "" // a pipe would keep us waiting
	}
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	text, _ := io.ReadAll(io.LimitReader(file, maxStartup)) // what could be read counts
	return string(text)
}

// checkAppendable says why nothing can be added to a file. One that is missing is made.
func checkAppendable(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Readlink(path); err == nil {
			return errors.New("it is a link that leads nowhere")
		}
		return nil
	}
	if err != nil {
		return pathless(err)
	}
	if !info.Mode().IsRegular() {
		return errors.New("it is no file")
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return pathless(err)
	}
	return file.Close()
}
