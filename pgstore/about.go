package pgstore

import (
	"context"
	"time"
)

// About is what a person may want to know of a database.
type About struct {
	// Server is the version of PostgreSQL, as it tells it; Schema counts the migrations that are in.
	Server string
	Schema int
	// Ahead is how far its clock is ahead of ours; see Skew.
	Ahead time.Duration
}

// About asks the database.
func (s *Store) About(ctx context.Context) (about About, err error) {
	about.Ahead = s.skew
	err = s.db.QueryRow(ctx, `SELECT current_setting('server_version'), (SELECT coalesce(max(version), 0) FROM claudepool)`).
		Scan(&about.Server, &about.Schema)
	return about, translate("ask about the database", err)
}
