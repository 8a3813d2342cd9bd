package transcripts

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// Find returns the transcript of a conversation below directories of transcripts: of several the one that
// was written last. It is "" where there is none.
func Find(dirs []string, conversation string) string {
	var all []string
	for _, dir := range dirs {
		all = append(all, own(dir, conversation)...)
	}
	return LatestOf(all)
}

// Latest returns the transcript below directories of transcripts, of runs in the directory cwd, that was
// written last: the one that --continue takes up. It is "" where there is none.
func Latest(dirs []string, cwd string) string {
	var all []string
	for _, dir := range dirs {
		paths, _ := filepath.Glob(filepath.Join(claudecli.ProjectPattern(dir, cwd), "*"+suffix)) // the pattern is well formed
		all = append(all, paths...)
	}
	return LatestOf(all)
}

// LatestOf is the file that was written last, "" where there is none.
func LatestOf(paths []string) string {
	var found string
	var newest fs.FileInfo
	for _, path := range paths {
		info, err := os.Stat(path)
		if err == nil && info.Mode().IsRegular() && (newest == nil || info.ModTime().After(newest.ModTime())) {
			found, newest = path, info
		}
	}
	return found
}

// own are the transcripts of a conversation itself.
func own(dir, conversation string) []string {
	if conversation == "" || strings.ContainsAny(conversation, `/\*?[`) {
		return nil
	}
	paths, _ := filepath.Glob(filepath.Join(escapeGlob(dir), "*", conversation+suffix)) // the pattern is well formed
	return paths
}

// Provide makes a conversation available to a CLI whose transcripts are in the directory `to`, which may be
// missing: it copies the transcripts, that of the conversation and those of its subagents, unless they are
// there. What they hold is booked as far as it has been written; the copies count as read.
func Provide(ctx context.Context, ledger Ledger, estimate Estimate, path, to string) error {
	from := filepath.Dir(filepath.Dir(path))
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	if isSameDir(from, to) {
		return nil
	}
	to, err := filepath.EvalSymlinks(to) // as checkpoints know it
	if err != nil {
		return err
	}
	conversation := strings.TrimSuffix(filepath.Base(path), suffix)
	if err := SyncConversation(ctx, ledger, estimate, Root{Dir: from}, conversation); err != nil {
		return err
	}
	known, err := knownOf(ctx, ledger, path, filepath.Join(to, strings.TrimPrefix(path, from)))
	if err != nil {
		return err
	}
	for _, place := range []string{path, strings.TrimSuffix(path, suffix)} {
		err := filepath.WalkDir(place, func(path string, entry fs.DirEntry, err error) error {
			switch {
			case errors.Is(err, fs.ErrNotExist):
				return nil
			case err != nil:
				return err
			case !entry.Type().IsRegular():
				return nil
			}
			name, err := filepath.Rel(from, path)
			if err != nil {
				return err
			}
			return provideFile(ctx, ledger, known, path, filepath.Join(to, name))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// knownOf returns the checkpoints of transcripts, and of those of their subagents.
func knownOf(ctx context.Context, ledger Ledger, paths ...string) (map[string]pool.Checkpoint, error) {
	all := map[string]pool.Checkpoint{}
	for _, path := range paths {
		known, err := ledger.Checkpoints(ctx, strings.TrimSuffix(path, suffix)) // that of path begins with it too
		if err != nil {
			return nil, err
		}
		maps.Copy(all, known)
	}
	return all, nil
}

func isSameDir(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// provideFile copies a file in one step, and notes that the copy has been read as far as the file itself.
func provideFile(ctx context.Context, ledger Ledger, known map[string]pool.Checkpoint, from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	info, err := source.Stat()
	if err != nil {
		return err
	}
	if there, err := os.Stat(to); err == nil && there.Size() >= info.Size() {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	partial, err := os.CreateTemp(filepath.Dir(to), ".claudepool-") // with mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(partial.Name()) // best effort: it has another name by then
	_, err = io.Copy(partial, source)
	if err == nil {
		err = copiedAsRead(ctx, ledger, known, from, to, partial)
	}
	if closed := partial.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(partial.Name(), to)
}

// copiedAsRead gives a copy the checkpoint of its source, so that nothing in it is booked twice.
func copiedAsRead(ctx context.Context, ledger Ledger, known map[string]pool.Checkpoint, from, to string, file *os.File) error {
	read, ok := known[from]
	if !ok {
		return nil
	}
	info, err := file.Stat()
	if err != nil {
		return err
	}
	read.Path, read.Identity = to, identityOf(info)
	return ledger.BookTranscript(ctx, pool.Transcript{Before: known[to], Checkpoint: read})
}
