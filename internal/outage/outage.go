// Package outage is what the processes of a machine know together of a database that can't be reached, so that not each
// of them waits for it to find out: a file that is there while the database is away.
//
// The file's time is that of the last try, and its text tells since when and why. Who tries again holds a lock on it, which
// the system takes back where the process is killed. Nobody ever waits for it.
package outage

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Pause is how long after a failure nobody tries; then one process does.
const Pause = 10 * time.Second

// Outage is the file of one database.
type Outage struct {
	// Path is where the file is kept. Where it can't be, everybody tries for themselves.
	Path string
	// Away tells whether an error says that the database can't be reached.
	Away func(error) bool
	Now  func() time.Time
}

// Error says that the database was away a moment ago, and was not asked.
type Error struct {
	// Since is when it was found to be away first.
	Since time.Time
	// Trouble is what was said of it then.
	Trouble string
}

func (e *Error) Error() string { return e.Trouble }

// note is the text of the file.
type note struct {
	Since   time.Time
	Trouble string
}

// Try runs f, and notes whether the database is away. Errors: those of f, and *Error where f was not run: the database
// has failed less than Pause ago, or another process is trying just now.
func (o Outage) Try(f func() error) error {
	file, err := os.Open(o.Path)
	if err != nil { // mostly: there is no outage
		return o.noted(f())
	}
	defer file.Close()
	// Locked before it is looked at: another may have tried just now.
	if unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB) == unix.EWOULDBLOCK || o.isFresh(file) {
		return o.refusal(file)
	}
	return o.noted(f())
}

// Ask runs f without asking whether that makes sense: a person wants to know.
func (o Outage) Ask(f func() error) error { return o.noted(f()) }

// noted notes what came of a try, best effort: without the file everybody tries for themselves.
func (o Outage) noted(err error) error {
	if !o.Away(err) {
		if _, known := os.Lstat(o.Path); known == nil {
			_ = os.Remove(o.Path)
		}
		return err
	}
	if os.Chtimes(o.Path, time.Time{}, o.Now()) == nil { // it goes on
		return err
	}
	text, _ := json.Marshal(note{o.Now().UTC(), err.Error()}) // has no errors
	_ = o.begin(text)
	return err
}

// begin writes the file whole, so that nobody reads half of it.
func (o Outage) begin(text []byte) error {
	if err := os.MkdirAll(filepath.Dir(o.Path), 0o700); err != nil {
		return err
	}
	temporary := fmt.Sprintf("%s.%d.tmp", o.Path, os.Getpid())
	if err := os.WriteFile(temporary, text, 0o600); err != nil {
		return err
	}
	err := os.Chtimes(temporary, time.Time{}, o.Now())
	if err == nil {
		err = os.Link(temporary, o.Path) // not over that of another process, which was first
	}
	return errors.Join(err, os.Remove(temporary))
}

// isFresh tells whether the last try is less than Pause ago. One in the future is that of a wrong clock.
func (o Outage) isFresh(file *os.File) bool {
	info, err := file.Stat()
	if err != nil {
		return false
	}
	ago := o.Now().Sub(info.ModTime())
	return ago >= 0 && ago < Pause
}

func (o Outage) refusal(file *os.File) error {
	var n note
	if err := json.NewDecoder(file).Decode(&n); err != nil {
		n = note{o.Now(), "it failed a moment ago"}
	}
	return &Error{n.Since, n.Trouble}
}
