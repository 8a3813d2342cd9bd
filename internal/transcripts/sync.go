package transcripts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"claudepool/pool"
)

// Ledger is what a sync needs of a store.
type Ledger interface {
	Checkpoints(ctx context.Context, prefix string) (map[string]pool.Checkpoint, error)
	BookTranscript(ctx context.Context, t pool.Transcript) error
}

// Estimate is a list price: false where the model's price is not known.
type Estimate func(model string, tokens pool.Tokens) (pool.NanoUSD, bool)

// Root is a directory of transcripts.
type Root struct {
	// Dir is the `projects` directory itself, behind all links.
	Dir string
	// Owner names the one subscription that the directory is of, "" where several share it.
	Owner string
}

// Roots returns the directories of transcripts of subscriptions, each once. defaultDir is the config
// directory of the subscription that has none of its own.
func Roots(subscriptions []pool.Subscription, defaultDir string) []Root {
	var roots []Root
	index := map[string]int{}
	for _, s := range subscriptions {
		resolved := DirOf(s, defaultDir)
		if resolved == "" {
			continue // none yet
		}
		if i, known := index[resolved]; known {
			roots[i].Owner = ""
			continue
		}
		index[resolved] = len(roots)
		roots = append(roots, Root{Dir: resolved, Owner: s.Name})
	}
	return roots
}

// DirOf is the directory of transcripts of a subscription, behind all links; "" where there is none yet.
func DirOf(s pool.Subscription, defaultDir string) string {
	dir, err := filepath.EvalSymlinks(filepath.Join(cmp.Or(s.ConfigDir, defaultDir), "projects"))
	if err != nil {
		return ""
	}
	return dir
}

// Report is what a sync did.
type Report struct {
	// Files counts the transcripts that had something new, Bytes what was read of them and Messages the
	// messages in that, known ones too.
	Files    int   `json:"files"`
	Bytes    int64 `json:"bytes"`
	Messages int   `json:"messages"`
	// Troubles names what could not be read, and why.
	Troubles []string `json:"troubles"`
}

// Sync books what is new in all transcripts below the roots. What can't be read is named in the report
// and passed over; an error is the store's.
func Sync(ctx context.Context, ledger Ledger, estimate Estimate, roots ...Root) (Report, error) {
	s := &syncer{ledger: ledger, estimate: estimate}
	var err error
	if s.known, err = ledger.Checkpoints(ctx, ""); err != nil {
		return s.report, err
	}
	for _, root := range roots {
		s.owner = root.Owner
		if err := s.walk(ctx, root.Dir); err != nil {
			return s.report, err
		}
	}
	return s.report, nil
}

// SyncConversation books what is new in the transcripts of one conversation: its own and those of its
// subagents.
func SyncConversation(ctx context.Context, ledger Ledger, estimate Estimate, root Root, conversation string) error {
	s := &syncer{ledger: ledger, estimate: estimate, owner: root.Owner}
	for _, path := range own(root.Dir, conversation) {
		subagents := strings.TrimSuffix(path, suffix)
		var err error
		if s.known, err = ledger.Checkpoints(ctx, subagents); err != nil { // that of path begins with it too
			return err
		}
		for _, place := range []string{path, subagents} {
			if err := s.walk(ctx, place); err != nil {
				return err
			}
		}
	}
	return nil
}

const suffix = ".jsonl"

func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

type syncer struct {
	ledger   Ledger
	estimate Estimate
	known    map[string]pool.Checkpoint
	owner    string
	// as is the conversation that everything is booked to, "" for that of each line.
	as     string
	report Report
}

func (s *syncer) walk(ctx context.Context, place string) error {
	return filepath.WalkDir(place, func(path string, entry fs.DirEntry, err error) error {
		return s.visit(ctx, path, entry, err)
	})
}

func (s *syncer) visit(ctx context.Context, path string, entry fs.DirEntry, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.trouble(path, err)
		}
		return nil
	}
	if entry.IsDir() || !strings.HasSuffix(path, suffix) {
		return nil
	}
	if !entry.Type().IsRegular() {
		s.trouble(path, errors.New("is no file"))
		return nil
	}
	info, err := entry.Info()
	if err != nil {
		return nil // gone since
	}
	err = s.file(ctx, path, info)
	var unreadable *readError
	if errors.As(err, &unreadable) {
		if !errors.Is(err, fs.ErrNotExist) {
			s.trouble(path, unreadable.err)
		}
		return nil
	}
	return err
}

func (s *syncer) trouble(path string, err error) {
	var where *fs.PathError
	if errors.As(err, &where) {
		err = where.Err
	}
	s.report.Troubles = append(s.report.Troubles, fmt.Sprintf("%s: %v", path, err))
}

// file reads what is new in a transcript.
func (s *syncer) file(ctx context.Context, path string, info fs.FileInfo) error {
	known := s.known[path]
	identity := identityOf(info)
	if known.Identity == identity && known.Offset == info.Size() {
		return nil
	}
	file, err := os.Open(path)
	if err != nil {
		return &readError{err}
	}
	defer file.Close()
	if info, err = file.Stat(); err != nil { // another may have taken its place
		return &readError{err}
	}
	identity = identityOf(info)
	r := newReader(s, path, info, known)
	if known.Identity == identity && known.Offset < info.Size() {
		r.offset = known.Offset
	}
	if err := r.read(ctx, file); err != nil {
		return err
	}
	if r.offset > r.start {
		s.report.Files++
		s.report.Bytes += r.offset - r.start
	}
	return nil
}

// readError is trouble with a file, and not with the store.
type readError struct{ err error }

func (e *readError) Error() string { return e.err.Error() }
func (e *readError) Unwrap() error { return e.err }
