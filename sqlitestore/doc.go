// Package sqlitestore is the embedded store: a pool in one SQLite file that many processes share.
//
// Every write is one immediate transaction under a busy time-out, so processes that write at once wait
// for each other. All methods obey their context; a caller that must not lose a write, as Release,
// gives it one that outlives its own cancellation (context.WithoutCancel with a time limit).
//
// While a Store is open, nothing else in the process may open and close the same file: closing it
// would drop SQLite's locks.
package sqlitestore
