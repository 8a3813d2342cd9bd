package spool

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"claudepool/pool"
)

// Contents is what lies in a spool, as paths.
type Contents struct {
	// Waiting are the records that Drain would book.
	Waiting []string
	// Written are the records of sessions that still run.
	Written []string
	// Damaged are those that nothing can be read from.
	Damaged []string
}

// Look tells what lies in the spool, and changes nothing.
func (s Spool) Look(probe pool.Probe, now time.Time) (c Contents) {
	for _, path := range s.Files() {
		switch record, err := read(path); {
		case err != nil:
			c.Damaged = append(c.Damaged, path)
		case record.stillWritten(probe, now):
			c.Written = append(c.Written, path)
		default:
			c.Waiting = append(c.Waiting, path)
		}
	}
	for _, dir := range s.Dirs() {
		entries, _ := os.ReadDir(dir) // it is there and ours
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), damagedSuffix) {
				c.Damaged = append(c.Damaged, filepath.Join(dir, e.Name()))
			}
		}
	}
	return c
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
