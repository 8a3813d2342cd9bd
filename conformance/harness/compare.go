package harness

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"claudepool/internal/fakeclaude"
)

// Outcome is everything that is compared of a run that has ended.
type Outcome struct {
	Status   Status
	Stdout   []byte
	Stderr   []byte
	Terminal []byte
	Report   fakeclaude.Report
	dir      string
}

// Do runs a plan whose script reports, to its end.
func (g *Ground) Do(t *testing.T, way Way, p Plan) Outcome {
	t.Helper()
	r := g.Start(t, way, p)
	return r.Outcome(t)
}

// Outcome waits for the end of a run whose script reported.
func (r *Run) Outcome(t *testing.T) Outcome {
	t.Helper()
	o := Outcome{Status: r.Wait(t), Stdout: r.Stdout(), Stderr: r.Stderr(), Report: r.Report(t), dir: r.Dir}
	if r.Terminal != nil {
		o.Terminal = r.Terminal.Seen()
	}
	return o
}

// Differences names what the wrapped run's outcome has different from the direct one's, one line each.
func Differences(direct, wrapped Outcome) []string {
	var d differences
	d.add("status", direct.Status, wrapped.Status)
	d.addBytes("stdout", direct.Stdout, wrapped.Stdout)
	d.addBytes("stderr", direct.Stderr, wrapped.Stderr)
	d.addBytes("terminal output", direct.Terminal, wrapped.Terminal)
	for fd, name := range []string{"stdin", "stdout", "stderr"} {
		d.addFile(name, direct.Report.Files[fd], wrapped.Report.Files[fd], fd == 1)
	}
	d.add("argv[0]", name(direct.Report.Args), name(wrapped.Report.Args))
	d.add("arguments", quoted(direct.Report.Args[1:]), quoted(wrapped.Report.Args[1:]))
	d.add("environment", environment(direct), environment(wrapped))
	d.add("working directory", direct.Report.CWD, wrapped.Report.CWD)
	d.add("umask", direct.Report.Umask, wrapped.Report.Umask)
	d.add("open files", direct.Report.OpenFiles, wrapped.Report.OpenFiles)
	return d
}

type differences []string

func (d *differences) add(what string, direct, wrapped any) {
	if a, b := fmt.Sprintf("%+v", direct), fmt.Sprintf("%+v", wrapped); a != b {
		*d = append(*d, fmt.Sprintf("%s: direct %s, wrapped %s", what, shorten(a), shorten(b)))
	}
}

func (d *differences) addBytes(what string, direct, wrapped []byte) {
	if !bytes.Equal(direct, wrapped) {
		*d = append(*d, fmt.Sprintf("%s: direct %d bytes %q, wrapped %d bytes %q", what, len(direct), clip(direct), len(wrapped), clip(wrapped)))
	}
}

// addFile lets a standard output that is no terminal differ in kind: the wrapper reads it from a pipe.
func (d *differences) addFile(what string, direct, wrapped fakeclaude.File, isOutput bool) {
	bothPlain := direct.Kind != "terminal" && wrapped.Kind != "terminal"
	if !(isOutput && bothPlain) {
		d.add(what+" kind", direct.Kind, wrapped.Kind)
	}
	size := func(f fakeclaude.File) []uint16 { return []uint16{f.Cols, f.Rows, f.XPixels, f.YPixels} }
	d.add(what+" size", size(direct), size(wrapped))
	if direct.Termios != nil && wrapped.Termios != nil {
		d.add(what+" modes", *direct.Termios, *wrapped.Termios)
	}
	d.add(what+" is the controlling terminal", direct.Controlling, wrapped.Controlling)
	d.add(what+" has us in the foreground", direct.Foreground, wrapped.Foreground)
}

func shorten(s string) string {
	const most = 1500
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

func name(args [][]byte) string { return filepath.Base(string(args[0])) }

func quoted(words [][]byte) []string {
	var q []string
	for _, w := range words {
		q = append(q, fmt.Sprintf("%q", w))
	}
	return q
}

// environment leaves out what the wrapper may add, the last command that a shell notes for itself, and
// what tells one run from another.
func environment(o Outcome) []string {
	var kept []string
	for _, entry := range quoted(o.Report.Environ) {
		name, _, _ := strings.Cut(entry[1:], "=")
		if name == "CLAUDE_CONFIG_DIR" || strings.HasPrefix(name, "CLAUDEPOOL_") || name == "_" {
			continue
		}
		kept = append(kept, strings.ReplaceAll(entry, o.dir, "DIR"))
	}
	return kept
}
