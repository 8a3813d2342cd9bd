package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"claudepool/pool"
)

// refuseNowhere refuses a path that would lie in the home directory of a user who has none; elsewhere is what to
// type to have it in another place.
func refuseNowhere(path, what, elsewhere string) error {
	if !strings.HasPrefix(path, nowhere+"/") {
		return nil
	}
	err := &configError{path: what, err: errors.New("there is no place for it: HOME is not set")}
	return withHint(err, "set it, or say where: %s", elsewhere)
}

// nearestThere is the path itself or, where that can't be looked at, the nearest directory above that can.
func nearestThere(path string) string {
	for {
		_, err := os.Lstat(path)
		above := filepath.Dir(path)
		if err == nil || above == path {
			return path
		}
		path = above
	}
}

// linkEnd is where a link leads, though nothing may be there, and any other path itself.
func linkEnd(path string) string {
	const mostLinks = 40 // as many as Linux follows
	for range mostLinks {
		target, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(path), target)
		}
		path = target
	}
	return path
}

// whoMayWrite is what to type about a path that could not be written.
func whoMayWrite(path string) string {
	return "see who may write there: ls -ld " + shellQuote(nearestThere(path))
}

// databaseHint is what to type about a database that can't be opened or written: of another user's there is
// nothing to mend.
func (a *app) databaseHint(err error) string {
	const another = "export CLAUDEPOOL_DB=/absolute/path"
	path := a.settings.Database
	there := nearestThere(path)
	switch {
	case isOfAnotherUser(there):
		return shellQuote(there) + " belongs to another user; use a pool of your own: " + another
	case errors.Is(err, pool.ErrReadOnly):
		return "make it writable: chmod u+w " + shellQuote(filepath.Dir(path)) + " " + shellQuote(path) + "; or use another: " + another
	}
	return "see what is wrong with it: ls -ld " + shellQuote(there) + "; or use another: " + another
}

// readOnlyError says that a database can't be written, nil where it can.
func readOnlyError(path string) error {
	for _, place := range []string{path, filepath.Dir(path)} {
		if err := unix.Access(place, unix.W_OK); err != nil {
			return fmt.Errorf("%s: %w: %w", place, pool.ErrReadOnly, err)
		}
	}
	return nil
}

func isOfAnotherUser(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	owner, known := info.Sys().(*syscall.Stat_t)
	return known && int(owner.Uid) != os.Geteuid()
}
