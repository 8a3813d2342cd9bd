package sqlitestore_test

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/procid"
	"claudepool/pool"
	"claudepool/sqlitestore"
)

func BenchmarkAcquireEmpty(b *testing.B) {
	benchmarkAcquire(b, smallPool(b))
}

func BenchmarkAcquireFull(b *testing.B) {
	benchmarkAcquire(b, fullPool(b))
}

// What a launch and an exit cost a process: each round opens and closes the database.
func BenchmarkOpenAcquireReleaseClose(b *testing.B) {
	path := smallPool(b)
	for b.Loop() {
		require.NoError(b, launchAndExit(path, sqlitestore.Options{}))
	}
}

func BenchmarkOpenAcquireReleaseCloseFull(b *testing.B) {
	path := fullPool(b)
	for b.Loop() {
		require.NoError(b, launchAndExit(path, sqlitestore.Options{}))
	}
}

// What a launch and an exit cost in a process of their own, as every run of the CLI is one; and what
// the process alone costs.
func BenchmarkProcessLaunch(b *testing.B)  { benchmarkProcess(b, smallPool(b)) }
func BenchmarkProcessNothing(b *testing.B) { benchmarkProcess(b, "") }

func benchmarkProcess(b *testing.B, path string) {
	self, err := os.Executable()
	require.NoError(b, err)
	for b.Loop() {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), childVar+"="+path)
		out, err := cmd.Output()
		require.NoError(b, err)
		require.Equal(b, "fine", string(out))
	}
}

// What reports over months cost a command that opens the database for it.
func BenchmarkUsageByDay(b *testing.B) { benchmarkUsage(b, pool.ByDay) }

func BenchmarkUsageByModelAndWeek(b *testing.B) { benchmarkUsage(b, pool.ByModel, pool.ByWeek) }

func benchmarkUsage(b *testing.B, by ...pool.Dimension) {
	path := fullPool(b)
	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(b, err)
	for b.Loop() {
		s, err := sqlitestore.Open(b.Context(), path, sqlitestore.Options{})
		require.NoError(b, err)
		rows, err := s.Usage(b.Context(), pool.UsageQuery{By: by, Location: berlin})
		require.NoError(b, err)
		require.NotEmpty(b, rows)
		require.NoError(b, s.Close())
	}
}

// benchmarkAcquire measures Acquire as a launch meets it: on a connection that has read nothing yet.
func benchmarkAcquire(b *testing.B, path string) {
	self, err := procid.Self()
	require.NoError(b, err)
	for b.Loop() {
		b.StopTimer()
		s, err := sqlitestore.Open(b.Context(), path, sqlitestore.Options{})
		require.NoError(b, err)
		b.StartTimer()
		session, _, err := s.Acquire(b.Context(), pool.Request{Process: self, CWD: "/work"}, pool.DefaultPolicy(), procid.Probe, time.Now())
		b.StopTimer()
		require.NoError(b, err)
		require.NoError(b, s.Release(b.Context(), session.ID, pool.End{Reason: pool.EndedByExit}, time.Now()))
		require.NoError(b, s.Close())
		b.StartTimer()
	}
}

// smallPool is a pool without a past, which nobody has open.
func smallPool(tb testing.TB) string {
	path := newPath(tb)
	s, err := sqlitestore.Open(tb.Context(), path, sqlitestore.Options{Create: true})
	require.NoError(tb, err)
	addSubscriptions(tb, s, 3)
	require.NoError(tb, s.Close())
	return path
}

func addSubscriptions(tb testing.TB, s pool.Store, n int) {
	for i := range n {
		_, err := s.AddSubscription(tb.Context(), pool.Subscription{
			Name: fmt.Sprintf("s-%d", i+1), ConfigDir: fmt.Sprintf("/home/me/.local/share/claudepool/subscriptions/s-%d", i+1),
			Tags: []string{"work"}, MaxSessions: 40, WeeklyBudget: pool.USD(1e6), Enabled: true, CreatedAt: time.Now(),
		})
		require.NoError(tb, err)
	}
}
