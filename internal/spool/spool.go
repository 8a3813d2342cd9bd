// Package spool keeps what was observed in sessions while the store could not be used, one file a
// session, until the store takes it.
package spool

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"claudepool/pool"
)

const (
	// suffix marks the files of a spool; newSuffix those that do not say yet whose record they are, and
	// damagedSuffix those that nothing can be read from.
	suffix        = ".jsonl"
	newSuffix     = ".new"
	damagedSuffix = ".damaged"
)

// Spool is a list of directories: the first that can be written takes new records, all are drained.
type Spool struct{ dirs []string }

// New returns the spool in the given directories, which need not exist.
func New(dirs ...string) Spool { return Spool{dirs} }

// header is the first line of a file.
type header struct {
	Session pool.Session
	// ConfigDir says which subscription the session was on where Session names none: the one with that
	// config directory, "" being the CLI's default.
	ConfigDir string
}

// line is every further line of a file: something observed, the end of the session, or why it is kept here.
type line struct {
	// Trouble is why the store did not take the session, at a time.
	Trouble string    `json:",omitempty"`
	At      time.Time `json:",omitzero"`

	Observed *pool.Observation `json:",omitempty"`
	EndedAt  time.Time         `json:",omitzero"`
	End      *pool.End         `json:",omitempty"`
}

// Writer appends to the record of one session. Every call reaches the disk on its own, so that a
// process that is killed loses nothing it has written. While it is open it holds a lock on the file,
// which no one drains then: where the process can't be looked at, nothing else would tell.
type Writer struct {
	file *os.File
	// torn is set after a write that may have left half a line.
	torn bool
}

// Create begins the record of a session. configDir counts only where s names no subscription.
func (s Spool) Create(session pool.Session, configDir string) (*Writer, error) {
	var errs []error
	for _, dir := range s.dirs {
		w, err := createIn(dir, header{session, configDir})
		if err == nil {
			return w, nil
		}
		errs = append(errs, err)
	}
	return nil, fmt.Errorf("keep usage for later: %w", errors.Join(errs...))
}

// createIn makes the file under another name and renames it once it is locked and says whose record it
// is: a drain in between would take it for damaged.
func createIn(dir string, h header) (*Writer, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := checkPrivate(dir); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, h.Session.ID+suffix)
	file, err := os.OpenFile(path+newSuffix, os.O_WRONLY|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	w := &Writer{file: file}
	lock(file)
	err = w.append(h)
	if err == nil {
		err = os.Rename(path+newSuffix, path)
	}
	if err != nil {
		_ = file.Close() // nothing is in it
		_ = os.Remove(path + newSuffix)
		return nil, err
	}
	return w, nil
}

// checkPrivate refuses a directory that others can put files into, as one below a shared /tmp may be.
func checkPrivate(dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if !info.IsDir() || info.Mode().Perm()&0o022 != 0 || !isOurs(info) {
		return fmt.Errorf("%s is not a directory of this user alone", dir)
	}
	return nil
}

// Observe appends an observation.
func (w *Writer) Observe(o pool.Observation) error { return w.append(line{Observed: &o}) }

// Trouble notes why the store does not take the session. Once it does, an event tells of it. What is no trouble of the
// store's is passed over.
func (w *Writer) Trouble(err error, at time.Time) error {
	if reason := reasonOf(err); reason != "" {
		return w.append(line{Trouble: reason, At: at})
	}
	return nil
}

// End appends the end of the session and closes the record.
func (w *Writer) End(end pool.End, at time.Time) error {
	return errors.Join(w.append(line{EndedAt: at, End: &end}), w.file.Close())
}

func (w *Writer) append(v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if w.torn {
		text = append([]byte{'\n'}, text...)
	}
	_, err = w.file.Write(text)
	w.torn = err != nil
	return err
}

// Drain gives the store all records of sessions that are over, and removes those that it took. It
// returns how many that were. Where the store can't be used it stops and keeps the rest; a record that
// it alone refuses is kept too, and holds up no other.
func (s Spool) Drain(ctx context.Context, store pool.Store, probe pool.Probe, now time.Time) (taken int, err error) {
	var refused error
	for _, path := range s.Files() {
		record, err := read(path)
		if errors.Is(err, errDamaged) {
			_ = os.Rename(path, path+damagedSuffix) // kept for a person to look at
			continue
		}
		if err != nil || record.stillWritten(probe, now) {
			continue
		}
		if err := record.restore(ctx, store, now); err != nil {
			refused = errors.Join(refused, fmt.Errorf("book %s: %w", path, err))
			if ctx.Err() != nil || isTrouble(err) {
				break
			}
			continue
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return taken, err
		}
		taken++
	}
	return taken, refused
}

// isTrouble tells whether it is the store that can't be used, and not a record that it does not take.
func isTrouble(err error) bool { return reasonOf(err) != "" }

// reasonOf says why a store can't be used, without what is of one time or place: "" where it is no trouble of the store's.
func reasonOf(err error) string {
	for _, trouble := range []error{
		pool.ErrBusy, pool.ErrFull, pool.ErrReadOnly, pool.ErrCorrupt, pool.ErrUnreadable, pool.ErrNewerSchema,
	} {
		if errors.Is(err, trouble) {
			return trouble.Error()
		}
	}
	return ""
}

// Files returns the paths of all records.
func (s Spool) Files() []string {
	var files []string
	for _, dir := range s.dirs {
		entries, err := os.ReadDir(dir)
		if err != nil || checkPrivate(dir) != nil {
			continue // nothing of ours there
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), suffix) {
				files = append(files, filepath.Join(dir, e.Name()))
			}
		}
	}
	return files
}
