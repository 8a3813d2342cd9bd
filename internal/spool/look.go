package spool

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"claudepool/pool"
)

// Found is what lies in a spool, as paths.
type Found struct {
	// Waiting are the records that Drain would book.
	Waiting []string
	// Written are the records of sessions that still run.
	Written []string
	// Damaged are those that nothing can be read from.
	Damaged []string
}

// Look tells what lies in the spool, and changes nothing.
func (s Spool) Look(probe pool.Probe, now time.Time) (f Found) {
	for _, path := range s.Files() {
		switch record, err := read(path); {
		case err != nil:
			f.Damaged = append(f.Damaged, path)
		case record.stillWritten(probe, now):
			f.Written = append(f.Written, path)
		default:
			f.Waiting = append(f.Waiting, path)
		}
	}
	for _, dir := range s.Dirs() {
		entries, _ := os.ReadDir(dir) // it is there and ours
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), damagedSuffix) {
				f.Damaged = append(f.Damaged, filepath.Join(dir, e.Name()))
			}
		}
	}
	return f
}

// Dirs returns the directories of the spool that are there and that others can't put files into.
func (s Spool) Dirs() (dirs []string) {
	for _, dir := range s.dirs {
		if checkPrivate(dir) == nil {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}
