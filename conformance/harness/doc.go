// Package harness runs a program directly and through the built claudepool binary, on terminals and
// pipes that the test holds the other end of, and compares what both saw and did.
//
// A Ground is a place to run in: a home directory of its own with a pool in it. It has two Ways to run
// the same program, Direct and Wrapped. A Plan says how to start it, a Run is one start.
package harness
