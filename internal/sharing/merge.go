package sharing

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"
)

// merge brings what was written in a link's place to where the link leads.
type merge struct {
	// backup is the directory for versions that differ, made when it is needed.
	backup string
	// used is backup once there is something in it.
	used string
}

// all merges a file or directory into the target and leaves nothing of it.
func (m *merge) all(from, to string) error {
	root := from
	var dirs []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if !d.IsDir() {
			return m.one(path, filepath.Join(to, rel), filepath.Join(filepath.Base(to), rel))
		}
		if info, err := os.Stat(filepath.Join(to, rel)); err == nil && !info.IsDir() {
			if err := m.keep(path, filepath.Join(filepath.Base(to), rel)+".replaced"); err != nil {
				return err
			}
			return fs.SkipDir
		}
		dirs = append(dirs, path)
		return os.MkdirAll(filepath.Join(to, rel), 0o700)
	})
	if err != nil {
		return err
	}
	for _, dir := range slices.Backward(dirs) {
		if err := os.Remove(dir); err != nil { // not RemoveAll: something may have come into it
			return err
		}
	}
	return nil
}

// one merges a file that is no directory. rel is its name in the backup.
func (m *merge) one(from, to, rel string) error {
	there, err := os.Lstat(to)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return move(from, to)
	case err != nil:
		return err
	}
	here, err := os.Lstat(from)
	if err != nil {
		return err
	}
	if !here.Mode().IsRegular() || !there.Mode().IsRegular() {
		return m.keep(from, rel+".replaced")
	}
	if same, err := sameContent(from, to); err != nil {
		return err
	} else if same {
		return os.Remove(from)
	}
	if !here.ModTime().After(there.ModTime()) {
		_ = m.link(to, rel+".base") // best effort: it stays where it is
		return m.keep(from, rel+".replaced")
	}
	if m.link(to, rel+".base") != nil { // for a moment there is none
		if err := m.keep(to, rel+".base"); err != nil {
			return err
		}
	}
	_ = m.link(from, rel+".replaced") // best effort: it comes to stay where it goes
	return move(from, to)
}

// keep moves a version into the backup.
func (m *merge) keep(from, rel string) error {
	to, err := m.place(rel)
	if err != nil {
		return err
	}
	return move(from, to)
}

// link gives a version a name in the backup, too. Nothing is copied: settings may have a key in them.
func (m *merge) link(from, rel string) error {
	to, err := m.place(rel)
	if err != nil {
		return err
	}
	return os.Link(from, to)
}

// place makes the way to a file of the backup, for the user alone.
func (m *merge) place(rel string) (string, error) {
	path := filepath.Join(m.backup, rel)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	m.used = m.backup
	return path, nil
}

// move renames a file, or copies it where it goes to another file system.
func move(from, to string) error {
	err := os.Rename(from, to)
	if !errors.Is(err, syscall.EXDEV) {
		return err
	}
	info, err := os.Lstat(from)
	if err != nil {
		return err
	}
	switch {
	case info.Mode().IsRegular():
		err = copyFile(from, to, info.Mode().Perm())
		_ = os.Chtimes(to, info.ModTime(), info.ModTime()) // best effort: --continue goes by it
	case info.IsDir():
		err = os.CopyFS(to, os.DirFS(from))
	default:
		var leads string
		if leads, err = os.Readlink(from); err == nil {
			err = os.Symlink(leads, to)
		}
	}
	if err != nil {
		return err
	}
	return os.RemoveAll(from)
}

// copyFile writes a copy beside its place first: a reader sees all of it or nothing.
func copyFile(from, to string, mode fs.FileMode) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.CreateTemp(filepath.Dir(to), "."+filepath.Base(to)+"-*")
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	err = errors.Join(err, out.Chmod(mode), out.Close())
	if err == nil {
		err = os.Rename(out.Name(), to)
	}
	if err != nil {
		_ = os.Remove(out.Name()) // best effort
	}
	return err
}

func sameContent(a, b string) (bool, error) {
	fileA, err := os.Open(a)
	if err != nil {
		return false, err
	}
	defer fileA.Close()
	fileB, err := os.Open(b)
	if err != nil {
		return false, err
	}
	defer fileB.Close()
	bufA, bufB := make([]byte, 64<<10), make([]byte, 64<<10)
	for {
		nA, errA := io.ReadFull(fileA, bufA)
		nB, errB := io.ReadFull(fileB, bufB)
		if !bytes.Equal(bufA[:nA], bufB[:nB]) {
			return false, nil
		}
		if errA != nil || errB != nil {
			return ended(errA) && ended(errB), readError(errA, errB)
		}
	}
}

func ended(err error) bool { return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) }

// readError is the first error that is not the end of a file.
func readError(errs ...error) error {
	for _, err := range errs {
		if err != nil && !ended(err) {
			return err
		}
	}
	return nil
}
