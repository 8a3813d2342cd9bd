package main

import (
	"sync/atomic"
	"time"
)

// clock is our own until a database has told what time it is there: machines that share a pool then agree, however wrong
// their clocks are.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// setAhead says how far the database's clock is ahead of ours.
func (c *clock) setAhead(d time.Duration) { c.ahead.Store(int64(d)) }

// onDisk is a time of now as the file system, and the CLI, have it.
func (c *clock) onDisk(t time.Time) time.Time {
	if c == nil {
		return t
	}
	return t.Add(-time.Duration(c.ahead.Load()))
}
