// Package ledgerfile is a ledger as a file: JSON lines, one record each, between a first line with the version of
// the form and a last one with counts and sums, without which the file is not whole.
package ledgerfile

import (
	"errors"
	"fmt"
	"iter"
	"path/filepath"
	"strings"

	"claudepool/pool"
)

// version is that of the form. A reader refuses what is newer.
const version = 1

// line is any line of the file.
type line struct {
	// Version is that of the first line.
	Version *int `json:"claudepool_ledger,omitempty"`
	pool.Record
	// End is what came before, in the last line.
	End *pool.Contents `json:"end,omitempty"`
}

var (
	// ErrNoLedger: the first line is not that of a ledger.
	ErrNoLedger = errors.New("it is no ledger")
	// ErrNewer: a newer claudepool wrote the file.
	ErrNewer = errors.New("a newer claudepool wrote it")
	// ErrCutOff: the file ends before its last line.
	ErrCutOff = errors.New("it is cut off here, its end is missing")
)

// LineError says in which line something is wrong, from 1 on.
type LineError struct {
	Line int
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e *LineError) Unwrap() error { return e.Err }

// Home is the home directory of who reads or writes a ledger. In the file paths of transcripts below it begin with
// ~, so that another home knows them again. "" leaves all paths as they are.
type Home string

// NewHome returns a home as the paths of transcripts have it: behind all links.
func NewHome(dir string) Home {
	if resolved, err := filepath.EvalSymlinks(dir); err == nil {
		dir = resolved
	}
	return Home(dir)
}

func (h Home) shorten(path string) string {
	if below, found := strings.CutPrefix(path, string(h)+"/"); found && h != "" {
		return "~/" + below
	}
	return path
}

func (h Home) expand(path string) string {
	if below, found := strings.CutPrefix(path, "~/"); found && h != "" {
		return string(h) + "/" + below
	}
	return path
}

// moved puts other paths into records and these into order again. They are the last ones, and as many as there are
// transcripts.
func moved(records iter.Seq2[pool.Record, error], move func(string) string) iter.Seq2[pool.Record, error] {
	return func(yield func(pool.Record, error) bool) {
		var last []pool.Record
		for r, err := range records {
			switch {
			case err != nil:
				yield(r, err)
				return
			case r.Fork != nil:
				fork := *r.Fork
				fork.Path = move(fork.Path)
				last = append(last, pool.Record{Fork: &fork})
			case r.Checkpoint != nil:
				checkpoint := *r.Checkpoint
				checkpoint.Path = move(checkpoint.Path)
				last = append(last, pool.Record{Checkpoint: &checkpoint})
			default:
				if !yield(r, nil) {
					return
				}
			}
		}
		pool.SortRecords(last)
		for _, r := range last {
			if !yield(r, nil) {
				return
			}
		}
	}
}
