package sharing

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// backupForm is how the name of a backup begins: the time at which it was made, in UTC.
const backupForm = "20060102T150405.000Z"

// PruneBackups removes the backups of a config directory that were made before a time, and returns how many. What is not
// named as a backup is left alone.
func PruneBackups(configDir string, before time.Time) (removed int, err error) {
	dir := filepath.Join(configDir, Backups)
	backups, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	for _, b := range backups {
		if at, ok := backupTime(b.Name()); !ok || !b.IsDir() || !at.Before(before) {
			continue
		}
		if failed := os.RemoveAll(filepath.Join(dir, b.Name())); failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		removed++
	}
	return removed, err
}

func backupTime(name string) (time.Time, bool) {
	if len(name) <= len(backupForm) || name[len(backupForm)] != '-' {
		return time.Time{}, false
	}
	at, err := time.Parse(backupForm, name[:len(backupForm)])
	return at, err == nil
}
