package main

import (
	"fmt"
	"time"
)

// What may be taken in a pool of 100,000 conversations and sessions by looking for the dead, and by a cycle that moves
// three conversations.
const (
	reclaimBar   = 5 * time.Millisecond
	rebalanceBar = 50 * time.Millisecond
)

// measureRebalance runs the store's own benchmarks.
func measureRebalance(b *bench) ([]row, error) {
	const times = 3 // each makes its pool anew
	out, err := storeBenchmarks("^Benchmark(Reclaim|ReclaimAllRunning|Rebalance)$", b.scale(200), times)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, r := range []struct {
		name, what string
		bar        time.Duration
	}{
		{"BenchmarkReclaim", "looking for the dead: 100,000 sessions, 100 of them running", reclaimBar},
		{"BenchmarkReclaimAllRunning", "the same, all of them running", reclaimBar},
		{"BenchmarkRebalance", "a rebalance cycle: 100,000 conversations and sessions", rebalanceBar},
	} {
		taken := parseBenchmark(out, r.name)
		if len(taken) == 0 {
			return nil, fmt.Errorf("no figures of %s in %s", r.name, out)
		}
		median := taken.median()
		rows = append(rows, row{what: r.what, bar: "≤ " + millis(r.bar), measured: millis(median), ok: median <= r.bar, claudepool: millis(median)})
	}
	return rows, nil
}
