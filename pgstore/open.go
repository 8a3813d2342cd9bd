package pgstore

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"claudepool/pool"
)

// DefaultConnectTimeout is how long to try to connect to a host unless the URL, or PGCONNECT_TIMEOUT, says otherwise: a
// person waits for it.
const DefaultConnectTimeout = time.Second

// DefaultBusyTimeout is how long to wait for somebody else's lock unless Options say otherwise.
const DefaultBusyTimeout = 5 * time.Second

// stalledTimeout is after how long the database ends a transaction whose client says nothing more, as one that was
// stopped or cut off: it may hold a lock.
const stalledTimeout = 10 * time.Second

// Options says how to open a database.
type Options struct {
	// Create makes the tables where there are none.
	Create bool
	// BusyTimeout is how long to wait for somebody else's lock; 0 stands for DefaultBusyTimeout.
	BusyTimeout time.Duration
	// Thresholds are the shares of a window or budget that events tell of; nil stands for pool.DefaultThresholds.
	Thresholds []float64
	// Now is our clock, which the database's is compared with; nil stands for time.Now.
	Now func() time.Time
	// tracer sees what is sent, in tests.
	tracer pgx.QueryTracer
}

// Store is a pool in a PostgreSQL database.
type Store struct {
	db         database
	thresholds []float64
	skew       time.Duration
	// connections counts those that were made.
	connections *atomic.Int64
	// launching holds a token while nobody chooses; known is who has it's.
	launching chan struct{}
	known     *known
}

var _ pool.Store = (*Store)(nil)

// Open opens the database of a URL (postgres://…) and brings its schema up to date. What the URL does not say is taken from the
// environment, the service file and the password file, as libpq does. No error holds the URL or its password.
// Errors: pool.ErrNoPool where there are no tables and o does not create them, and those of every Store.
func Open(ctx context.Context, databaseURL string, o Options) (*Store, error) {
	connections := new(atomic.Int64)
	config, err := configFor(databaseURL, o)
	if err != nil {
		return nil, err
	}
	config.AfterConnect = func(context.Context, *pgx.Conn) error {
		connections.Add(1)
		return nil
	}
	what := "open " + place(config.ConnConfig)
	db, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, translate(what, err)
	}
	s := &Store{db: database{db}, thresholds: o.Thresholds, connections: connections, launching: make(chan struct{}, 1)}
	s.launching <- struct{}{}
	if s.thresholds == nil {
		s.thresholds = pool.DefaultThresholds
	}
	if err := s.migrate(ctx, migrations, o); err != nil {
		s.db.Close()
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	return s, nil
}

// errURL does not wrap what the parser says, which quotes the URL.
var errURL = fmt.Errorf("%w: the URL of the database is not understood; in a name or password of it, write %%40 for @, %%2F for / and %%3F for ?",
	pool.ErrUnreadable)

// errSetting is of a URL that looks like one.
var errSetting = fmt.Errorf("%w: a setting in the URL of the database, or a variable PG… of the environment, is wrong", pool.ErrUnreadable)

func configFor(databaseURL string, o Options) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(databaseURL)
	if err != nil {
		return nil, urlError(databaseURL, err)
	}
	c := config.ConnConfig
	c.Tracer = o.tracer
	if strings.Contains(c.Host+c.Database, "@") { // it may be the password's, and what follows is part of that
		return nil, errURL
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = DefaultConnectTimeout
	}
	if o.BusyTimeout <= 0 {
		o.BusyTimeout = DefaultBusyTimeout
	}
	for name, value := range map[string]string{
		"application_name":                    "claudepool",
		"lock_timeout":                        milliseconds(o.BusyTimeout),
		"idle_in_transaction_session_timeout": milliseconds(stalledTimeout),
	} {
		if _, given := c.RuntimeParams[name]; !given {
			c.RuntimeParams[name] = value
		}
	}
	return config, nil
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%dms", max(d.Milliseconds(), 1)) }

// urlError says what is wrong with a URL as far as that can be said without quoting it.
func urlError(databaseURL string, err error) error {
	if missing := (*os.PathError)(nil); errors.As(err, &missing) { // a certificate, or the service file
		return fmt.Errorf("%w: %w", errURL, missing)
	}
	if u, err := url.Parse(databaseURL); err == nil && strings.HasPrefix(u.Scheme, "postgres") {
		return errSetting
	}
	return errURL
}

// place names a database without what is secret of its URL.
func place(c *pgx.ConnConfig) string {
	return (&url.URL{Scheme: "postgres", Host: fmt.Sprintf("%s:%d", c.Host, c.Port), Path: c.Database}).String()
}

// Close closes the database.
func (s *Store) Close() error {
	s.db.Close()
	return nil
}

// Skew is how far the database's clock is ahead of ours, as it was when the store was opened, to a few milliseconds. Who
// brings the time to the store's methods adds it, so that machines with wrong clocks agree.
func (s *Store) Skew() time.Duration { return s.skew }
