package sharing

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// Backups is where in a config directory versions that differ are kept, each time in a directory of its own.
const Backups = "claudepool-backups"

// Mender mends links.
type Mender struct{ Now time.Time }

// Mended says what became of a problem.
type Mended struct {
	Problem
	// Backup is the directory that both versions are in; "" where there was only one.
	Backup string
}

// Mend makes the links of a config directory what they should be, those that were never made too, and returns
// what it did, as far as it got where there is an error. What a link needs in the base is made: a directory as
// such, so that both sides see what comes into it; of a file only the way to it, for the CLI writes a file that
// is missing where the link leads (2.1.330).
func (m Mender) Mend(dir string, s pool.Sharing) ([]Mended, error) {
	return m.MendOnly(dir, s, func(Problem) bool { return true })
}

// MendOnly is Mend for the problems that are wanted.
func (m Mender) MendOnly(dir string, s pool.Sharing, wanted func(Problem) bool) (done []Mended, err error) {
	if err := os.MkdirAll(s.Base, 0o700); err != nil {
		return nil, err
	}
	defer lock(s.Base)()
	for _, p := range Check(dir, s) { // under the lock: another launch may have just mended it
		if !wanted(p) {
			continue
		}
		backup, mendErr := m.mend(p)
		if mendErr != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", p.Entry, mendErr))
			continue
		}
		done = append(done, Mended{p, backup})
	}
	return done, err
}

// mend mends one link and returns where the versions are that differed, "" for none.
func (m Mender) mend(p Problem) (backup string, err error) {
	if err := makeTarget(p); err != nil {
		return "", err
	}
	switch p.Kind {
	case Missing:
		return "", os.Symlink(p.Target, p.Path)
	case Elsewhere: // what it leads to stays as it is
		return "", relink(p)
	case Replaced: // out of the way first: from here on the CLI writes to the target
		if _, err := os.Lstat(asideOf(p.Path)); err == nil {
			return "", fmt.Errorf("%s is in the way", asideOf(p.Path))
		}
		if err := os.Rename(p.Path, asideOf(p.Path)); err != nil {
			return "", err
		}
		if err := os.Symlink(p.Target, p.Path); err != nil && !errors.Is(err, fs.ErrExist) {
			return "", err
		}
	case Unreadable:
		_, err := os.Lstat(p.Path)
		return "", err
	}
	merging := merge{backup: filepath.Join(filepath.Dir(p.Path), Backups, m.Now.UTC().Format(backupForm)+"-"+p.Entry)}
	if err := merging.all(asideOf(p.Path), p.Target); err != nil {
		return "", err
	}
	return merging.used, nil
}

func makeTarget(p Problem) error {
	entry, _ := claudecli.FindSharedEntry(p.Entry)
	if entry.Dir {
		return os.MkdirAll(p.Target, 0o700)
	}
	return os.MkdirAll(filepath.Dir(p.Target), 0o700)
}

// relink replaces a link by the right one in one step.
func relink(p Problem) error {
	beside := p.Path + ".claudepool-link"
	_ = os.Remove(beside) // best effort: one that was left by a crash
	if err := os.Symlink(p.Target, beside); err != nil {
		return err
	}
	return os.Rename(beside, p.Path)
}

// lock keeps other launches from mending links to the same base, and returns what unlocks. It is best effort:
// not every file system has locks.
func lock(dir string) (unlock func()) {
	f, err := os.Open(dir)
	if err != nil {
		return func() {}
	}
	_ = syscall.Flock(int(f.Fd()), syscall.LOCK_EX)
	return func() { _ = f.Close() }
}
