package sqlitestore

import "context"

// truncateFrom is from how many pages on, of 4 KiB, the journal is cut down: below that a new one would only have
// to grow again.
const truncateFrom = 1000

// Checkpoint implements pool.Store. Writing back waits for nobody. Cutting the journal down would wait for readers,
// so that is done only where all of it could be written back.
func (s *Store) Checkpoint(ctx context.Context) error {
	const what = "write the journal back"
	blocked, pages, written, err := s.checkpoint(ctx, `PRAGMA wal_checkpoint(PASSIVE)`)
	if err == nil && !blocked && written == pages && pages >= truncateFrom {
		_, _, _, err = s.checkpoint(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`)
	}
	if err != nil {
		return translate(what, err)
	}
	_, err = s.db.ExecContext(ctx, `PRAGMA optimize`)
	return translate("renew what queries are planned by", err)
}

// checkpoint runs one. Where another process keeps it from its end it is blocked, which is no error.
func (s *Store) checkpoint(ctx context.Context, pragma string) (blocked bool, pages, written int, err error) {
	err = s.db.QueryRowContext(ctx, pragma).Scan(&blocked, &pages, &written)
	return blocked, pages, written, err
}
