package pgstore

import "context"

// Checkpoint implements pool.Store. PostgreSQL does by itself what there is to do.
func (s *Store) Checkpoint(context.Context) error { return nil }
