package main

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// foundDir is a config directory that the pool does not have.
type foundDir struct {
	path, name string // the name is one to propose
	isDefault  bool
	// namedIn is the start-up file that names it, "" for one that is called as config directories are.
	namedIn string
}

// foundDirs looks for config directories: ~/.claude, the ~/.claude-… that the CLI has used, and those that
// start-up files name. One that is there under several paths is found once.
func (a *app) foundDirs(members []pool.Subscription) (found []foundDir) {
	var names []string
	for _, m := range members {
		names = append(names, m.Name)
	}
	for _, dir := range a.possibleDirs() {
		isKnown := slices.ContainsFunc(members, func(m pool.Subscription) bool { return isSameFile(a.dirOf(m), dir.path) }) ||
			slices.ContainsFunc(found, func(f foundDir) bool { return isSameFile(f.path, dir.path) })
		if !isKnown {
			dir.name = freeName(dir.name, names)
			names, found = append(names, dir.name), append(found, dir)
		}
	}
	return found
}

func (a *app) possibleDirs() (dirs []foundDir) {
	home := a.settings.places.home
	if home == "" {
		return nil
	}
	if standard := a.settings.places.defaultConfigDir(); isDir(standard) {
		dirs = append(dirs, foundDir{path: standard, name: defaultName, isDefault: true})
	}
	entries, _ := os.ReadDir(home)                              // none where it can't be read
	slices.SortStableFunc(entries, func(x, y os.DirEntry) int { // the login belongs to the path that is no link
		return cmp.Compare(x.Type()&os.ModeSymlink, y.Type()&os.ModeSymlink)
	})
	for _, e := range entries {
		path := filepath.Join(home, e.Name())
		if rest, is := strings.CutPrefix(e.Name(), ".claude-"); is && isUsedDir(path) {
			dirs = append(dirs, foundDir{path: path, name: rest})
		}
	}
	return append(dirs, a.namedDirs()...)
}

// isUsedDir tells whether the CLI has had it as its config directory: other programs name theirs so too.
func isUsedDir(dir string) bool { return isDir(dir) && isFile(claudecli.StatePath(dir, "")) }

// configDirPattern finds a directory in what starts the CLI on it, as in
// alias claude-work='CLAUDE_CONFIG_DIR=~/.work claude', or in fish: set -gx CLAUDE_CONFIG_DIR ~/.work
var configDirPattern = lazily(`(?m)^[^#\n]*\bCLAUDE_CONFIG_DIR(?:=|[ \t]+)(?:\\?"([^"\n]+)"|'([^'\n]+)'|([^\s"';&|)]+))`)

// namedDirs are the config directories that start-up files name.
func (a *app) namedDirs() (dirs []foundDir) {
	for _, s := range startups {
		for _, file := range a.startupFiles(s.shell) {
			for _, match := range configDirPattern().FindAllStringSubmatch(startupText(file), -1) {
				path := a.expandHome(strings.TrimSuffix(cmp.Or(match[1:]...), `\`))
				if filepath.IsAbs(path) && isDir(path) {
					name := strings.TrimPrefix(strings.TrimPrefix(filepath.Base(path), "."), "claude-")
					dirs = append(dirs, foundDir{path: filepath.Clean(path), name: name, namedIn: file})
				}
			}
		}
	}
	return dirs
}

// expandHome does what a shell does with the home directory at the beginning of a path.
func (a *app) expandHome(path string) string {
	for _, begin := range []string{"~/", "$HOME/", "${HOME}/"} {
		if rest, is := strings.CutPrefix(path, begin); is {
			return filepath.Join(cmp.Or(a.settings.places.home, nowhere), rest)
		}
	}
	return path
}

// dirOf is where the login of a subscription lies.
func (a *app) dirOf(sub pool.Subscription) string {
	return cmp.Or(sub.ConfigDir, a.settings.places.defaultConfigDir())
}

var notInNames = lazily(`[^a-zA-Z0-9._@+-]+`)

// freeName makes a name of a word that no other has.
func freeName(word string, taken []string) string {
	name := strings.Trim(notInNames().ReplaceAllString(word, "-"), "._@+-")
	name = cmp.Or(name[:min(len(name), pool.MaxNameLength-4)], "claude") // room for a number
	for n, tried := 2, name; ; n++ {
		if !slices.Contains(taken, tried) {
			return tried
		}
		tried = name + "-" + strconv.Itoa(n)
	}
}
