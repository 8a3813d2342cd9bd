package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver "sqlite"

	"claudepool/pool"
)

// DefaultBusyTimeout is how long to wait for somebody else's lock unless Options say otherwise.
const DefaultBusyTimeout = 5 * time.Second

// Options says how to open a database.
type Options struct {
	// Create makes the file (0600) and its directories (0700) where they are missing.
	Create bool
	// ReadOnly changes nothing, not even the schema, and leaves no companion file that was not there.
	ReadOnly bool
	// BusyTimeout is how long to wait for somebody else's lock; 0 stands for DefaultBusyTimeout.
	BusyTimeout time.Duration
	// Thresholds are the shares of a window or budget that events tell of; nil stands for pool.DefaultThresholds.
	Thresholds []float64
}

// Store is a pool in one SQLite file.
type Store struct {
	db         *sql.DB
	thresholds []float64
}

var _ pool.Store = (*Store)(nil)

// Open opens the database at path and brings its schema up to date.
// Errors: pool.ErrNoPool where there is no file and o does not create one, pool.ErrOlderSchema where it is to be read
// only and its schema is not the latest, and those of every Store.
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("path of the database: %w", err)
	}
	if err := prepareFile(path, o.Create); err != nil {
		return nil, err
	}
	if o.BusyTimeout <= 0 {
		o.BusyTimeout = DefaultBusyTimeout
	}
	s, err := connect(path, o)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if o.Thresholds != nil {
		s.thresholds = o.Thresholds
	}
	prepare := s.migrate
	if o.ReadOnly {
		prepare = s.refuseOlder
	}
	if err := prepare(ctx, migrations, o.BusyTimeout); err != nil {
		_ = s.db.Close() // the first error says more
		return nil, fmt.Errorf("open %s: %w", path, refine(err, path))
	}
	return s, nil
}

// connect returns a store that has not looked at its file yet.
func connect(path string, o Options) (*Store, error) {
	name := dsn(path, o.BusyTimeout)
	if o.ReadOnly {
		name = readingDSN(path, o.BusyTimeout)
	}
	db, err := sql.Open("sqlite", name)
	if err != nil {
		return nil, err
	}
	// One connection: a launch needs no second, and opening one costs more than all of its queries.
	db.SetMaxOpenConns(1)
	return &Store{db: db, thresholds: pool.DefaultThresholds}, nil
}

// Close closes the database.
func (s *Store) Close() error { return translate("close the database", s.db.Close()) }

// dsn sets everything up on the way in, so that it holds for every connection. The path is escaped:
// SQLite would take a ? or # in it as the end. mode=rw never creates a file.
func dsn(path string, busy time.Duration) string {
	query := url.Values{
		"mode":          {"rw"},
		"_txlock":       {"immediate"}, // a transaction that turns into a writer later can't wait for its lock
		"_busy_timeout": {strconv.FormatInt(max(busy.Milliseconds(), 1), 10)},
		"_journal_mode": {"WAL"},
		"_synchronous":  {"NORMAL"}, // in WAL mode a power cut can lose the last commits, never the database
		"_foreign_keys": {"ON"},
		"_error_rc":     {"1"}, // no text of another operation in an error
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String()
}

// readingDSN is for reading only. Where there is a journal its companions are used as they are. Where there is none
// SQLite would make them, and leave them behind; so it is told that nobody writes to the file. Who does all the same,
// meanwhile, can make it look damaged.
func readingDSN(path string, busy time.Duration) string {
	query := url.Values{
		"mode":          {"ro"},
		"_busy_timeout": {strconv.FormatInt(max(busy.Milliseconds(), 1), 10)},
		"_error_rc":     {"1"},
	}
	if _, err := os.Stat(path + "-wal"); errors.Is(err, fs.ErrNotExist) {
		query.Set("immutable", "1")
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String()
}

// maxPath is the longest path of a database, in bytes: of a longer one SQLite only says that it can't be opened. Its own
// limit is 512, with the -journal that it may put behind (modernc.org/sqlite 1.62).
const maxPath = 504

// creating is held while the file is made: closing a file drops every lock that the process has on
// it, those of a Store that another goroutine opened meanwhile too.
var creating sync.Mutex

func prepareFile(path string, create bool) error {
	creating.Lock()
	defer creating.Unlock()
	_, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !create:
		return fmt.Errorf("%s: %w", path, pool.ErrNoPool)
	case len(path) > maxPath:
		return fmt.Errorf("%w: its path has %d bytes, and SQLite takes no more than %d: %s", pool.ErrUnreadable, len(path), maxPath, path)
	case err == nil || !errors.Is(err, fs.ErrNotExist):
		return fileError(path, err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fileError(path, err)
	}
	// SQLite gives its companions of the file the same mode.
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) { // another process was first
		return nil
	}
	if err != nil {
		return fileError(path, err)
	}
	return fileError(path, f.Close())
}
