package upkeep_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/memstore"
	"claudepool/internal/upkeep"
	"claudepool/pool"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// clock is one that a test sets.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.set(noon)
	return c
}

func (c *clock) now() time.Time  { return time.UnixMilli(c.at.Load()).UTC() }
func (c *clock) set(t time.Time) { c.at.Store(t.UnixMilli()) }

func runner(store pool.Tasks, pid int, c *clock) upkeep.Runner {
	alive := func(pool.Process) pool.Liveness { return pool.Alive }
	return upkeep.Runner{Store: store, Self: pool.Process{Host: "here", PID: pid}, Probe: alive, Now: c.now}
}

func task(name string, every time.Duration, run func(context.Context) error) upkeep.Task {
	return upkeep.Task{Name: name, Every: every, Run: func(ctx context.Context) (upkeep.Report, error) {
		return upkeep.Report{Words: name + " ran", Data: name}, run(ctx)
	}}
}

func well(context.Context) error { return nil }

func kept(t *testing.T, store pool.Tasks, name string) pool.Task {
	t.Helper()
	all, err := store.Tasks(t.Context())
	require.NoError(t, err)
	for _, k := range all {
		if k.Name == name {
			return k
		}
	}
	require.Fail(t, "no task "+name)
	return pool.Task{}
}

func TestOneThatFailsDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	store, c := memstore.New(), newClock()
	outcomes, err := runner(store, 1, c).RunDue(t.Context(),
		task("fails", time.Hour, func(context.Context) error { return errors.New("no room") }),
		task("panics", time.Hour, func(context.Context) error { panic("index out of range") }),
		task("long", time.Hour, func(context.Context) error { return errors.New(strings.Repeat("é", 1000)) }),
		task("works", time.Hour, well))
	require.NoError(t, err)
	require.Len(t, outcomes, 4)
	require.Equal(t, "no room", kept(t, store, "fails").Trouble)
	require.Equal(t, "panic: index out of range", kept(t, store, "panics").Trouble)
	require.Equal(t, strings.Repeat("é", 250), kept(t, store, "long").Trouble, "it is bounded, between two letters")
	works := kept(t, store, "works")
	require.Empty(t, works.Trouble)
	require.Equal(t, `"works"`, works.Report)
	require.Equal(t, noon, works.LastRun.UTC())
	require.Nil(t, works.Runner)

	c.set(noon.Add(upkeep.RetryAfter))
	outcomes, err = runner(store, 1, c).RunDue(t.Context(), task("works", time.Hour, well), task("fails", time.Hour, well))
	require.NoError(t, err)
	require.Len(t, outcomes, 1, "what failed is due again soon, and no other")
	require.Empty(t, kept(t, store, "fails").Trouble)
}

func TestManyRunnersRunATaskOnce(t *testing.T) {
	t.Parallel()
	store, c := memstore.New(), newClock()
	var ran atomic.Int32
	var all sync.WaitGroup
	for pid := range 20 {
		all.Go(func() {
			_, err := runner(store, pid+1, c).RunDue(t.Context(), task("once", time.Minute, func(context.Context) error {
				ran.Add(1)
				return nil
			}))
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	require.EqualValues(t, 1, ran.Load())
}

// A clock that was set back by a week leaves tasks that seem to have run in the future.
func TestAClockThatIsSetBackStopsNothing(t *testing.T) {
	t.Parallel()
	store, c := memstore.New(), newClock()
	r := runner(store, 1, c)
	_, err := r.RunDue(t.Context(), task("daily", 24*time.Hour, well))
	require.NoError(t, err)
	c.set(noon.AddDate(0, 0, -7))
	outcomes, err := r.RunDue(t.Context(), task("daily", 24*time.Hour, well))
	require.NoError(t, err)
	require.Len(t, outcomes, 1)
	outcomes, err = r.RunDue(t.Context(), task("daily", 24*time.Hour, well))
	require.NoError(t, err)
	require.Empty(t, outcomes, "from then on by that clock")
}

func TestARunnerThatIsGoneFreesItsTask(t *testing.T) {
	t.Parallel()
	store, c := memstore.New(), newClock()
	dead := pool.Process{Host: "here", PID: 1}
	probe := func(p pool.Process) pool.Liveness {
		if p == dead {
			return pool.Dead
		}
		return pool.Alive
	}
	began, err := store.BeginTask(t.Context(), "once", time.Hour, dead, probe, noon)
	require.NoError(t, err)
	require.True(t, began)

	r := runner(store, 2, c)
	outcomes, err := r.RunDue(t.Context(), task("once", time.Hour, well))
	require.NoError(t, err)
	require.Empty(t, outcomes, "its runner lives")
	r.Probe = probe
	outcomes, err = r.RunDue(t.Context(), task("once", time.Hour, well))
	require.NoError(t, err)
	require.Len(t, outcomes, 1)
}

func TestWhoIsAskedToStopStopsAndIsNoTrouble(t *testing.T) {
	t.Parallel()
	store, c := memstore.New(), newClock()
	ctx, stop := context.WithCancel(t.Context())
	outcomes, err := runner(store, 1, c).RunDue(ctx,
		task("waits", time.Hour, func(ctx context.Context) error {
			stop()
			<-ctx.Done()
			return ctx.Err()
		}),
		task("never", time.Hour, well))
	require.NoError(t, err)
	require.Len(t, outcomes, 1, "no other is begun")
	require.Equal(t, upkeep.Interrupted, kept(t, store, "waits").Trouble)
	require.Nil(t, kept(t, store, "waits").Runner)
}

// A time limit of a task's own is a failure as any other.
func TestItsOwnTimeLimitIsNoInterruption(t *testing.T) {
	t.Parallel()
	store, c := memstore.New(), newClock()
	_, err := runner(store, 1, c).RunDue(t.Context(), task("slow", time.Hour, func(context.Context) error { return context.DeadlineExceeded }))
	require.NoError(t, err)
	require.Equal(t, context.DeadlineExceeded.Error(), kept(t, store, "slow").Trouble)
}

// A runner that slept for hours, as a laptop does, finds its task taken: it must not go on beside the other.
func TestWhoseTaskIsTakenStops(t *testing.T) {
	t.Parallel()
	store, c := memstore.New(), newClock()
	first, other := runner(store, 1, c), pool.Process{Host: "here", PID: 2}
	first.Beat = time.Millisecond
	gone := func(pool.Process) pool.Liveness { return pool.Dead }
	_, err := first.RunDue(t.Context(), task("long", time.Hour, func(ctx context.Context) error {
		began, err := store.BeginTask(ctx, "long", time.Hour, other, gone, c.now())
		if err != nil || !began {
			t.Error(began, err)
		}
		<-ctx.Done()
		return context.Cause(ctx)
	}))
	require.NoError(t, err)
	require.Equal(t, other, *kept(t, store, "long").Runner, "it is the other's to end")
}
