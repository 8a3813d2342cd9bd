package pgstore

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"

	"claudepool/pool"
)

//go:embed migrations/*.sql
var migrations embed.FS

// mark is what the database says: how many migrations are in, what time it is there, and how it encodes text.
type mark struct {
	version  int
	now      time.Time
	encoding string
}

// migrate brings the schema to the latest version, forward only. Migration n is the n-th file; the table
// claudepool counts those that are in.
func (s *Store) migrate(ctx context.Context, scripts fs.FS, o Options) error {
	files, err := fs.Glob(scripts, "migrations/*.sql")
	if err != nil {
		return err
	}
	found, err := s.firstMark(ctx, o)
	if err != nil {
		return err
	}
	if done, err := found.check(len(files)); done || err != nil {
		return err
	}
	if found.version == 0 && !o.Create {
		return pool.ErrNoPool
	}
	for number, file := range files {
		script, err := fs.ReadFile(scripts, file)
		if err != nil {
			return err
		}
		if err := s.apply(ctx, string(script), number, len(files)); err != nil {
			return fmt.Errorf("migration %s: %w", file, err)
		}
	}
	return nil
}

// check tells whether the schema is the latest, and refuses one that we must not write to.
func (m mark) check(latest int) (done bool, err error) {
	switch {
	case m.encoding != "UTF8":
		return false, fmt.Errorf("%w: its encoding is %s; make it anew with: createdb --encoding UTF8 --template template0", pool.ErrUnreadable, m.encoding)
	case m.version > latest:
		return false, fmt.Errorf("%w: its schema has version %d, this claudepool knows up to %d",
			pool.ErrNewerSchema, m.version, latest)
	}
	return m.version == latest, nil
}

var errForeign = fmt.Errorf("%w: it belongs to another program; give the pool a database, or a schema, of its own", pool.ErrCorrupt)

// firstMark opens the connection, and compares the clocks. The time there is taken to be that of the middle of the query.
func (s *Store) firstMark(ctx context.Context, o Options) (mark, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if err := s.db.Ping(ctx); err != nil { // connecting takes longer than asking, and not the same both ways
		return mark{}, translate("connect", err)
	}
	before := o.Now()
	found, err := readMark(ctx, s.db)
	after := o.Now()
	s.skew = found.now.Sub(before.Add(after.Sub(before) / 2))
	return found, err
}

// apply runs one migration in a transaction, unless another process was first. Many processes may begin with an empty
// database at once: they wait for each other.
func (s *Store) apply(ctx context.Context, script string, number, latest int) error {
	return s.transact(ctx, "migrate", pgx.TxOptions{}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(1668051044, hashtext(current_schema()))`); err != nil {
			return err
		}
		found, err := readMark(ctx, tx)
		if err != nil {
			return err
		}
		if _, err := found.check(latest); err != nil || found.version > number {
			return err
		}
		if number == 0 {
			if err := refuseForeign(ctx, tx); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `CREATE TABLE claudepool (version BIGINT NOT NULL PRIMARY KEY)`); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, script); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO claudepool (version) VALUES ($1)`, number+1)
		return err
	})
}

// refuseForeign keeps us from writing into the tables of another program.
func refuseForeign(ctx context.Context, tx pgx.Tx) error {
	var tables int
	err := tx.QueryRow(ctx, `
		SELECT count(*) FROM pg_class
		WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema()) AND relkind IN ('r', 'p')`).Scan(&tables)
	if err == nil && tables > 0 {
		err = errForeign
	}
	return err
}

// readMark looks for the table in the catalog: to_regclass may remember that there was none, though another process has made
// it while we waited for the lock.
func readMark(ctx context.Context, q querier) (found mark, err error) {
	var exists bool
	var now int64
	err = q.QueryRow(ctx, `
		SELECT EXISTS (
				SELECT 1 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
				WHERE relname = 'claudepool' AND nspname = ANY (current_schemas(false))),
			(extract(epoch FROM clock_timestamp()) * 1000)::bigint, current_setting('server_encoding')`,
	).Scan(&exists, &now, &found.encoding)
	if found.now = time.UnixMilli(now); err == nil && exists {
		err = q.QueryRow(ctx, `SELECT coalesce(max(version), 0) FROM claudepool`).Scan(&found.version)
	}
	return found, translate("read the schema version", err)
}
