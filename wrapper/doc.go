// Package wrapper runs the real CLI so that nobody can tell: same terminal, same bytes, same
// signals, same exit status.
//
// Where standard output is a terminal the CLI runs on a pseudo-terminal of its own (onpty.go), under a
// monitor process that leads the session there (monitor.go). Elsewhere it shares our process group and
// gets our descriptors as they are (direct.go); standard output becomes a pipe where somebody wants to
// read along. What the package knows of processes it learns in child.go, of signals in signals.go.
package wrapper
