package pooltest

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var taskTests = suite{
	"RunWhenDue":                 tasksRunWhenDue,
	"HaveOneRunner":              tasksHaveOneRunner,
	"AreTakenFromTheDead":        tasksAreTakenFromTheDead,
	"AreTakenFromTheSilent":      tasksAreTakenFromTheSilent,
	"AreTheirRunnersOnly":        tasksAreTheirRunnersOnly,
	"AreDueAfterAClockWasWrong":  tasksAreDueAfterAClockWasWrong,
	"TellOfTheLastRun":           tasksTellOfTheLastRun,
	"BeginOnceForManyAtOnce":     tasksBeginOnceForManyAtOnce,
	"CheckpointKeepsWhatThereIs": checkpointKeepsWhatThereIs,
}

func runner(n int) pool.Process { return pool.Process{Host: "h", BootID: "b", PID: n, StartTime: 9} }

func (h *harness) begin(name string, every time.Duration, by int) bool {
	h.Helper()
	began, err := h.store.BeginTask(h.ctx, name, every, runner(by), h.probe, h.now)
	require.NoError(h, err)
	return began
}

func (h *harness) end(name string, by int, report, trouble string) {
	h.Helper()
	require.NoError(h, h.store.EndTask(h.ctx, name, runner(by), report, trouble, h.now))
}

func (h *harness) tasks() []pool.Task {
	h.Helper()
	tasks, err := h.store.Tasks(h.ctx)
	require.NoError(h, err)
	return tasks
}

func tasksRunWhenDue(h *harness) {
	require.Empty(h, h.tasks())
	require.True(h, h.begin("t", time.Hour, 1), "it never ran")
	h.pass(time.Second)
	h.end("t", 1, "", "")
	h.pass(time.Hour - time.Millisecond)
	require.False(h, h.begin("t", time.Hour, 2))
	require.True(h, h.begin("other", time.Hour, 2))
	h.pass(time.Millisecond)
	require.True(h, h.begin("t", time.Hour, 2))
}

func tasksHaveOneRunner(h *harness) {
	require.True(h, h.begin("t", 0, 1))
	require.False(h, h.begin("t", 0, 2))
	h.pass(24 * time.Hour)
	require.False(h, h.begin("t", 0, 2), "it lives, however long it takes")
	require.True(h, h.begin("t", 0, 1), "who has it already")
	h.end("t", 1, "", "")
	require.True(h, h.begin("t", 0, 2))
}

func tasksAreTakenFromTheDead(h *harness) {
	require.True(h, h.begin("t", time.Hour, 1))
	h.dead[1] = true
	require.True(h, h.begin("t", time.Hour, 2), "it did not come to its end")
	require.Equal(h, 2, h.tasks()[0].Runner.PID)
}

func tasksAreTakenFromTheSilent(h *harness) {
	h.unseen[1] = true
	require.True(h, h.begin("t", 0, 1))
	h.pass(pool.HeartbeatTimeout)
	require.False(h, h.begin("t", 0, 2))
	kept, err := h.store.KeepTask(h.ctx, "t", runner(1), h.now)
	require.NoError(h, err)
	require.True(h, kept)
	h.pass(pool.HeartbeatTimeout)
	require.False(h, h.begin("t", 0, 2))
	h.pass(time.Millisecond)
	require.True(h, h.begin("t", 0, 2))
}

func tasksAreTheirRunnersOnly(h *harness) {
	require.True(h, h.begin("t", 0, 1))
	h.dead[1] = true
	require.True(h, h.begin("t", 0, 2))
	want := h.tasks()
	h.pass(time.Minute)
	kept, err := h.store.KeepTask(h.ctx, "t", runner(1), h.now)
	require.NoError(h, err)
	require.False(h, kept)
	h.end("t", 1, `"late"`, "")
	h.end("never", 1, "", "")
	require.Equal(h, want, h.tasks())
	h.end("t", 2, "", "")
	kept, err = h.store.KeepTask(h.ctx, "t", runner(2), h.now)
	require.NoError(h, err)
	require.False(h, kept, "it has ended")
}

func tasksAreDueAfterAClockWasWrong(h *harness) {
	require.True(h, h.begin("t", time.Hour, 1))
	h.end("t", 1, "", "")
	h.pass(-7 * 24 * time.Hour)
	require.True(h, h.begin("t", time.Hour, 1))
	h.end("t", 1, "", "")
	h.pass(-time.Hour + time.Second)
	require.False(h, h.begin("t", time.Hour, 1), "a clock that is a little off is none that is wrong")
}

func tasksTellOfTheLastRun(h *harness) {
	require.True(h, h.begin("b", 0, 1))
	one, began := runner(1), h.now
	require.Equal(h, []pool.Task{{Name: "b", Runner: &one, HeartbeatAt: began}}, h.tasks())
	h.pass(time.Minute)
	h.end("b", 1, `{"moves":1}`, "")
	require.Equal(h, []pool.Task{{Name: "b", LastRun: h.now, Report: `{"moves":1}`}}, h.tasks())
	require.True(h, h.begin("a", 0, 1))
	require.True(h, h.begin("b", 0, 1))
	tasks := h.tasks()
	require.Equal(h, []string{"a", "b"}, []string{tasks[0].Name, tasks[1].Name})
	require.Equal(h, `{"moves":1}`, tasks[1].Report, "until there is another")
	h.end("b", 1, "", "no room")
	require.Equal(h, pool.Task{Name: "b", LastRun: h.now, Trouble: "no room"}, h.tasks()[1])
}

func tasksBeginOnceForManyAtOnce(h *harness) {
	var group sync.WaitGroup
	var began atomic.Int64
	for n := range 16 {
		group.Go(func() {
			if ok, err := h.store.BeginTask(h.ctx, "t", time.Hour, runner(n), h.probe, h.now); err == nil && ok {
				began.Add(1)
			}
		})
	}
	group.Wait()
	require.Equal(h, int64(1), began.Load())
}

func checkpointKeepsWhatThereIs(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	for n := range 300 {
		h.book(s.ID, h.now, int64(n))
	}
	before := h.state()
	require.NoError(h, h.store.Checkpoint(h.ctx))
	require.NoError(h, h.store.Checkpoint(h.ctx))
	require.Equal(h, before, h.state())
}
