package pool

import "time"

// PruneStep is what the moment that Prune goes back to is rounded down to: the totals are kept by it.
const PruneStep = 15 * time.Minute

// Prune says what Store.Prune is to do.
type Prune struct {
	// Before is the age from which on detail is turned into totals, rounded down to PruneStep. It never
	// goes back: an earlier one than that of a Prune before stands for that.
	Before time.Time
	// Gone are the paths of transcripts that are gone.
	Gone []string
}

// Horizon is Before as stores keep it.
func (p Prune) Horizon() time.Time { return Moment(p.Before).Truncate(PruneStep) }

// PruneReport counts what Store.Prune took away.
type PruneReport struct {
	Entries, Sessions, Checkpoints int64
}
