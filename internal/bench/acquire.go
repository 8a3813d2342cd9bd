package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// acquireBar is how much longer a choice may take in a large pool than in one without a past.
const acquireBar = 3 * time.Millisecond

// measureAcquire runs the store's own benchmarks. Making the large pool takes the better part of the
// time; CLAUDEPOOL_BENCH_DIR names a directory that keeps it.
func measureAcquire(b *bench) ([]row, error) {
	var env []string
	if os.Getenv("CLAUDEPOOL_BENCH_DIR") == "" {
		env = []string{"CLAUDEPOOL_BENCH_DIR=" + b.scratch}
	}
	out, err := storeBenchmarks("^BenchmarkAcquire(Empty|Full)$", b.scale(200), 7, env...)
	if err != nil {
		return nil, err
	}
	empty, full := parseBenchmark(out, "BenchmarkAcquireEmpty"), parseBenchmark(out, "BenchmarkAcquireFull")
	if len(empty) == 0 || len(full) == 0 {
		return nil, fmt.Errorf("no figures in %s", out)
	}
	more := full.median() - empty.median()
	return []row{{
		what: "acquire: 1,000 subscriptions, 100,000 sessions, 5 million entries",
		bar:  fmt.Sprintf("≤ %s more than without a past", millis(acquireBar)), measured: millis(more), ok: more <= acquireBar,
		claudepool: fmt.Sprintf("%s; empty %s", millis(full.median()), millis(empty.median())),
	}}, nil
}

// storeBenchmarks runs benchmarks of the store, each so many times over so many rounds, and returns what they print.
func storeBenchmarks(names string, rounds, times int, env ...string) ([]byte, error) {
	cmd := exec.Command("go", "test", "-run", "^$", "-bench", names, "-benchtime", fmt.Sprintf("%dx", rounds), "-count", strconv.Itoa(times), "./sqlitestore")
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("%w: %s", err, out)
	}
	return out, nil
}

// parseBenchmark returns the times an operation of a benchmark took, one for each line of its name.
func parseBenchmark(output []byte, name string) samples {
	var found samples
	for lines := bufio.NewScanner(bytes.NewReader(output)); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) < 4 || strings.Split(fields[0], "-")[0] != name || fields[3] != "ns/op" {
			continue
		}
		if ns, err := strconv.ParseFloat(fields[2], 64); err == nil {
			found = append(found, time.Duration(ns))
		}
	}
	return found
}
