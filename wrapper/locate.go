package wrapper

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Lookup is where the real CLI is looked for.
type Lookup struct {
	// Named is the file or command name that the user has set, "" where none is; NamedBy says where
	// it was set, for errors.
	Named, NamedBy string
	// Path is the search path, as in PATH.
	Path string
	// Home is the user's home directory, "" where unknown.
	Home string
	// ShimDirs are directories whose `claude` is ours, whatever it looks like.
	ShimDirs []string
}

// ErrIsOurselves: what was named as the real CLI is claudepool.
var ErrIsOurselves = errors.New("that is claudepool itself")

// Locate returns the path of the real CLI: the one named, else the first on the search path that is
// not ourselves, else one in the usual install places. Errors: *StartError, whose Err is fs.ErrNotExist,
// fs.ErrPermission, ErrIsOurselves, or why a path that was named can't be that of a program.
func (l Lookup) Locate() (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("find this program's own file: %w", err)
	}
	s := search{self: resolved(self), Lookup: l}
	if l.Named != "" {
		return s.named()
	}
	for _, dir := range append(filepath.SplitList(l.Path), l.usualPlaces()...) {
		if path, ok := s.in(dir, "claude"); ok {
			return path, nil
		}
	}
	return "", s.notFound("claude")
}

// usualPlaces are where the CLI's installers and npm put it.
func (l Lookup) usualPlaces() []string {
	places := []string{"/usr/local/bin", "/opt/homebrew/bin", "/usr/bin"}
	if l.Home == "" {
		return places
	}
	inHome := []string{".local/bin", ".claude/local", ".npm-global/bin", ".bun/bin"}
	for i, dir := range inHome {
		inHome[i] = filepath.Join(l.Home, dir)
	}
	return append(inHome, places...)
}

// search is one run of Locate.
type search struct {
	Lookup
	self   string
	denied string
}

func (s *search) named() (string, error) {
	path := s.Named
	if !strings.Contains(path, "/") {
		for _, dir := range filepath.SplitList(s.Path) {
			if found, ok := s.in(dir, path); ok {
				return found, nil
			}
		}
		return "", s.notFound(path)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", &StartError{s.Named, err}
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", &StartError{path, fs.ErrNotExist}
	case err != nil && !errors.Is(err, fs.ErrPermission):
		return "", &StartError{path, errors.Unwrap(err)} // the path is said already
	case err == nil && info.IsDir():
		return "", &StartError{path, syscall.EISDIR}
	case err != nil || !isRunnable(info):
		return "", &StartError{path, fs.ErrPermission}
	case s.isOurs(path):
		return "", &StartError{path, ErrIsOurselves}
	}
	return path, nil
}

func (s *search) notFound(name string) error {
	if s.denied != "" {
		return &StartError{s.denied, fs.ErrPermission}
	}
	return &StartError{name, fs.ErrNotExist}
}

// in looks for a command in one directory of the search path, and passes over ourselves. An empty
// directory means the current one, as in the shell.
func (s *search) in(dir, name string) (string, bool) {
	path, err := filepath.Abs(filepath.Join(dir, name))
	if err != nil {
		return "", false
	}
	info, err := os.Stat(path)
	if err != nil || info.IsDir() {
		return "", false
	}
	if s.isOurs(path) {
		return "", false
	}
	if !isRunnable(info) {
		if s.denied == "" {
			s.denied = path
		}
		return "", false
	}
	return path, true
}

// isOurs tells whether a file is this program: the same file behind links, another installation of it
// behind a link, or whatever lies in a shim directory.
func (s *search) isOurs(path string) bool {
	for _, dir := range s.ShimDirs {
		if dir != "" && filepath.Dir(path) == filepath.Clean(dir) {
			return true
		}
	}
	target := resolved(path)
	return target == s.self || filepath.Base(target) == "claudepool" || sameFile(target, s.self)
}

func sameFile(a, b string) bool {
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	return errA == nil && errB == nil && os.SameFile(infoA, infoB)
}

// resolved follows all links, and returns the path itself where that fails.
func resolved(path string) string {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		return target
	}
	return path
}

func isRunnable(info fs.FileInfo) bool { return !info.IsDir() && info.Mode()&0o111 != 0 }
