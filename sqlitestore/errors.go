package sqlitestore

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"claudepool/pool"
)

// translate puts what was being done in front of an error and makes the native errors of SQLite match
// the sentinels of pool.
func translate(what string, err error) error {
	if err == nil {
		return nil
	}
	var native *sqlite.Error
	if !errors.As(err, &native) || isTranslated(err) {
		return fmt.Errorf("%s: %w", what, err)
	}
	sentinel := sentinelFor(native.Code())
	if sentinel == pool.ErrReadOnly { // SQLite says the same in more words
		return fmt.Errorf("%s: %w", what, sentinel)
	}
	if sentinel != nil {
		return fmt.Errorf("%s: %w: %w", what, sentinel, err)
	}
	return fmt.Errorf("%s: %w", what, err)
}

func isTranslated(err error) bool {
	for _, sentinel := range []error{
		pool.ErrBusy, pool.ErrFull, pool.ErrReadOnly, pool.ErrCorrupt, pool.ErrUnreadable,
	} {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	return false
}

// sentinelFor returns nil for a code that stands for a fault of ours.
func sentinelFor(code int) error {
	switch code {
	case sqlite3.SQLITE_IOERR_SHMSIZE: // the index of the WAL could not be made larger
		return pool.ErrFull
	case sqlite3.SQLITE_IOERR_WRITE: // a quota, or the largest size of a file: of a full disk it says FULL
		return pool.ErrFull
	}
	const primary = 0xff // the low byte; the rest tells more
	switch code & primary {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL:
		return pool.ErrBusy
	case sqlite3.SQLITE_FULL:
		return pool.ErrFull
	case sqlite3.SQLITE_READONLY:
		return pool.ErrReadOnly
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return pool.ErrCorrupt
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH:
		return pool.ErrUnreadable
	}
	return nil
}

// fileError does for errors of the file system what translate does for SQLite's.
func fileError(path string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", pool.ErrFull, err)
	case errors.Is(err, syscall.EROFS):
		return fmt.Errorf("%w: %w", pool.ErrReadOnly, err)
	default:
		return fmt.Errorf("%w: %w", pool.ErrUnreadable, err)
	}
}

// refine tells a database that may be read and not written from one that can't be opened at all:
// SQLite says "unable to open" of both, since it writes beside the file even to read it.
func refine(err error, path string) error {
	if !errors.Is(err, pool.ErrUnreadable) || unix.Access(path, unix.R_OK) != nil {
		return err
	}
	for _, place := range []string{path, filepath.Dir(path)} {
		denied := unix.Access(place, unix.W_OK)
		if errors.Is(denied, fs.ErrPermission) || errors.Is(denied, syscall.EROFS) {
			return fmt.Errorf("%w: %w", pool.ErrReadOnly, denied)
		}
	}
	return err
}
