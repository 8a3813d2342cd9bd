package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseBenchmark(t *testing.T) {
	t.Parallel()
	const output = `goos: linux
BenchmarkAcquireEmpty-4   	     200	    412345 ns/op
BenchmarkAcquireFull-4    	     200	   1512345.5 ns/op	     123 B/op
BenchmarkAcquireEmpty-4   	     200	    400000 ns/op
PASS
`
	require.Equal(t, samples{412345, 400000}, parseBenchmark([]byte(output), "BenchmarkAcquireEmpty"))
	require.Equal(t, samples{1512345 * time.Nanosecond}, parseBenchmark([]byte(output), "BenchmarkAcquireFull"))
	require.Empty(t, parseBenchmark([]byte(output), "BenchmarkAcquire"))
}
