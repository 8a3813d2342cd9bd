package sqlitestore

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"claudepool/pool"
)

//go:embed migrations/*.sql
var migrations embed.FS

// retryEvery is the pause between attempts at a lock that SQLite itself does not wait for.
const retryEvery = 2 * time.Millisecond

// applicationID says in the head of a file that it is one of ours: "clpd".
const applicationID = 0x636c7064

// mark is what the head of a file says: whose it is, and how many migrations are in.
type mark struct{ application, version int }

// migrate brings the schema to the latest version, forward only. Migration n is the n-th file; PRAGMA
// user_version counts those that are in.
func (s *Store) migrate(ctx context.Context, scripts fs.FS, busy time.Duration) error {
	files, err := fs.Glob(scripts, "migrations/*.sql")
	if err != nil {
		return err
	}
	found, err := s.firstMark(ctx, busy)
	if err != nil {
		return err
	}
	if done, err := found.check(len(files)); done || err != nil {
		return err
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

// refuseOlder is migrate for a database that is to be read only.
func (s *Store) refuseOlder(ctx context.Context, scripts fs.FS, busy time.Duration) error {
	files, err := fs.Glob(scripts, "migrations/*.sql")
	if err != nil {
		return err
	}
	found, err := s.firstMark(ctx, busy)
	if err != nil {
		return err
	}
	latest, err := found.check(len(files))
	if err == nil && !latest {
		err = pool.ErrOlderSchema
	}
	return err
}

// check tells whether the schema is the latest, and refuses one that we must not write to.
func (m mark) check(latest int) (done bool, err error) {
	switch {
	case m.application != applicationID && m != mark{}:
		return false, errForeign
	case m.version > latest:
		return false, fmt.Errorf("%w: its schema has version %d, this claudepool knows up to %d",
			pool.ErrNewerSchema, m.version, latest)
	}
	return m.version == latest, nil
}

var errForeign = fmt.Errorf("%w: it belongs to another program", pool.ErrCorrupt)

// firstMark opens the connection. SQLite does not wait where two processes switch a new file to WAL
// at once: one of them is told busy without delay.
func (s *Store) firstMark(ctx context.Context, busy time.Duration) (found mark, err error) {
	deadline := time.Now().Add(busy)
	for {
		found, err = readMark(ctx, s.db)
		if err == nil || !errors.Is(err, pool.ErrBusy) || time.Now().After(deadline) {
			return found, err
		}
		select {
		case <-ctx.Done():
			return mark{}, ctx.Err()
		case <-time.After(retryEvery):
		}
	}
}

// apply runs one migration in a transaction, unless another process was first.
func (s *Store) apply(ctx context.Context, script string, number, latest int) error {
	return s.write(ctx, "migrate", func(tx *sql.Tx) error {
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
		}
		if _, err := tx.ExecContext(ctx, script); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, fmt.Sprintf(
			"PRAGMA application_id = %d; PRAGMA user_version = %d", applicationID, number+1))
		return err
	})
}

// refuseForeign keeps us from writing into the database of another program that leaves no mark.
func refuseForeign(ctx context.Context, tx *sql.Tx) error {
	var tables int
	err := tx.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables)
	if err == nil && tables > 0 {
		err = errForeign
	}
	return err
}

func readMark(ctx context.Context, q querier) (found mark, err error) {
	err = q.QueryRowContext(ctx, `
		SELECT application_id, user_version FROM pragma_application_id, pragma_user_version`,
	).Scan(&found.application, &found.version)
	return found, translate("read the schema version", err)
}
