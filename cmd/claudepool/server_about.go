package main

import (
	"context"
	"fmt"
	"time"

	"claudepool/pgstore"
	"claudepool/pool"
)

// databaseStatus is where the pool is, in the document. What only a server has is null for a file. ClockAheadSeconds is how
// far its clock is ahead of this machine's.
type databaseStatus struct {
	Place             string   `json:"place"`
	Server            *string  `json:"server"`
	Schema            *int     `json:"schema"`
	ClockAheadSeconds *float64 `json:"clock_ahead_seconds"`
}

// databaseStatus asks a server about itself; a file is not asked.
func (a *app) databaseStatus(ctx context.Context, store pool.Store) (databaseStatus, error) {
	status := databaseStatus{Place: a.settings.databaseWords()}
	server, ok := store.(*pgstore.Store)
	if !ok {
		return status, nil
	}
	about, err := server.About(ctx)
	if err == nil {
		name, ahead := "PostgreSQL "+about.Server, about.Ahead.Round(time.Millisecond).Seconds()
		status.Server, status.Schema, status.ClockAheadSeconds = &name, &about.Schema, &ahead
	}
	return status, err
}

// tellDatabase says which database on a server the pool is in.
func (a *app) tellDatabase(d databaseStatus) {
	if words := d.words(); words != "" {
		a.warn("the pool is in %s", words)
	}
}

// words say it of a database on a server, "" of a file.
func (d databaseStatus) words() string {
	if d.Server == nil {
		return ""
	}
	return fmt.Sprintf("%s: %s, schema version %d, its clock %s", d.Place, *d.Server, *d.Schema, clockWords(d.ahead()))
}

// ahead is how far the clock of the database is ahead of ours, 0 for a file.
func (d databaseStatus) ahead() time.Duration {
	if d.ClockAheadSeconds == nil {
		return 0
	}
	return time.Duration(*d.ClockAheadSeconds * float64(time.Second))
}

// clockWords say how far a clock is ahead of ours.
func clockWords(ahead time.Duration) string {
	const same = time.Second // the way there and back takes some of it
	switch {
	case ahead.Abs() < same:
		return "as ours"
	case ahead < 0:
		return span(-ahead) + " behind ours"
	}
	return span(ahead) + " ahead of ours"
}
