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

// migrate brings the schema to the latest version, forward only. Migration n is the n-th file; PRAGMA
// user_version counts those that are in.
func (s *Store) migrate(ctx context.Context, busy time.Duration) error {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	version, err := s.firstVersion(ctx, busy)
	if err != nil || version == len(files) {
		return err
	}
	if version > len(files) {
		return newerSchema(version, len(files))
	}
	if version == 0 {
		if err := s.refuseForeign(ctx); err != nil {
			return err
		}
	}
	for number, file := range files {
		if err := s.apply(ctx, file, number, len(files)); err != nil {
			return fmt.Errorf("migration %s: %w", file, err)
		}
	}
	return nil
}

// firstVersion opens the connection. SQLite does not wait where two processes switch a new file to WAL
// at once: one of them is told busy without delay.
func (s *Store) firstVersion(ctx context.Context, busy time.Duration) (version int, err error) {
	deadline := time.Now().Add(busy)
	for {
		version, err = userVersion(ctx, s.db)
		if err == nil || !errors.Is(err, pool.ErrBusy) || time.Now().After(deadline) {
			return version, err
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(retryEvery):
		}
	}
}

// apply runs one migration in a transaction, unless another process was first.
func (s *Store) apply(ctx context.Context, file string, number, latest int) error {
	script, err := migrations.ReadFile(file)
	if err != nil {
		return err
	}
	return s.write(ctx, "migrate", func(tx *sql.Tx) error {
		version, err := userVersion(ctx, tx)
		switch {
		case err != nil:
			return err
		case version > latest:
			return newerSchema(version, latest)
		case version > number:
			return nil
		}
		if _, err := tx.ExecContext(ctx, string(script)); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", number+1))
		return err
	})
}

// refuseForeign keeps us from writing into the database of another program.
func (s *Store) refuseForeign(ctx context.Context) error {
	return s.write(ctx, "read the schema", func(tx *sql.Tx) error {
		version, err := userVersion(ctx, tx)
		if err != nil || version > 0 {
			return err
		}
		var tables int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables); err != nil {
			return err
		}
		if tables > 0 {
			return fmt.Errorf("%w: it belongs to another program", pool.ErrCorrupt)
		}
		return nil
	})
}

func newerSchema(version, latest int) error {
	return fmt.Errorf("%w: its schema has version %d, this claudepool knows up to %d", pool.ErrNewerSchema, version, latest)
}

func userVersion(ctx context.Context, q querier) (version int, err error) {
	err = q.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version)
	return version, translate("read the schema version", err)
}
