package main

import (
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// column is a column of a table.
type column struct {
	title string
	// right aligns numbers.
	right bool
	// shrinks lets cells be shortened from the left, as of paths, down to minShrunk letters.
	shrinks bool
	// spare says in which order columns are left out where the terminal is too narrow: the highest
	// first; 0 stays.
	spare int
	// paint gives cells a style, nil for none.
	paint func(string) style
}

// minShrunk is what a shortened cell keeps at least; gap is the space between columns.
const (
	minShrunk = 16
	gap       = 2
)

// table is rows of cells below titles.
type table struct {
	columns []column
	rows    [][]string
}

func (t *table) add(cells ...string) {
	for i, cell := range cells {
		cells[i] = plain(cell)
	}
	t.rows = append(t.rows, cells)
}

// plain takes out what would control the terminal, as the name of a directory may.
func plain(cell string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, cell)
}

// printTable prints a table that fits the terminal; whole where standard output is none.
func (a *app) printTable(t table) {
	if a.hasColours() {
		t = t.inColours()
	}
	a.printf("%s", t.render(a.terminalWidth()))
}

// terminalWidth is how wide the terminal is, 0 where standard output is none.
func (a *app) terminalWidth() int {
	file, ok := a.stdout.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	if columns, _, err := term.GetSize(int(file.Fd())); err == nil && columns > 0 {
		return columns
	}
	return 80
}

// render draws the table within a width; 0 is no limit.
func (t table) render(width int) string {
	if width > 0 {
		t = t.fitted(width)
	}
	widths := t.widths()
	var b strings.Builder
	t.line(&b, widths, t.titles())
	for _, row := range t.rows {
		t.line(&b, widths, row)
	}
	return b.String()
}

func (t table) titles() []string {
	titles := make([]string, len(t.columns))
	for i, c := range t.columns {
		titles[i] = c.title
	}
	return titles
}

func (t table) widths() []int {
	widths := make([]int, len(t.columns))
	for _, row := range append([][]string{t.titles()}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], widthOf(cell))
		}
	}
	return widths
}

func (t table) line(b *strings.Builder, widths []int, cells []string) {
	var line strings.Builder
	for i, cell := range cells {
		if i > 0 {
			line.WriteString(strings.Repeat(" ", gap))
		}
		padding := strings.Repeat(" ", max(0, widths[i]-widthOf(cell)))
		cell = t.columns[i].painted(cell)
		if t.columns[i].right {
			cell = padding + cell
		} else {
			cell += padding
		}
		line.WriteString(cell)
	}
	b.WriteString(strings.TrimRight(line.String(), " "))
	b.WriteByte('\n')
}

// fitted shortens what may be shortened, then leaves out columns. What is too wide even so wraps.
func (t table) fitted(width int) table {
	for {
		over := t.total() - width
		if over <= 0 {
			return t
		}
		if shorter, enough := t.shrunk(over); enough {
			return shorter
		}
		spare := t.mostSpare()
		if spare < 0 {
			shorter, _ := t.shrunk(over)
			return shorter
		}
		t = t.without(spare)
	}
}

func (t table) total() int {
	total := gap * (len(t.columns) - 1)
	for _, w := range t.widths() {
		total += w
	}
	return total
}

// shrunk takes `over` letters from the columns that shrink, and tells whether they had as many.
func (t table) shrunk(over int) (table, bool) {
	widths := t.widths()
	rows := make([][]string, len(t.rows))
	for r, row := range t.rows {
		rows[r] = append([]string{}, row...)
	}
	for i, c := range t.columns {
		if !c.shrinks || over <= 0 {
			continue
		}
		most := max(minShrunk, len(c.title), widths[i]-over)
		over -= max(0, widths[i]-most)
		for r := range rows {
			rows[r][i] = shortened(rows[r][i], most)
		}
	}
	return table{t.columns, rows}, over <= 0
}

// shortened keeps the end of a cell, which of a path says most.
func shortened(cell string, most int) string {
	over := widthOf(cell) - most
	if over <= 0 {
		return cell
	}
	for i, letter := range cell {
		if over < 0 { // one more than is over, for the dots
			return "…" + cell[i:]
		}
		over -= columnsOf(letter)
	}
	return "…"
}

// mostSpare returns the column to leave out next, -1 where all must stay.
func (t table) mostSpare() int {
	spare := -1
	for i, c := range t.columns {
		if c.spare > 0 && (spare < 0 || c.spare > t.columns[spare].spare) {
			spare = i
		}
	}
	return spare
}

func (t table) without(i int) table {
	drop := func(cells []string) []string { return append(append([]string{}, cells[:i]...), cells[i+1:]...) }
	rest := table{columns: append(append([]column{}, t.columns[:i]...), t.columns[i+1:]...)}
	for _, row := range t.rows {
		rest.rows = append(rest.rows, drop(row))
	}
	return rest
}
