package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// maxStartup is more than a start-up file is long, in bytes; the rest is not looked at.
const maxStartup = 1 << 20

// aliasPattern finds an alias or function by the name of the CLI: it goes before everything on PATH.
var aliasPattern = regexp.MustCompile(`(?m)^[ \t]*(alias[ \t]+(-g[ \t]+)?claude[ =]|function[ \t]+claude\b|claude[ \t]*\(\))`)

// startups are the files that a shell reads when it starts, in the home directory.
var startups = []struct {
	shell string
	files []string
}{
	{"bash", []string{".bashrc", ".bash_profile", ".bash_login", ".profile", ".bash_aliases"}},
	{"zsh", []string{".zshenv", ".zprofile", ".zshrc", ".zlogin"}},
	{"fish", []string{".config/fish/config.fish", ".config/fish/conf.d/*.fish", ".config/fish/functions/claude.fish"}},
	{"sh", []string{".profile"}},
}

// checkShells says which shells put the shim first on PATH.
func (d *doctor) checkShells(context.Context) []finding {
	home := d.settings.places.home
	if home == "" {
		return allWell("no start-up file was looked at: HOME is not set")
	}
	var with []string
	var found []finding
	for _, s := range startups {
		has := false
		for _, file := range startupFiles(home, s.files) {
			text := startupText(file)
			has = has || d.putsShimFirst(text)
			if at := aliasPattern.FindStringIndex(text); at != nil {
				found = append(found, d.aliasFinding(file, text[:at[0]]))
			}
		}
		if has {
			with = append(with, s.shell)
		}
	}
	slices.SortFunc(found, func(a, b finding) int { return strings.Compare(a.words, b.words) })
	found = slices.CompactFunc(found, func(a, b finding) bool { return a.words == b.words }) // two shells read ~/.profile
	return append(found, d.shellFinding(with)...)
}

func (d *doctor) aliasFinding(file, before string) finding {
	line := 1 + strings.Count(before, "\n")
	return warning(fmt.Sprintf("take it out: ${EDITOR:-vi} +%d %s", line, shellQuote(file)),
		"%s, line %d, has an alias or function named claude, which goes before the shim", d.settings.places.tilde(file), line)
}

// shellFinding is about the shell that the user logs in with.
func (d *doctor) shellFinding(with []string) []finding {
	shell, s := d.loginShell(), d.lookAtShim()
	switch {
	case slices.Contains(with, shell):
		return allWell("the shim is put first on PATH by the start-up files of %s", strings.Join(with, ", "))
	case s.First:
		return allWell("the shim is first on PATH here, by no start-up file of %s", cmp.Or(shell, "a shell"))
	case !s.Installed:
		return allWell("no start-up file was looked at: there is no shim")
	case shell == "":
		return []finding{warning(d.shellHint(), "SHELL is not set: it is not known which start-up file counts")}
	}
	return []finding{warning(d.shellHint(), "no start-up file of %s puts the shim first on PATH", shell)}
}

// putsShimFirst tells whether the text of a start-up file does, as far as words tell that.
func (d *doctor) putsShimFirst(text string) bool {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "#") &&
			(strings.Contains(line, "claudepool shellenv") || strings.Contains(line, d.settings.places.shimDir())) {
			return true
		}
	}
	return false
}

func startupFiles(home string, patterns []string) (files []string) {
	for _, pattern := range patterns {
		if !strings.Contains(pattern, "*") {
			files = append(files, filepath.Join(home, pattern))
			continue
		}
		entries, _ := os.ReadDir(filepath.Join(home, filepath.Dir(pattern))) // none where it can't be read
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), filepath.Ext(pattern)) {
				files = append(files, filepath.Join(home, filepath.Dir(pattern), e.Name()))
			}
		}
	}
	return files
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
