// Package rotate is a file that lines are appended to and that does not grow for ever: when it has got too large it is
// put aside and a new one begun. Any number of processes may append to one file at once, and each may rotate it.
package rotate

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
)

// Old is how many old files are kept, as path.1 (the latest) to path.3.
const Old = 3

// File is such a file. It is opened with the first write, made where it is missing (0600, its directory 0700), and
// followed to where it is by then. The zero value with a Path is ready.
type File struct {
	Path string
	// Most is the size in bytes that a write must not begin beyond; 0 is no bound.
	Most int64

	mu   sync.Mutex
	file *os.File
}

// Write appends, in one write at the end of the file, so that lines of several processes do not mix.
func (f *File) Write(line []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.open(); err != nil {
		return 0, err
	}
	if f.isFull() && f.rotate() == nil { // else it goes on growing, which is better than losing lines
		if err := f.open(); err != nil {
			return 0, err
		}
	}
	return f.file.Write(line)
}

// Close closes the file. A write after that opens it again.
func (f *File) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.file == nil {
		return nil
	}
	err := f.file.Close()
	f.file = nil
	return err
}

// open opens the file that the path names now: another process may have put aside the one that we have.
func (f *File) open() error {
	if f.file != nil && isAt(f.file, f.Path) {
		return nil
	}
	if f.file != nil {
		_ = f.file.Close() // all that we wrote is in it
		f.file = nil
	}
	if err := os.MkdirAll(filepath.Dir(f.Path), 0o700); err != nil {
		return err
	}
	file, err := os.OpenFile(f.Path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	f.file = file
	return nil
}

// isFull tells whether a new file is due. What is no plain file, as /dev/stderr or a pipe, never is.
func (f *File) isFull() bool {
	info, err := f.file.Stat()
	return f.Most > 0 && err == nil && info.Mode().IsRegular() && info.Size() >= f.Most
}

// rotate puts the file aside. The lock is on the file itself, so that of all those who find it full one does it, and the
// others see then that it is not at its path any more.
func (f *File) rotate() error {
	for {
		err := syscall.Flock(int(f.file.Fd()), syscall.LOCK_EX)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("lock %s: %w", f.Path, err)
		}
		break
	}
	defer func() { _ = syscall.Flock(int(f.file.Fd()), syscall.LOCK_UN) }() // else it ends with the file
	if !isAt(f.file, f.Path) {
		return nil
	}
	for n := Old - 1; n >= 0; n-- {
		if err := os.Rename(f.old(n), f.old(n+1)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// old is the path of an old file, the latest being 1; 0 is the file itself.
func (f *File) old(n int) string {
	if n == 0 {
		return f.Path
	}
	return fmt.Sprintf("%s.%d", f.Path, n)
}

// isAt tells whether the path names the open file.
func isAt(file *os.File, path string) bool {
	open, err := file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(path)
	return err == nil && os.SameFile(open, named)
}
