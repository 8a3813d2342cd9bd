// Package pgstore is the shared store: a pool in a PostgreSQL database, for pools that outgrow one machine. It mirrors
// sqlitestore file by file.
//
// What is booked is written in transactions that take one lock of the whole pool, as the writers of a SQLite file do. A
// launch, a release and a heartbeat do not take it: see Acquire.
//
// All methods obey their context; a caller that must not lose a write, as Release, gives it one that outlives its own
// cancellation (context.WithoutCancel with a time limit).
package pgstore
