package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"claudepool/internal/claudecli"
)

// checkPermissions finds what others can read or write.
func (d *doctor) checkPermissions(context.Context) (found []finding) {
	for _, paths := range d.privatePaths() {
		open := openToOthers(paths)
		if len(open) == 0 {
			continue
		}
		first := open[0]
		f := warning(fmt.Sprintf("to close it: chmod %o %s", first.closed, shellQuote(first.path)),
			"others can get at %s: its mode is %04o", first.path, first.mode)
		f.mend = func() (string, error) { return fmt.Sprintf("now it is %04o", first.closed), closeAll(open) }
		found = append(found, f)
	}
	return orWell(found, "no others can get at the pool and the logins")
}

// privatePaths are the files and directories of ours, and the logins, of which only the modes are looked at; those
// that belong together are one entry. The directory of a database that was put somewhere by hand may be for others
// too.
func (d *doctor) privatePaths() [][]string {
	p, database := d.settings.places, d.settings.databaseFile()
	paths := [][]string{
		{database, database + "-wal", database + "-shm"}, // SQLite gives its companions the same mode
		{database + ".spool"}, {d.settings.Log.path},
		{filepath.Join(p.data, "subscriptions")},
	}
	if filepath.Dir(database) == p.state {
		paths = append(paths, []string{p.state})
	}
	for _, s := range d.subscriptions {
		dir := d.configDirOf(s.ConfigDir)
		if strings.HasPrefix(dir, filepath.Join(p.data, "subscriptions")+"/") {
			paths = append(paths, []string{dir})
		}
		paths = append(paths, []string{claudecli.CredentialsFile(dir)})
	}
	return paths
}

// openPath is a file or directory that others can get at, with the mode that it should have.
type openPath struct {
	path         string
	mode, closed os.FileMode
}

// openToOthers leaves out what is not there, and what is not ours to close.
func openToOthers(paths []string) (open []openPath) {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil || !isOwn(info) || info.Mode().Perm()&0o077 == 0 {
			continue
		}
		closed := os.FileMode(0o600)
		if info.IsDir() {
			closed = 0o700
		}
		open = append(open, openPath{path, info.Mode().Perm(), closed})
	}
	return open
}

func closeAll(open []openPath) (err error) {
	for _, o := range open {
		err = errors.Join(err, os.Chmod(o.path, o.closed))
	}
	return err
}

func isOwn(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}
