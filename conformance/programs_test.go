package conformance

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"claudepool/conformance/harness"

	"github.com/stretchr/testify/require"
)

// program is a program of others in the place of the real CLI. What a full-screen program does to a
// terminal is the hardest that a wrapper can meet.
type program struct {
	name, args string
	// use works with it until it is about to end, and returns what the screen showed on the way.
	use func(t *testing.T, s *harness.Screen) string
	// status it ends with.
	status int
	// lively is set where the screen is never the same twice.
	lively bool
}

var programs = []program{
	{"vim", "-u NONE -i NONE -n -c 'set nomodeline ruler' lines", useVim, 0, false},
	{"less", "lines", useLess, 0, false},
	{"top", "-d 60", useTop, 0, true},
	{"bash", "--norc --noprofile --noediting -i", useBash, 7, false},
}

func TestProgramsBehaveAsDirectly(t *testing.T) {
	t.Parallel()
	for _, p := range programs {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			harness.NeedsProgram(t, p.name)
			g := harness.New(t)
			var err error
			g.Real, err = exec.LookPath(p.name)
			require.NoError(t, err)
			var shown []string
			for _, way := range g.Ways() {
				shown = append(shown, p.run(t, g, way))
			}
			require.Equal(t, shown[0], shown[1])
			noneRunning(t, g)
		})
	}
}

func (p program) run(t *testing.T, g *harness.Ground, way harness.Way) string {
	t.Helper()
	var lines []string
	for i := range 200 {
		lines = append(lines, fmt.Sprintf("line %d of the file\t%s", i, strings.Repeat("äß", i%20)))
	}
	require.NoError(t, os.WriteFile(filepath.Join(g.Project, "lines"), []byte(strings.Join(lines, "\n")+"\n"), 0o600))
	s := g.NewScreen(t, way)
	before := s.Modes(t, filepath.Join(g.Dir, way.Name+"-before"))
	s.Line(t, "clear; claude "+p.args) // no older prompt is left to be taken for the one after
	shown := p.use(t, s)
	s.Prompt(t, p.status)
	left := s.Picture()
	require.Equal(t, before, s.Modes(t, filepath.Join(g.Dir, way.Name+"-after")), "terminal modes")
	if p.lively {
		return ""
	}
	return shown + "\n--- at the end:\n" + left
}

func useVim(t *testing.T, s *harness.Screen) string {
	s.Expect(t, "line 0 of the file", "full screen 1")
	s.Keys(t, "G", "o", "typed: ÄÖ")
	s.Expect(t, "typed: ÄÖ")
	s.Keys(t, "Escape", ":set number", "Enter")
	s.Expect(t, "201 typed")
	s.Resize(t, 60, 20)
	s.Expect(t, "size 60x20", "201 typed")
	s.Keys(t, ":2", "Enter", "dd")
	s.Expect(t, "2 line 2 of")
	suspended(t, s)
	s.Expect(t, "2 line 2 of", "full screen 1")
	s.Keys(t, ":echo 'in sy' . 'nc'", "Enter")
	s.Expect(t, "in sync")
	shown := s.Picture()
	s.Keys(t, ":q!", "Enter")
	return shown
}

// suspended leaves the program for the shell and comes back.
func suspended(t *testing.T, s *harness.Screen) {
	t.Helper()
	s.Keys(t, "C-z")
	s.Expect(t, "Stopped", "148 ready>", "full screen 0")
	s.Line(t, "clear; echo $((6 * 7)) away")
	s.Expect(t, "42 away", "0 ready>")
	s.Line(t, "clear; fg")
}

func useLess(t *testing.T, s *harness.Screen) string {
	s.Expect(t, "line 0 of the file", "full screen 1")
	s.Keys(t, "/line 150", "Enter")
	s.Expect(t, "line 160 of")
	suspended(t, s)
	s.Expect(t, "line 160 of", "full screen 1")
	s.Keys(t, "G")
	s.Expect(t, "line 199 of", "(END)")
	shown := s.Picture()
	s.Keys(t, "q")
	return shown
}

func useTop(t *testing.T, s *harness.Screen) string {
	s.Expect(t, "load average", "PID")
	s.Keys(t, "h")
	s.Expect(t, "Help for Interactive Commands")
	s.Keys(t, "Escape")
	s.Expect(t, "load average")
	s.Keys(t, "q")
	return ""
}

// useBash has jobs of its own to suspend and interrupt: the terminal has three shells' worth of them.
// Keys are typed only to what is known to read them.
func useBash(t *testing.T, s *harness.Screen) string {
	s.Line(t, "PS1='in''ner> '; clear")
	s.Expect(t, "inner>")
	s.Line(t, "(echo job $((50 - 8)); cat)")
	s.Expect(t, "job 42")
	s.Line(t, "once")
	s.Expect(t, "once\nonce\n")
	s.Keys(t, "C-z")
	s.Expect(t, "Stopped")
	s.Line(t, "jobs; clear; echo $((40 + 2)) in between")
	s.Expect(t, "42 in between")
	s.Line(t, "fg")
	s.Expect(t, "\n( echo job")
	s.Line(t, "again")
	s.Expect(t, "again\nagain\n")
	s.Keys(t, "C-c")
	s.Expect(t, "^C\ninner>")
	s.Line(t, "echo $? was the status")
	s.Expect(t, "130 was the status")
	s.Resize(t, 70, 25)
	s.Line(t, "clear; stty size; tput colors")
	s.Expect(t, "25 70", "inner>")
	shown := s.Picture()
	s.Line(t, "clear; exit 7")
	return shown
}
