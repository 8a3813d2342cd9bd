// Package pool is the domain: subscriptions, sessions, windows, the ledger, and the choice among
// subscriptions. It knows nothing of SQL, terminals or the Claude CLI and imports the standard
// library only; the stores and the wrapper depend on it, never the other way round.
package pool
