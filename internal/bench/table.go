package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// row is a line of the table. The figures of the contestants are "" where one does not apply.
type row struct {
	what, bar, measured string
	// ok tells whether measured keeps to the bar.
	ok                        bool
	claudepool, alone, script string
}

// printTable prints the rows as a table in Markdown and returns how many miss their bar.
func printTable(w io.Writer, rows []row) (over int) {
	cells := [][]string{{"what", "bar", "measured", "", "claudepool", "child alone", "script"}}
	for _, r := range rows {
		verdict := "ok"
		if !r.ok {
			verdict = "over"
			over++
		}
		cells = append(cells, []string{r.what, r.bar, r.measured, verdict, r.claudepool, r.alone, r.script})
	}
	widths := make([]int, len(cells[0]))
	for _, line := range cells {
		for i, cell := range line {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for n, line := range cells {
		printLine(w, line, widths, " ")
		if n == 0 {
			printLine(w, make([]string, len(widths)), widths, "-")
		}
	}
	return over
}

func printLine(w io.Writer, cells []string, widths []int, fill string) {
	for i, cell := range cells {
		fmt.Fprintf(w, "| %s%s ", cell, strings.Repeat(fill, widths[i]-len([]rune(cell))))
	}
	fmt.Fprintln(w, "|")
}

// printMachine prints what the figures were taken on.
func printMachine(w io.Writer) {
	var u unix.Utsname
	system := runtime.GOOS
	if unix.Uname(&u) == nil {
		system = unix.ByteSliceToString(u.Sysname[:]) + " " + unix.ByteSliceToString(u.Release[:])
	}
	fmt.Fprintf(w, "%s, %d cores, %s, %s/%s, %s\n\n", processor(), runtime.NumCPU(), system, runtime.GOOS, runtime.GOARCH, runtime.Version())
}

func processor() string {
	const unknown = "unknown processor"
	f, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return unknown
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if name, found := strings.CutPrefix(lines.Text(), "model name"); found {
			return strings.TrimLeft(name, "\t :")
		}
	}
	return unknown
}
