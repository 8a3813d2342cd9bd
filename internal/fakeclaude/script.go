package fakeclaude

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Names of the variables that the stand-in reads.
const (
	ScriptVar = "FAKECLAUDE_SCRIPT"
	DirVar    = "FAKECLAUDE_DIR"
)

// MaxLife is how long a stand-in lives at most, so that none outlives a failed test for long.
const MaxLife = 90 * time.Second

// actor runs one script.
type actor struct {
	dir string
	// exited holds the status once a step has ended the script.
	exited *int
}

// step does one line of a script.
type step func(a *actor, words []string) error

var steps = map[string]step{
	"report":  (*actor).report,
	"mark":    (*actor).mark,
	"await":   (*actor).await,
	"trap":    (*actor).trap,
	"ignore":  (*actor).ignore,
	"out":     (*actor).out,
	"err":     (*actor).err,
	"outfile": (*actor).outfile,
	"errfile": (*actor).errfile,
	"fill":    (*actor).fill,
	"trickle": (*actor).trickle,
	"echo":    (*actor).echo,
	"stdin":   (*actor).stdin,
	"keys":    (*actor).keys,
	"raw":     (*actor).raw,
	"screen":  (*actor).screen,
	"linger":  (*actor).linger,
	"nested":  (*actor).nested,
	"become":  (*actor).become,
	"die":     (*actor).die,
	"exit":    (*actor).exit,
}

// badScript is the status of a stand-in whose script is wrong, or a step of it failed.
const badScript = 99

// Main runs the script of the environment and returns the exit status.
func Main() int {
	time.AfterFunc(MaxLife, func() { os.Exit(badScript) })
	a := &actor{dir: os.Getenv(DirVar)}
	for _, line := range strings.Split(os.Getenv(ScriptVar), "\n") {
		if err := a.do(line); err != nil {
			fmt.Fprintf(os.Stderr, "fakeclaude: %s: %v\n", line, err)
			_ = os.WriteFile(a.path("failed"), []byte(line+": "+err.Error()), 0o600) // best effort: the output may be closed
			return badScript
		}
		if a.exited != nil {
			return *a.exited
		}
	}
	return 0
}

func (a *actor) do(line string) error {
	words, err := split(line)
	if err != nil || len(words) == 0 {
		return err
	}
	run, known := steps[words[0]]
	if !known {
		return fmt.Errorf("no such step")
	}
	return run(a, words[1:])
}

// split cuts a line into words; a word that begins with a quote is a Go string literal.
func split(line string) ([]string, error) {
	var words []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		if line[0] == '"' || line[0] == '`' {
			quoted, err := strconv.QuotedPrefix(line)
			if err != nil {
				return nil, err
			}
			word, err := strconv.Unquote(quoted)
			if err != nil {
				return nil, err
			}
			words, line = append(words, word), line[len(quoted):]
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		words, line = append(words, word), rest
	}
	return words, nil
}

// path names a file in the directory that the test shares with the stand-in.
func (a *actor) path(name string) string { return filepath.Join(a.dir, name) }

func (a *actor) exit(words []string) error {
	code, err := strconv.Atoi(first(words))
	a.exited = &code
	return err
}

func first(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return words[0]
}
