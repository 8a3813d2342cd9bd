package main

import (
	"os"
	"slices"
	"strings"

	"golang.org/x/term"
)

// style is how a terminal shows a cell: an SGR parameter.
type style string

const (
	noStyle style = ""
	good    style = "32" // green
	passing style = "33" // yellow: time alone mends it
	broken  style = "31" // red: a person has to
	resting style = "2"  // faint
)

// stateStyles are those of the states that tables show, by how each begins. Nothing else has a colour, and
// none says more than the word does.
var stateStyles = []struct {
	begins string
	style  style
}{
	{"available", good}, {"enabled", good}, {"running", good},
	{"disabled", resting}, {"ended", resting}, {"released", resting}, {"outside", resting},
	{"signed out", broken}, {"refused", broken}, {"not usable here", broken}, {"reclaimed", broken},
}

func stateStyle(state string) style {
	for _, s := range stateStyles {
		if strings.HasPrefix(state, s.begins) {
			return s.style
		}
	}
	return passing // full, at a limit, cooling down: until something ends
}

// hasColours tells whether standard output shows colours and the user wants them; see no-color.org.
func (a *app) hasColours() bool {
	file, ok := a.stdout.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return false
	}
	unwanted, _ := a.env.Get("NO_COLOR")
	kind, _ := a.env.Get("TERM")
	return unwanted == "" && kind != "" && kind != "dumb"
}

// inColours returns the table with its states in colours.
func (t table) inColours() table {
	t.columns = slices.Clone(t.columns)
	for i := range t.columns {
		if t.columns[i].title == "STATE" {
			t.columns[i].paint = stateStyle
		}
	}
	return t
}

// painted is a cell as its column shows it. Its title is shown as it is.
func (c column) painted(cell string) string {
	if c.paint == nil || cell == c.title || cell == "" {
		return cell
	}
	if s := c.paint(cell); s != noStyle {
		return "\x1b[" + string(s) + "m" + cell + "\x1b[0m"
	}
	return cell
}
