// Package procid identifies processes beyond the reuse of their pids, and tells whether one of them
// still lives.
package procid

import (
	"fmt"
	"os"
	"sync"

	"claudepool/pool"
)

// here is what all processes that this one can look at share.
type here struct {
	host, bootID, pidNamespace string
}

// place is looked up once: none of it changes while a process runs.
var place = sync.OnceValues(lookUp)

// Self identifies the calling process.
func Self() (pool.Process, error) {
	p, err := place()
	if err != nil {
		return pool.Process{}, err
	}
	start, err := startTime(os.Getpid())
	if err != nil {
		return pool.Process{}, fmt.Errorf("start time of this process: %w", err)
	}
	return pool.Process{
		Host: p.host, BootID: p.bootID, PIDNamespace: p.pidNamespace,
		PID: os.Getpid(), StartTime: start,
	}, nil
}

// Probe is a pool.Probe. A process of another host or pid namespace is pool.Unseen; one of an
// earlier boot of this host is dead.
func Probe(p pool.Process) pool.Liveness {
	here, err := place()
	if err != nil || p.Host != here.host {
		return pool.Unseen
	}
	if p.BootID != here.bootID {
		return pool.Dead
	}
	if p.PIDNamespace != here.pidNamespace {
		return pool.Unseen
	}
	start, err := startTime(p.PID)
	switch {
	case os.IsNotExist(err):
		return pool.Dead
	case err != nil:
		return pool.Unseen
	case start != p.StartTime:
		return pool.Dead
	}
	return pool.Alive
}

// StartTime returns when a process started, in the unit of pool.Process, or 0 where that can't be
// seen.
func StartTime(pid int) int64 {
	start, err := startTime(pid)
	if err != nil {
		return 0
	}
	return start
}
