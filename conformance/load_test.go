package conformance

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"claudepool/conformance/harness"

	"github.com/stretchr/testify/require"
)

// Two hundred launches at once: all served, none over its cap, spread evenly, nothing locked. Half of
// them are killed for good: their places are free again, and only theirs.
func TestTwoHundredAtOnce(t *testing.T) {
	harness.NeedsPool(t) // not parallel: it leaves the machine to nobody else for a moment
	harness.NeedsProc(t)
	const launches, subscriptions, most = 200, 5, 40
	g := harness.Bare(t)
	g.Must(t, "init")
	for i := range subscriptions {
		name := fmt.Sprintf("s%d", i)
		g.Must(t, "add", name, "--no-ramp-up", "--config-dir", g.MakeDir(t, name), "--max-sessions", fmt.Sprint(most))
	}
	g.Real = filepath.Join(g.Dir, "sleeper", "claude")
	writeProgram(t, g.Real, sleeper)
	runs := startTogether(t, g, launches)
	for _, r := range runs {
		waitForFile(t, r, "ready")
	}
	perSubscription := running(t, g)
	require.Len(t, perSubscription, subscriptions)
	for name, n := range perSubscription {
		require.InDelta(t, launches/subscriptions, n, 2, "%s: %v", name, perSubscription)
		require.LessOrEqual(t, n, most)
	}
	require.Len(t, sessions(t, g), launches)
	one := g.Start(t, g.Wrapped(), harness.Plan{})
	require.Equal(t, harness.Status{Code: 75}, one.Wait(t), "the pool is full: %s", one.Describe())

	killed, alive := runs[:launches/2], runs[launches/2:]
	for _, r := range killed {
		r.Signal(t, syscall.SIGKILL)
	}
	for _, r := range killed {
		r.Wait(t)
	}
	g.Must(t, "reclaim")
	left := sessions(t, g)
	require.Len(t, left, len(alive))
	for _, s := range left {
		require.NotEmpty(t, harness.State(s.PID), "session %s counts as running", s.ID)
	}
	for _, r := range alive {
		r.Signal(t, syscall.SIGTERM)
	}
	for _, r := range alive {
		require.Equal(t, harness.Status{Signal: "TERM"}, r.Wait(t))
		require.Empty(t, string(r.Stderr()))
	}
	require.Empty(t, sessions(t, g))
	requireOneEnd(t, sessions(t, g, "--all"), len(killed), len(alive))
}

// sleeper is a child as small as can be.
const sleeper = "#!/bin/sh\n" + `: >"$FAKECLAUDE_DIR/ready"; exec sleep 60` + "\n"

func startTogether(t *testing.T, g *harness.Ground, n int) []*harness.Run {
	t.Helper()
	runs := make([]*harness.Run, n)
	var started sync.WaitGroup
	for i := range runs {
		started.Go(func() { runs[i] = g.Start(t, g.Wrapped(), harness.Plan{Stdin: harness.OnNull}) })
	}
	started.Wait()
	return runs
}

// requireOneEnd wants each session ended once, by reclaim or by its own end.
func requireOneEnd(t *testing.T, all []session, reclaimed, ended int) {
	t.Helper()
	states := map[string]int{}
	for _, s := range all {
		states[s.State]++
	}
	require.Equal(t, map[string]int{"reclaimed": reclaimed, "ended": ended}, states)
}

// The next launch takes the place of one that was killed, without anybody having to reclaim it.
func TestTheNextRunTakesTheKilledOnesPlace(t *testing.T) {
	t.Parallel()
	harness.NeedsPool(t)
	g := harness.Bare(t)
	g.Must(t, "init")
	g.Must(t, "add", "only", "--config-dir", g.MakeDir(t, "only"), "--max-sessions", "1")
	first := g.Start(t, g.Wrapped(), harness.Plan{Script: "mark ready\nawait never"})
	child := first.Marked(t, "ready")
	full := g.Start(t, g.Wrapped(), harness.Plan{Script: "exit 0"})
	require.Equal(t, harness.Status{Code: 75}, full.Wait(t))
	require.True(t, strings.HasPrefix(string(full.Stderr()), "claudepool: "), full.Describe())
	require.Empty(t, string(full.Stdout()))
	first.Signal(t, syscall.SIGKILL)
	first.WaitExit(t)
	harness.Eventually(t, func() bool { return harness.State(child) == "" }, func() string { return "the child has outlived the wrapper" })
	next := g.Start(t, g.Wrapped(), harness.Plan{Script: "exit 3"})
	require.Equal(t, harness.Status{Code: 3}, next.Wait(t), next.Describe())
	noneRunning(t, g)
}

// A child that ended gives its place back at once, and `release` gives one back by hand.
func TestReleaseByHandLeavesTheChildAlone(t *testing.T) {
	t.Parallel()
	harness.NeedsPool(t)
	g := harness.New(t)
	r := g.Start(t, g.Wrapped(), harness.Plan{Script: "mark ready\nawait go\nexit 8"})
	r.Marked(t, "ready")
	list := sessions(t, g)
	require.Len(t, list, 1)
	require.Equal(t, r.PID, list[0].PID)
	g.Must(t, "release", list[0].ID)
	require.Empty(t, sessions(t, g))
	r.Tell(t, "go")
	require.Equal(t, harness.Status{Code: 8}, r.Wait(t), r.Describe())
	require.Equal(t, "released", sessions(t, g, "--all")[0].State)
}
