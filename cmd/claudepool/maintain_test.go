package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"claudepool/internal/procid"
	"claudepool/pool"
	"claudepool/sqlitestore"
)

func TestTheProcessOutlivesTheRunDeliversAndEnds(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	ours, theirs, err := os.Pipe()
	require.NoError(t, err)
	defer ours.Close()
	cmd := k.detaching("claude", "-p", "hi")
	cmd.ExtraFiles = []*os.File{theirs} // as a lock of a shell script
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	k.exhaust(cmd)
	require.NoError(t, theirs.Close())

	k.request() // which is not answered: the process runs, and the run has ended
	runner := *k.task(taskDeliver).Runner
	require.Equal(t, k.started(), runner.PID)
	require.Equal(t, pool.Alive, procid.Probe(runner))
	session, err := unix.Getsid(runner.PID)
	require.NoError(t, err)
	require.Equal(t, runner.PID, session, "it is in a session of its own")
	if cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", runner.PID)); err == nil {
		require.Equal(t, "/", cwd)
		line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", runner.PID))
		require.NoError(t, err)
		require.Equal(t, "claudepool\x00maintain\x00--detached\x00", string(line))
		for fd := range 3 {
			stream, err := os.Readlink(fmt.Sprintf("/proc/%d/fd/%d", runner.PID, fd))
			require.NoError(t, err)
			require.Equal(t, os.DevNull, stream)
		}
	}
	require.NoError(t, ours.SetReadDeadline(time.Now().Add(20*time.Second)))
	n, err := ours.Read(make([]byte, 1))
	require.Zero(t, n)
	require.EqualError(t, err, "EOF", "nobody holds what the run inherited")

	k.answer <- http.StatusNoContent
	k.ended(runner.PID)
	require.Contains(t, k.must("notify", "list", "--all"), "delivered")
	require.Empty(t, k.task(taskDeliver).Trouble)
	require.Empty(t, k.task(taskStart).Trouble)
}

// What is due beside deliveries is done as well, and the run ends as its CLI ended.
func TestARunStartsWhatIsDue(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	err := k.detaching("claude", "-p", "hi").Run()
	var exit *exec.ExitError
	require.ErrorAs(t, err, &exit)
	require.Equal(t, 7, exit.ExitCode())
	require.Eventually(t, func() bool {
		task := k.task(taskCheckpoint)
		return task != nil && task.Runner == nil
	}, 20*time.Second, 10*time.Millisecond)
	last := k.task(taskStart).LastRun

	require.Error(t, k.detaching("claude", "-p", "hi").Run())
	require.Equal(t, last, k.task(taskStart).LastRun, "nothing is due any more")
}

func TestNothingIsStartedWhereItIsOff(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	k.exhaust(k.command("claude", "-p", "hi"))
	k.must("status")
	require.Nil(t, k.task(taskStart))
	require.Nil(t, k.task(taskDeliver))
	require.Empty(t, k.arrived)
}

// Many runs that end together start one process, and no event is left behind.
func TestRunsThatEndTogetherStartOne(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	const runs = 8
	done := make(chan struct{})
	for i := range runs {
		go func() {
			defer func() { done <- struct{}{} }()
			cmd := k.detaching("claude", "-p", "hi")
			cmd.Env = append(cmd.Env, fmt.Sprintf("CLAUDEPOOL_TAGS=none-%d", i))
			_ = cmd.Run()
		}()
	}
	for range runs {
		<-done
	}
	for range runs {
		k.answer <- http.StatusOK
	}
	for range runs {
		k.request()
	}
}

// An event is caused when the process has just delivered what there was, and too soon for another one to be started.
func TestAnEventRightAfterADeliveryArrives(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	k.exhaust(k.detaching("claude", "-p", "hi"))
	k.answer <- http.StatusOK
	k.request()
	require.Eventually(t, func() bool { return k.task(taskDeliver).Runner == nil }, 20*time.Second, time.Millisecond)
	cmd := k.detaching("claude", "-p", "hi")
	cmd.Env = append(cmd.Env, "CLAUDEPOOL_SUBSCRIPTION=default") // else it is the same shortage
	k.exhaust(cmd)
	k.answer <- http.StatusOK
	k.request()
}

func TestLoopEndsWellWhenItIsAskedTo(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	cmd := k.loop()
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Wait(), "it ends with 0, though a server hangs")
	require.Nil(t, k.task(taskDeliver).Runner, "its task is free")
	k.store(func(s *sqlitestore.Store) {
		waiting, err := s.Deliveries(t.Context(), pool.DeliveryQuery{States: []pool.DeliveryState{pool.DeliveryWaits}})
		require.NoError(t, err)
		require.Len(t, waiting, 1, "what was not delivered waits")
	})
}

func TestASecondSignalEndsItAtOnce(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	cmd := k.loop()
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		select {
		case err := <-ended:
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit)
			require.Equal(t, syscall.SIGTERM, exit.Sys().(syscall.WaitStatus).Signal())
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func TestAKilledRunnerFreesItsTask(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	cmd := k.loop()
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	require.NotNil(t, k.task(taskDeliver).Runner)
	k.answer <- http.StatusOK // the first may go to the request of the one that is gone
	k.answer <- http.StatusOK
	require.Contains(t, k.must("maintain"), "deliver: delivered 1 event\n")
}

// A stop in the middle of reading the transcripts leaves a store that is sound, and what was left is read later.
func TestAStopInTheMiddleOfReading(t *testing.T) {
	t.Parallel()
	k := newKept(t)
	const files, each = 400, 50
	for f := range files {
		var text strings.Builder
		for m := range each {
			fmt.Fprintf(&text, `{"type":"assistant","sessionId":"s%d","timestamp":%q,"cwd":"/p","message":{"id":"m%d-%d","model":"claude-opus-5-5","usage":{"input_tokens":1,"output_tokens":2}}}`+"\n",
				f, time.Now().UTC().Format(time.RFC3339), f, m)
		}
		k.write(fmt.Sprintf(".claude/projects/x/s%d.jsonl", f), text.String())
	}
	k.ranAt(taskSync, time.Now().Add(-time.Hour))
	cmd := k.command("claudepool", "maintain", "--loop", "1m")
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	booked := func() (n int) {
		k.store(func(s *sqlitestore.Store) {
			known, err := s.Checkpoints(t.Context(), "")
			require.NoError(t, err)
			n = len(known)
		})
		return n
	}
	require.Eventually(t, func() bool { return booked() > 0 }, 20*time.Second, time.Millisecond)
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, cmd.Wait())
	require.Less(t, booked(), files, "it was stopped in the middle")
	k.store(func(s *sqlitestore.Store) {
		problems, err := s.Check(t.Context())
		require.NoError(t, err)
		require.Empty(t, problems)
	})
	k.must("sync")
	require.Equal(t, files, booked())
	k.store(func(s *sqlitestore.Store) {
		rows, err := s.Usage(t.Context(), pool.UsageQuery{})
		require.NoError(t, err)
		require.Len(t, rows, 1)
		require.EqualValues(t, files*each, rows[0].Usage.Messages)
	})
}

// untilSignal leaves alone what was ignored, and says which signal it was.
func TestUntilSignalSaysWhich(t *testing.T) {
	t.Parallel()
	ctx, stop := untilSignal(context.Background())
	stop()
	<-ctx.Done()
	var interrupted *interruptedError
	require.False(t, errors.As(context.Cause(ctx), &interrupted), "nobody asked")
}
