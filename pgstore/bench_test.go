//go:build pg

package pgstore_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/procid"
	"claudepool/pgstore"
	"claudepool/pool"
)

// What a launch and an exit cost where many do the same, each client with a connection of its own, one after the other
// without a pause.
func BenchmarkAcquireRelease(b *testing.B) {
	at := fullPool(b)
	for _, clients := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) { benchmarkClients(b, at, clients, 0) })
	}
}

// The same at a steady rate of all clients together, as launches come: how long each takes then.
func BenchmarkAcquireReleaseAtRate(b *testing.B) {
	at := fullPool(b)
	for _, rate := range []int{100, 300, 1000} {
		b.Run(fmt.Sprintf("rate=%d", rate), func(b *testing.B) { benchmarkClients(b, at, 64, rate) })
	}
}

// What one launch costs a process that has read nothing yet.
func BenchmarkOpenAcquireReleaseClose(b *testing.B) {
	at := fullPool(b)
	for b.Loop() {
		s := openTo(b, at)
		acquireRelease(b, s)
		require.NoError(b, s.Close())
	}
}

// benchmarkClients reports how many pairs there were in a second, and how long one took.
func benchmarkClients(b *testing.B, at string, clients, perSecond int) {
	stores := make([]*pgstore.Store, clients)
	for i := range stores {
		stores[i] = openTo(b, at)
		defer stores[i].Close()
		acquireRelease(b, stores[i])
	}
	var turns sync.WaitGroup
	took := make([][]time.Duration, clients)
	next := make(chan time.Time)
	for i, s := range stores {
		turns.Go(func() {
			for due := range next {
				if perSecond == 0 {
					due = time.Now()
				}
				acquireRelease(b, s)
				took[i] = append(took[i], time.Since(due))
			}
		})
	}
	b.ResetTimer()
	began := time.Now()
	for n := range b.N {
		var due time.Time
		if perSecond > 0 {
			due = began.Add(time.Duration(n) * time.Second / time.Duration(perSecond))
			time.Sleep(time.Until(due)) // the pace, not a wait for something
		}
		next <- due
	}
	close(next)
	turns.Wait()
	all := slices.Concat(took...)
	slices.Sort(all)
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "pairs/s")
	b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
}

func openTo(tb testing.TB, at string) *pgstore.Store {
	s, err := pgstore.Open(tb.Context(), at, pgstore.Options{})
	require.NoError(tb, err)
	return s
}

func acquireRelease(tb testing.TB, s *pgstore.Store) {
	self := pool.Process{Host: "h", PID: 1}
	session, _, err := s.Acquire(tb.Context(), pool.Request{Process: self, CWD: "/work"}, pool.DefaultPolicy(), procid.Probe, time.Now())
	require.NoError(tb, err)
	require.NoError(tb, s.Release(tb.Context(), session.ID, pool.End{Reason: pool.EndedByExit}, time.Now()))
}

// size is a number of the past, which an environment variable makes smaller.
func size(name string, full int) int {
	if n, err := strconv.Atoi(os.Getenv("CLAUDEPOOL_BENCH_" + name)); err == nil {
		return n
	}
	return full
}
