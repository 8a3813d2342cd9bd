package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// aliasPattern finds an alias or function by the name of the CLI: it goes before everything on PATH.
var aliasPattern = lazily(`(?m)^[ \t]*(alias[ \t]+(-g[ \t]+)?claude[ =]|function[ \t]+claude\b|claude[ \t]*\(\))`)

// checkShells says which shells put the shim first on PATH.
func (d *doctor) checkShells(context.Context) []finding {
	if d.settings.places.home == "" {
		return allWell("no start-up file was looked at: HOME is not set")
	}
	var with []string
	var found []finding
	for _, s := range startups {
		has := false
		for _, file := range d.startupFiles(s.shell) {
			text := startupText(file)
			has = has || d.putsShimFirst(text)
			if at := aliasPattern().FindStringIndex(text); at != nil {
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
