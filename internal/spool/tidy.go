package spool

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	// MostDamaged is how many records that nothing can be read from are kept for a person to look at, the latest of them.
	MostDamaged = 100
	// newAfter is the age of a record that says not even whose it is, from which on its writer is gone for good.
	newAfter = 24 * time.Hour
)

// Tidy removes what would else pile up: damaged records beyond the latest MostDamaged, and those whose writer was killed
// while it began them, which hold no usage. It returns how many.
func (s Spool) Tidy(now time.Time) (removed int, err error) {
	type leftover struct {
		path string
		at   time.Time
	}
	var damaged, gone []leftover
	for _, dir := range s.Dirs() {
		entries, _ := os.ReadDir(dir) // it is there and ours
		for _, e := range entries {
			info, err := e.Info()
			if err != nil || !info.Mode().IsRegular() {
				continue
			}
			found := leftover{filepath.Join(dir, e.Name()), info.ModTime()}
			switch {
			case strings.HasSuffix(e.Name(), damagedSuffix):
				damaged = append(damaged, found)
			case strings.HasSuffix(e.Name(), suffix+newSuffix) && now.Sub(found.at) > newAfter:
				gone = append(gone, found)
			}
		}
	}
	slices.SortFunc(damaged, func(a, b leftover) int { return cmp.Or(b.at.Compare(a.at), cmp.Compare(a.path, b.path)) })
	gone = append(gone, damaged[min(MostDamaged, len(damaged)):]...)
	for _, g := range gone {
		if failed := os.Remove(g.path); failed != nil && !errors.Is(failed, fs.ErrNotExist) {
			err = errors.Join(err, failed)
			continue
		}
		removed++
	}
	return removed, err
}
