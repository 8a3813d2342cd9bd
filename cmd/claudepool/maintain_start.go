package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"claudepool/internal/claudecli"
	"claudepool/internal/procid"
	"claudepool/pool"
)

const (
	// taskStart is the task of starting the process that runs the others.
	taskStart = "start"
	// startEvery is how often it is started at most, and startForEvents the same where an event waits to be delivered.
	// That one must be less than lingers.
	startEvery     = time.Minute
	startForEvents = time.Second
	// startFor is how seldom a task is that is worth starting a process for: the others run with it.
	startFor = 5 * time.Minute
	// startingTakes bounds all of it.
	startingTakes = time.Second
)

// startUpkeep starts a process that looks after the pool, where something is due. It costs a run that ends two reads by an
// index where nothing is. The process outlives us, and has nothing of ours: see detach.
func (a *app) startUpkeep(ctx context.Context, store pool.Store) {
	if !a.settings.Maintenance.Detached {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), startingTakes)
	defer cancel()
	pause, due := a.upkeepDue(ctx, store)
	if !due {
		return
	}
	self, err := procid.Self()
	if err != nil {
		return // best effort, all of it: the next run tries again
	}
	began, err := store.BeginTask(ctx, taskStart, pause, self, procid.Probe, a.now())
	if err != nil || !began {
		return
	}
	trouble := ""
	pid, err := a.detach()
	if err != nil {
		trouble = err.Error() // doctor tells it
	}
	a.log.Info("start the upkeep", "pid", pid, "error", err)
	_ = store.EndTask(ctx, taskStart, self, fmt.Sprintf(`{"pid":%d}`, pid), trouble, a.now())
}

// upkeepDue tells whether a process should be started, and how long after the last one.
func (a *app) upkeepDue(ctx context.Context, store pool.Store) (pause time.Duration, due bool) {
	known, err := store.Tasks(ctx)
	if err != nil {
		return 0, false
	}
	show, try := a.deliveryDue(ctx, store, known)
	switch {
	case show:
		return startForEvents, true
	case try:
		return startEvery, true
	}
	runner, err := a.upkeepRunner(store)
	if err != nil {
		return 0, false
	}
	for _, t := range runner.Due(a.upkeepTasks(store), known) {
		if t.Every >= startFor {
			return startEvery, true
		}
	}
	return 0, false
}

// detach starts `claudepool maintain` in a session of its own, with nothing on its standard streams and in the root
// directory, so that it holds no terminal, no pipe that somebody reads to its end, and no file system. What descriptors it
// inherits it closes itself: we can't, for the CLI may have to inherit them yet.
func (a *app) detach() (pid int, err error) {
	path, err := ownPath()
	if err != nil {
		return 0, err
	}
	env, err := a.upkeepEnvironment()
	if err != nil {
		return 0, err
	}
	cmd := exec.Command(path)
	cmd.Args = []string{"claudepool", "maintain", "--detached"}
	cmd.Dir, cmd.Env, cmd.SysProcAttr = "/", env, &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	go func() { _ = cmd.Wait() }() // where we live longer than it does
	return cmd.Process.Pid, nil
}

// upkeepEnvironment is ours, with what depends on the directory that we are in made independent of it.
func (a *app) upkeepEnvironment() (claudecli.Environment, error) {
	database := a.settings.Database
	if !a.settings.onServer() {
		database = a.settings.databaseFile()
	}
	env := withoutRecord(a.env).Set(databaseVar, database)
	if a.settings.Log.path != "" {
		log := a.settings.Log
		var err error
		if log.path, err = filepath.Abs(log.path); err != nil {
			return nil, fmt.Errorf("path of the log: %w", err)
		}
		env = env.Set("CLAUDEPOOL_LOG", log.String())
	}
	if a.settings.project != nil {
		env = env.Set(configVar, a.settings.project.path)
	}
	return env, nil
}
