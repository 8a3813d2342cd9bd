// Package conformance holds the wrapper to its contract: each test runs a program directly and through
// the built claudepool binary and compares, or watches what the wrapped run does to the pool.
//
// The tests need nothing but Go, bash and script(1); those that drive vim, less, top or tmux are
// skipped where these are missing.
package conformance
