package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// event is a line of `go test -json`; see `go doc test2json`.
type event struct {
	Action     string
	Package    string
	ImportPath string // of build-output, in place of Package
	Test       string
	Output     string
}

type testID struct{ pkg, name string }

type skip struct {
	testID
	reason string
}

// report gathers the events of one `go test -json`.
type report struct {
	w       io.Writer
	output  map[testID][]string // of tests that have not ended yet; a package's own under the name ""
	skips   []skip
	passed  int
	failed  int
	pkgs    int
	pkgFail int
}

func newReport(w io.Writer) *report {
	return &report{w: w, output: map[testID][]string{}}
}

// read prints what is known at once, until the end of r. Lines that are no events pass through.
func (r *report) read(from io.Reader) error {
	lines := bufio.NewReader(from)
	for {
		line, err := lines.ReadBytes('\n')
		var e event
		switch {
		case len(line) == 0:
		case json.Unmarshal(line, &e) != nil:
			fmt.Fprintf(r.w, "%s", line)
		default:
			r.add(e)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *report) add(e event) {
	id := testID{e.Package, e.Test}
	switch {
	case e.Action == "build-output":
		fmt.Fprint(r.w, e.Output)
	case e.Action == "output":
		r.output[id] = append(r.output[id], e.Output)
	case e.Test == "":
		r.endPackage(id, e)
	default:
		r.endTest(id, e)
	}
}

func (r *report) endTest(id testID, e event) {
	switch e.Action {
	case "pass":
		r.passed++
	case "skip":
		r.skips = append(r.skips, skip{id, reason(r.output[id])})
	case "fail":
		r.failed++
		fmt.Fprint(r.w, strings.Join(r.output[id], ""))
	default:
		return
	}
	delete(r.output, id)
}

// endPackage prints the closing line of a package, and all that it said where it failed: a panic
// or a time-out ends no test.
func (r *report) endPackage(id testID, e event) {
	if e.Action != "pass" && e.Action != "fail" && e.Action != "skip" {
		return
	}
	r.pkgs++
	if e.Action == "fail" {
		r.pkgFail++
		for other, lines := range r.output {
			if other.pkg == id.pkg && other.name != "" {
				fmt.Fprint(r.w, strings.Join(lines, ""))
			}
		}
		fmt.Fprint(r.w, strings.Join(r.output[id], ""))
	} else if lines := r.output[id]; len(lines) > 0 {
		fmt.Fprint(r.w, lines[len(lines)-1])
	}
	for other := range r.output {
		if other.pkg == id.pkg {
			delete(r.output, other)
		}
	}
}

// finish prints the skips and the counts.
func (r *report) finish() {
	for _, s := range r.skips {
		fmt.Fprintf(r.w, "SKIP  %s %s: %s\n", s.pkg, s.name, s.reason)
	}
	fmt.Fprintf(r.w, "%d packages, %d failed; %d tests passed, %d failed, %d skipped\n",
		r.pkgs, r.pkgFail, r.passed, r.failed, len(r.skips))
}

// reason is the last thing that a skipped test said, without its place in the source.
func reason(lines []string) string {
	for i := len(lines) - 1; i >= 0; i-- {
		line := strings.TrimSpace(lines[i])
		if line == "" || strings.HasPrefix(line, "---") || strings.HasPrefix(line, "===") {
			continue
		}
		if _, words, found := strings.Cut(line, ".go:"); found {
			if _, said, found := strings.Cut(words, ": "); found {
				return said
			}
		}
		return line
	}
	return "no reason given"
}
