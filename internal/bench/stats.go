package main

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// samples are durations of one thing done many times.
type samples []time.Duration

// quantile returns the smallest sample that at least the share q (0 to 1) of them do not exceed; 0
// where there are none.
func (s samples) quantile(q float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(s))
	rank := int(float64(len(sorted))*q+0.999999) - 1
	return sorted[min(max(rank, 0), len(sorted)-1)]
}

func (s samples) median() time.Duration { return s.quantile(0.5) }

func (s samples) p99() time.Duration { return s.quantile(0.99) }

// String gives the median, then the least and the greatest, and the 99th percentile.
func (s samples) String() string {
	number := func(d time.Duration) string { return strings.TrimSuffix(millis(d), " ms") }
	return fmt.Sprintf("%s (%s…%s, p99 %s)", millis(s.median()), number(s.quantile(0)), number(s.quantile(1)), number(s.p99()))
}

// millis prints a duration in milliseconds with what digits matter.
func millis(d time.Duration) string {
	ms := float64(d) / float64(time.Millisecond)
	switch {
	case ms >= 100 || ms <= -100:
		return fmt.Sprintf("%.0f ms", ms)
	case ms >= 1 || ms <= -1:
		return fmt.Sprintf("%.1f ms", ms)
	default:
		return fmt.Sprintf("%.2f ms", ms)
	}
}

// rates are speeds in bytes a second.
type rates []float64

func (r rates) median() float64 {
	if len(r) == 0 {
		return 0
	}
	return slices.Sorted(slices.Values(r))[len(r)/2]
}

// String gives the median, then the least and the greatest, in millions of bytes a second.
func (r rates) String() string {
	return fmt.Sprintf("%s (%.0f…%.0f)", megabytes(r.median()), slices.Min(r)/1e6, slices.Max(r)/1e6)
}

func megabytes(rate float64) string { return fmt.Sprintf("%.0f MB/s", rate/1e6) }
