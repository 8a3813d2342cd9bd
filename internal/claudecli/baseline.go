package claudecli

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// Baseline knows what the CLI's cumulative figures begin with in a run that goes on with an earlier
// conversation: with the last cost-state line of its transcript (since 2.1.282; before there were no
// such lines, and the figures began at zero).
//
// The transcripts' sizes are noted at the start. What was there then is what the run begins with, unless it read the
// transcript later than we did, and another run ended in between: so what has been written since is told too. A line
// of the run's own is among that once it has ended.
type Baseline struct {
	invocation Invocation
	// before are the transcripts as they were at the start.
	before []transcriptFile
}

type transcriptFile struct {
	conversation string
	path         string
	size         int64
	written      time.Time
}

// TakeBaseline notes the transcripts that a run in the directory cwd could go on with, given its
// config directory. A run that begins a new conversation costs nothing.
func TakeBaseline(configDir, cwd string, inv Invocation) *Baseline {
	b := &Baseline{invocation: inv}
	if inv.Resume == "" && !inv.Continue {
		return b
	}
	projects := filepath.Join(configDir, "projects")
	patterns := []string{filepath.Join(ProjectPattern(projects, cwd), "*.jsonl")}
	if isUUID(inv.Resume) { // it may be of another directory
		patterns = append(patterns, filepath.Join(escapeGlob(projects), "*", inv.Resume+".jsonl"))
	}
	for _, pattern := range patterns {
		paths, _ := filepath.Glob(pattern) // the pattern is well formed
		for _, path := range paths {
			if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
				id := strings.TrimSuffix(filepath.Base(path), ".jsonl")
				b.before = append(b.before, transcriptFile{id, path, info.Size(), info.ModTime()})
			}
		}
	}
	return b
}

// Of returns what a run that turned out to be on the conversation can have begun with, the latest first: the last is
// what was there at its start, nil for nothing.
func (b *Baseline) Of(conversation string) []Cumulative {
	file, found := b.parent(conversation)
	if !found {
		return nil
	}
	f, err := os.Open(file.path)
	if err != nil {
		return nil
	}
	defer f.Close()
	var states []Cumulative
	end := file.size
	if info, err := f.Stat(); err == nil {
		end = max(end, info.Size())
	}
	for len(states) < maxStates {
		state, at := lastCostState(f, end)
		if at < file.size {
			break
		}
		states, end = append(states, state), at
	}
	state, _ := lastCostState(f, file.size)
	return append(states, state)
}

// maxStates bounds how many lines of other runs are looked at: more than end while one starts.
const maxStates = 16

// parent is the transcript that the run went on with: that of the conversation itself or, for a fork,
// the one named or else the latest.
func (b *Baseline) parent(conversation string) (latest transcriptFile, found bool) {
	for _, wanted := range []string{b.invocation.Resume, conversation} {
		for _, file := range b.before {
			if file.conversation == wanted {
				return file, true
			}
		}
	}
	if !b.invocation.Fork {
		return transcriptFile{}, false
	}
	for _, file := range b.before {
		if !found || file.written.After(latest.written) {
			latest, found = file, true
		}
	}
	return latest, found
}

func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		hex := c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
		if dash != (c == '-') || !dash && !hex {
			return false
		}
	}
	return true
}

// maxSlug is how much of a path goes into a slug; of a longer one a hash follows (2.1.330).
const maxSlug = 200

// ProjectPattern is the pattern for the directory, in a directory of transcripts, of those of runs in cwd.
func ProjectPattern(projects, cwd string) string {
	return filepath.Join(escapeGlob(projects), slug(cwd))
}

// slug is the pattern for the name that the CLI gives to the transcripts' directory of a project:
// letters and digits stay, each UTF-16 unit of the rest becomes a dash (2.1.330).
func slug(cwd string) string {
	if resolved, err := filepath.EvalSymlinks(cwd); err == nil {
		cwd = resolved
	}
	var b strings.Builder
	for _, r := range cwd {
		switch {
		case r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z':
			b.WriteRune(r)
		case r > 0xffff:
			b.WriteString("--")
		default:
			b.WriteByte('-')
		}
	}
	if b.Len() > maxSlug {
		return b.String()[:maxSlug] + "-*"
	}
	return b.String()
}

func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

const (
	tailChunk   = 256 << 10
	maxCostLine = 1 << 20
)

var costStateWord = []byte(`"cost-state"`)

// lastCostState reads the last cost-state line of the first size bytes, from the end and in constant
// memory, and returns where in it its type stands. It returns nil and -1 where there is none.
func lastCostState(r io.ReaderAt, size int64) (Cumulative, int64) {
	buf := make([]byte, tailChunk+len(costStateWord))
	for end := size; end > 0; {
		begin := max(end-tailChunk, 0)
		// A word across the border of two chunks is in the one before.
		n, err := r.ReadAt(buf[:min(end-begin+int64(len(costStateWord)), size-begin)], begin)
		if err != nil && err != io.EOF {
			return nil, -1
		}
		for chunk := buf[:n]; ; {
			i := bytes.LastIndex(chunk, costStateWord)
			if i < 0 {
				break
			}
			if sums, ok := costStateAt(r, begin+int64(i), size); ok {
				return sums, begin + int64(i)
			}
			chunk = chunk[:i]
		}
		end = begin
	}
	return nil, -1
}

// costStateAt reads the line around an offset, and tells whether it is a cost-state line.
func costStateAt(r io.ReaderAt, offset, size int64) (Cumulative, bool) {
	from := max(offset-maxCostLine, 0)
	text := make([]byte, min(offset+maxCostLine, size)-from)
	n, err := r.ReadAt(text, from)
	if err != nil && err != io.EOF {
		return nil, false
	}
	text = text[:n]
	at := int(offset - from)
	if at > len(text) {
		return nil, false
	}
	line := text[bytes.LastIndexByte(text[:at], '\n')+1:]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	if !gjson.ValidBytes(line) || gjson.GetBytes(line, "type").Str != "cost-state" {
		return nil, false
	}
	return readModelUsage(gjson.GetBytes(line, "modelUsage")), true
}
