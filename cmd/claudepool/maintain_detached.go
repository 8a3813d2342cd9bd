package main

import (
	"context"
	"os"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"claudepool/internal/upkeep"
)

const (
	// detachedTakes bounds the life of the process that runs beside everything else. What is left goes on with the next.
	detachedTakes = 10 * time.Minute
	// lingers is how long it stays after it has done what was due, for the events of runs that end together with the one
	// that started it: none of those starts another so soon.
	lingers = 2 * time.Second
	// detachedNice is how far it stands back behind who waits for an answer.
	detachedNice = 10
)

// maintainDetached is the process that startUpkeep starts. Nobody hears it, so it tells the log.
func (a *app) maintainDetached(ctx context.Context) (err error) {
	closeInherited()
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, detachedNice) // best effort
	ctx, cancel := context.WithTimeout(ctx, detachedTakes)
	defer cancel()
	store, err := a.openStore(ctx, false)
	if err != nil {
		a.log.Warn("upkeep", "error", err)
		return err
	}
	defer func() { _ = store.Close() }() // all that is to be kept is written
	runner, err := a.upkeepRunner(store)
	if err != nil {
		return err
	}
	for tasks := a.upkeepTasks(store); ; tasks = a.deliverTasks(store) {
		outcomes, err := runner.RunDue(ctx, tasks...)
		a.logUpkeep(outcomes)
		if err != nil {
			a.log.Warn("upkeep", "error", err)
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(lingers):
		}
		known, err := store.Tasks(ctx)
		if err != nil {
			return err
		}
		if show, _ := a.deliveryDue(ctx, store, known); !show {
			return nil
		}
	}
}

func (a *app) logUpkeep(outcomes []upkeep.Outcome) {
	for _, o := range outcomes {
		if o.Trouble != "" {
			a.log.Warn("upkeep", "task", o.Task, "took", o.Took, "trouble", o.Trouble)
			continue
		}
		a.log.Info("upkeep", "task", o.Task, "took", o.Took, "did", o.Report.Words)
	}
}

// closeInherited closes the descriptors that we have from who started us, as a lock of a shell script: they are those that
// exec would not close, as what Go opens itself it would.
func closeInherited() {
	entries, err := os.ReadDir("/dev/fd")
	if err != nil {
		return // nobody can tell
	}
	for _, e := range entries {
		fd, err := strconv.Atoi(e.Name())
		if err != nil || fd <= 2 {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			_ = unix.Close(fd)
		}
	}
}
