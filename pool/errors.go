package pool

import (
	"errors"
	"fmt"
	"time"
)

// Sentinel errors of every Store.
var (
	// ErrNotFound: no subscription or session has that name or id.
	ErrNotFound = errors.New("not found")
	// ErrNameTaken: a subscription of that name is already in the pool.
	ErrNameTaken = errors.New("name is taken")
	// ErrDirTaken: a subscription with that config directory is already in the pool.
	ErrDirTaken = errors.New("config directory is taken")
	// ErrInUse: the subscription has running sessions.
	ErrInUse = errors.New("in use")
	// ErrAmbiguous: the prefix of an id fits several sessions.
	ErrAmbiguous = errors.New("ambiguous")
	// ErrNoPool: there is no pool yet: no database, or no subscription in it.
	ErrNoPool = errors.New("no pool")
	// ErrBusy: the database is locked by somebody else for longer than the time-out.
	ErrBusy = errors.New("database is busy")
	// ErrFull: there is no room left to write.
	ErrFull = errors.New("no space left for the database")
	// ErrReadOnly: the database can't be written.
	ErrReadOnly = errors.New("database is read-only")
	// ErrCorrupt: the database is damaged, or is no database.
	ErrCorrupt = errors.New("database is corrupt")
	// ErrUnreadable: the database can't be opened or read: it may not be looked at, is a directory, or
	// its disk fails.
	ErrUnreadable = errors.New("database can't be read")
	// ErrNewerSchema: a newer claudepool made the database.
	ErrNewerSchema = errors.New("database was made by a newer claudepool")
	// ErrOlderSchema: an older claudepool made the database, which was opened to be read only.
	ErrOlderSchema = errors.New("database was made by an older claudepool")
)

// ErrExhausted matches every *ExhaustedError.
var ErrExhausted = errors.New("pool is exhausted")

// ExhaustedError says that no subscription may be picked, and why for each.
type ExhaustedError struct {
	// FreeAt is the first moment at which one frees up by itself; zero where that is not known.
	FreeAt   time.Time
	Verdicts []Verdict
	// Told are the verdicts for who was not there: what keeps all runs out, and not only one that has tried.
	Told []Verdict
	// Ahead is how many requests wait before this one.
	Ahead int
}

func (e *ExhaustedError) Error() string {
	return fmt.Sprintf("%v: none of %d subscriptions may be picked", ErrExhausted, len(e.Verdicts))
}

// Is makes errors.Is(err, ErrExhausted) true.
func (e *ExhaustedError) Is(target error) bool { return target == ErrExhausted }

// InvalidError says which value was refused, and what would be right.
type InvalidError struct {
	// Field is what was refused, as in "name".
	Field string
	// Value is what was given, quoted and shortened where it is shown.
	Value string
	// Want says what is allowed, in words that follow "must".
	Want string
}

func (e *InvalidError) Error() string {
	return fmt.Sprintf("%s %s is not allowed: it must %s", e.Field, QuoteShort(e.Value), e.Want)
}

// QuoteShort quotes a text, of which it shows the first 60 letters.
func QuoteShort(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return fmt.Sprintf("%q…", string(r[:most]))
	}
	return fmt.Sprintf("%q", s)
}
