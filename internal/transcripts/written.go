package transcripts

import (
	"bufio"
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// Written is a transcript that was written to in a stretch of time.
type Written struct {
	Path string
	// Conversation is the one that its messages of that time are of.
	Conversation string
	// First and Last are the times of the first and the last of these messages.
	First, Last time.Time
}

// OfSubagent tells whether it is no conversation's own transcript.
func (w Written) OfSubagent() bool {
	return strings.TrimSuffix(filepath.Base(w.Path), suffix) != w.Conversation
}

// WrittenSince returns the transcripts in the project's directory itself, which is a pattern, that have
// messages since a moment and that no sync has seen, the earliest first. It is for CLIs that do not say
// which conversation they are on.
func WrittenSince(ctx context.Context, ledger Ledger, directory string, since time.Time) ([]Written, error) {
	var all []Written
	paths, _ := filepath.Glob(filepath.Join(directory, "*"+suffix)) // the pattern is well formed
	for _, path := range paths {
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() || info.ModTime().Before(since) {
			continue
		}
		known, err := ledger.Checkpoints(ctx, path)
		if err != nil {
			return nil, err
		}
		if w, found := writtenSince(path, info, known[path], since); found {
			all = append(all, w)
		}
	}
	slices.SortFunc(all, func(a, b Written) int { return a.First.Compare(b.First) })
	return all, nil
}

func writtenSince(path string, info fs.FileInfo, known pool.Checkpoint, since time.Time) (w Written, found bool) {
	file, err := os.Open(path)
	if err != nil {
		return w, false // a sync names it
	}
	defer file.Close()
	if known.Identity == identityOf(info) && known.Offset <= info.Size() {
		if _, err := file.Seek(known.Offset, 0); err != nil {
			return w, false
		}
	}
	w.Path = path
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, maxLine) // at a longer one it ends, with what it has
	for lines.Scan() {
		l, ok := claudecli.ReadTranscriptLine(lines.Bytes())
		if !ok || l.ID == "" || l.At.Before(since) {
			continue
		}
		if !found {
			w.Conversation, w.First, found = strings.Clone(l.Conversation), l.At, true
		}
		w.Last = l.At
	}
	return w, found
}

// SyncAs books what is new in a transcript as a part of the conversation, whatever it says itself.
func SyncAs(ctx context.Context, ledger Ledger, estimate Estimate, root Root, path, conversation string) error {
	s := &syncer{ledger: ledger, estimate: estimate, owner: root.Owner, as: conversation}
	var err error
	if s.known, err = ledger.Checkpoints(ctx, path); err != nil {
		return err
	}
	return s.walk(ctx, path)
}
