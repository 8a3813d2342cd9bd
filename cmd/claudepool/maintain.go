package main

import (
	"context"
	"encoding/json"
	"time"

	"claudepool/internal/procid"
	"claudepool/internal/upkeep"
	"claudepool/pool"
)

type maintainCommand struct {
	Loop     string `placeholder:"TIME" help:"Go on until a signal ends it, and look this often, from 1s to 1h."`
	JSON     bool   `name:"json" help:"Print one JSON document; with --loop one each time that something ran."`
	Detached bool   `hidden:""`
}

// Help says what it does, and that nobody has to.
func (maintainCommand) Help() string {
	return `Runs what is due of the pool's own upkeep: dead sessions, transcripts, old detail, events, deliveries, logins.
It is done by itself after a run, unless maintain is off; this is for cron, systemd, containers and the last step of a CI job.`
}

// Run ends with 1 where a task has failed. With --loop a signal is how it is asked to stop, and no failure.
func (c maintainCommand) Run(a *app) error {
	every, err := c.interval()
	if err != nil {
		return err
	}
	ctx, stop := untilSignal(context.Background())
	defer stop()
	switch {
	case c.Detached:
		return a.maintainDetached(ctx)
	case every > 0:
		return c.loop(ctx, a, every)
	}
	outcomes, err := a.maintain(ctx)
	if err == nil || len(outcomes) > 0 {
		c.tell(a, outcomes)
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return err
	case hasTrouble(outcomes):
		return exitCode(exitFailure)
	}
	return nil
}

// interval is how often to look; 0 is once.
func (c maintainCommand) interval() (time.Duration, error) {
	if c.Loop == "" {
		return 0, nil
	}
	d, ok := parseAgo(c.Loop)
	if !ok || d < time.Second || d > time.Hour {
		return 0, withHint(&pool.InvalidError{Field: "loop", Value: c.Loop, Want: "be a time from 1s to 1h"},
			"for example: claudepool maintain --loop 1m")
	}
	return d, nil
}

// maintain runs what is due, and closes the store when all of it has ended.
func (a *app) maintain(ctx context.Context) (outcomes []upkeep.Outcome, err error) {
	store, err := a.openStore(ctx, false)
	if err != nil {
		return nil, err
	}
	defer func() {
		if closed := store.Close(); err == nil {
			err = closed
		}
	}()
	runner, err := a.upkeepRunner(store)
	if err != nil {
		return nil, err
	}
	return runner.RunDue(ctx, a.upkeepTasks(store)...)
}

func (a *app) upkeepRunner(store pool.Store) (upkeep.Runner, error) {
	self, err := procid.Self()
	return upkeep.Runner{Store: store, Self: self, Probe: procid.Probe, Now: a.now}, err
}

func hasTrouble(outcomes []upkeep.Outcome) bool {
	for _, o := range outcomes {
		if o.Trouble != "" {
			return true
		}
	}
	return false
}

// maintained is a task that ran, in the document.
type maintained struct {
	Name        string  `json:"name"`
	TookSeconds float64 `json:"took_seconds"`
	Trouble     *string `json:"trouble"`
	Report      any     `json:"report"`
}

// tell says what came of the tasks that ran.
func (c maintainCommand) tell(a *app, outcomes []upkeep.Outcome) {
	if c.JSON {
		list := []maintained{}
		for _, o := range outcomes {
			list = append(list, maintained{o.Task, o.Took.Round(time.Millisecond).Seconds(), orNull(o.Trouble), o.Report.Data})
		}
		if err := a.printJSON(object{{"tasks", list}}); err != nil && a.lost == nil {
			a.lost = err
		}
		return
	}
	if len(outcomes) == 0 {
		a.printf("nothing is due\n")
	}
	for _, o := range outcomes {
		switch {
		case o.Trouble != "":
			a.warn("%s: %s", o.Task, plain(o.Trouble))
		case o.Report.Words != "":
			a.printf("%s: %s\n", o.Task, plain(o.Report.Words))
		case c.Loop == "":
			a.printf("%s: nothing to do\n", o.Task)
		}
	}
}

// reportOf reads the last report of a task, as far as it is there, into what it was written from.
func reportOf(known []pool.Task, name string, into any) (task pool.Task) {
	for _, t := range known {
		if t.Name == name {
			_ = json.Unmarshal([]byte(t.Report), into) // "" or that of another version: nothing is known then
			return t
		}
	}
	return task
}
