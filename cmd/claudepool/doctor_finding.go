package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// level says how bad a finding is.
type level string

const (
	levelOK      level = "ok"
	levelWarning level = "warning"
	levelError   level = "error"
)

// finding is an answer of a check.
type finding struct {
	group, check string
	level        level
	words        string
	// hint says what to type, "" where nothing is to be done.
	hint string
	// mend mends it and says what it did; nil where a person has to.
	mend func() (string, error)
	// mended is what was done about it, "" for nothing.
	mended string
}

func allWell(format string, args ...any) []finding {
	return []finding{{level: levelOK, words: fmt.Sprintf(format, args...)}}
}

func warning(hint, format string, args ...any) finding {
	return finding{level: levelWarning, words: fmt.Sprintf(format, args...), hint: hint}
}

func problem(hint, format string, args ...any) finding {
	return finding{level: levelError, words: fmt.Sprintf(format, args...), hint: hint}
}

// orWell is the findings, or that all is well where there are none.
func orWell(found []finding, format string, args ...any) []finding {
	if len(found) > 0 {
		return found
	}
	return allWell(format, args...)
}

// worstOf leaves out what has been mended.
func worstOf(findings []finding) level {
	worst := levelOK
	for _, f := range findings {
		if f.mended == "" && (f.level == levelError || f.level == levelWarning && worst == levelOK) {
			worst = f.level
		}
	}
	return worst
}

// diagnosis is a finding in the document.
type diagnosis struct {
	Group   string  `json:"group"`
	Check   string  `json:"check"`
	Level   level   `json:"level"`
	Words   string  `json:"words"`
	Hint    *string `json:"hint"`
	Fixable bool    `json:"fixable"`
	Fixed   *string `json:"fixed"`
}

func doctorDocument(findings []finding) object {
	list := []diagnosis{}
	for _, f := range findings {
		list = append(list, diagnosis{f.group, f.check, f.level, f.words, orNull(f.hint), f.mend != nil, orNull(f.mended)})
	}
	return object{
		{"worst", worstOf(findings)}, {"errors", countOf(findings, levelError)},
		{"warnings", countOf(findings, levelWarning)}, {"findings", list},
	}
}

// countOf counts what is left of a level.
func countOf(findings []finding, l level) (n int) {
	for _, f := range findings {
		if f.level == l && f.mended == "" {
			n++
		}
	}
	return n
}

// titles are the groups, in the order of the output.
var titles = []struct{ group, title string }{
	{"setup", "Set-up"}, {"pool", "Pool"}, {"subscriptions", "Subscriptions"}, {"overrides", "What overrides a choice"},
}

// renderFindings draws the findings by groups within a width; 0 is no limit.
func renderFindings(findings []finding, width int) string {
	var b strings.Builder
	for _, t := range titles {
		fmt.Fprintf(&b, "%s\n", t.title)
		for _, f := range findings {
			if f.group == t.group {
				b.WriteString(f.render(width))
			}
		}
		b.WriteByte('\n')
	}
	b.WriteString(verdictOf(findings) + "\n")
	return b.String()
}

// wordsAt is the column in which a finding's words begin.
const wordsAt = 11

func (f finding) render(width int) string {
	word := string(f.level)
	words := plain(f.words)
	if f.mended != "" {
		word, words = "mended", words+"; "+plain(f.mended)
	}
	text := fmt.Sprintf("  %-*s", wordsAt-2, word) + wrapped(words, wordsAt, width)
	if f.hint != "" {
		text += strings.Repeat(" ", wordsAt+2) + renderHint(plain(f.hint), wordsAt+2, width)
	}
	return text
}

// renderHint puts a command that does not fit on a line of its own, whole: it is there to be copied.
func renderHint(hint string, indent, width int) string {
	before, command, found := strings.Cut(hint, ": ")
	if width == 0 || !found || indent+utf8.RuneCountInString(hint) <= width {
		return wrapped(hint, indent, width*boolInt(!found))
	}
	return wrapped(before+":", indent, width) + strings.Repeat(" ", indent+2) + command + "\n"
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// wrapped breaks words at spaces so that they fit a width, 0 for no limit, the lines after the first with an
// indent. A word that is too long stays whole.
func wrapped(words string, indent, width int) string {
	if width == 0 {
		return words + "\n"
	}
	var b strings.Builder
	at := indent
	for i, word := range strings.Split(words, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case i > 0 && at+1+n > width:
			b.WriteString("\n" + strings.Repeat(" ", indent))
			at = indent
		case i > 0:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String() + "\n"
}

// verdictOf sums it up.
func verdictOf(findings []finding) string {
	var parts []string
	if n := countOf(findings, levelError); n > 0 {
		parts = append(parts, plural(n, "error"))
	}
	if n := countOf(findings, levelWarning); n > 0 {
		parts = append(parts, plural(n, "warning"))
	}
	if n := len(slices.DeleteFunc(slices.Clone(findings), func(f finding) bool { return f.mended == "" })); n > 0 {
		parts = append(parts, fmt.Sprintf("%d mended", n))
	}
	if len(parts) == 0 {
		return "all is well"
	}
	text := strings.Join(parts, ", ")
	if slices.ContainsFunc(findings, func(f finding) bool { return f.mend != nil && f.mended == "" }) {
		text += "; to mend what can be: claudepool doctor --fix"
	}
	return text
}
