package main

import (
	"context"
	"fmt"
	"time"

	"claudepool/internal/procid"
	"claudepool/internal/transcripts"
	"claudepool/internal/upkeep"
	"claudepool/pool"
)

// The tasks, and how often each runs. The names are in the store.
const (
	taskReclaim    = "reclaim"
	taskSync       = "sync"
	taskPrune      = "prune"
	taskShortages  = "shortages"
	taskRebalance  = "rebalance"
	taskEvents     = "events"
	taskLogins     = "logins"
	taskCheckpoint = "checkpoint"
	taskFiles      = "files"
)

// waitingEventsKept is how long an event is kept at least that waits to be delivered.
const waitingEventsKept = 7 * 24 * time.Hour

// upkeepTasks are the pieces of maintenance, in the order in which they run: what tells of events goes before what
// delivers them.
func (a *app) upkeepTasks(store pool.Store) []upkeep.Task {
	tasks := []upkeep.Task{
		{Name: taskReclaim, Every: time.Minute, Run: func(ctx context.Context) (upkeep.Report, error) { return a.reclaimTask(ctx, store) }},
		a.syncTask(store, 5*time.Minute),
		{Name: taskShortages, Every: time.Minute, Run: func(ctx context.Context) (upkeep.Report, error) { return a.shortagesTask(ctx, store) }},
		{Name: taskLogins, Every: 24 * time.Hour, Run: func(ctx context.Context) (upkeep.Report, error) { return a.loginsTask(ctx, store) }},
	}
	if a.settings.RebalanceEvery > 0 {
		tasks = append(tasks, a.rebalanceTask(store))
	}
	if a.settings.PruneAfterDays > 0 {
		tasks = append(tasks, a.pruneTask(store))
	}
	tasks = append(tasks, a.deliverTasks(store)...)
	return append(tasks,
		upkeep.Task{Name: taskEvents, Every: 24 * time.Hour, Run: func(ctx context.Context) (upkeep.Report, error) { return a.eventsTask(ctx, store) }},
		upkeep.Task{Name: taskFiles, Every: 24 * time.Hour, Run: func(ctx context.Context) (upkeep.Report, error) { return a.filesTask(ctx, store) }},
		upkeep.Task{Name: taskCheckpoint, Every: time.Hour, Run: func(ctx context.Context) (upkeep.Report, error) {
			return upkeep.Report{}, store.Checkpoint(ctx)
		}},
	)
}

// reclaimTask ends dead sessions and books what waits in the spool.
func (a *app) reclaimTask(ctx context.Context, store pool.Store) (upkeep.Report, error) {
	ended, err := store.Reclaim(ctx, procid.Probe, a.now())
	if err != nil {
		return upkeep.Report{}, err
	}
	booked, err := a.settings.spool().Drain(ctx, store, procid.Probe, a.now())
	report := upkeep.Report{Data: object{{"sessions", len(ended)}, {"booked_from_spool", booked}}}
	if len(ended)+booked > 0 {
		report.Words = fmt.Sprintf("ended %s, booked %s from the spool", plural(len(ended), "dead session"), plural(booked, "session"))
	}
	return report, err
}

// syncTask reads the transcripts.
func (a *app) syncTask(store pool.Store, every time.Duration) upkeep.Task {
	return upkeep.Task{Name: taskSync, Every: every, Run: func(ctx context.Context) (upkeep.Report, error) {
		read, err := a.sync(ctx, store)
		return syncReport(read), err
	}}
}

func syncReport(read transcripts.Report) upkeep.Report {
	report := upkeep.Report{Data: object{
		{"files", read.Files}, {"bytes", read.Bytes}, {"messages", read.Messages}, {"troubles", len(read.Troubles)},
	}}
	if read.Files > 0 {
		report.Words = fmt.Sprintf("read %s: %s", plural(read.Files, "transcript"), plural(read.Messages, "message"))
	}
	return report
}

// pruneTask turns old detail into totals.
func (a *app) pruneTask(store pool.Store) upkeep.Task {
	return upkeep.Task{Name: taskPrune, Every: pruneEvery, Run: func(ctx context.Context) (upkeep.Report, error) {
		done, err := a.prune(ctx, store, a.pruneBefore())
		report := upkeep.Report{Data: object{
			{"entries", done.Entries}, {"sessions", done.Sessions}, {"transcripts", done.Checkpoints},
		}}
		if done != (pool.PruneReport{}) {
			report.Words = fmt.Sprintf("turned %s into totals, forgot %s and %s that are gone", entries(done.Entries),
				plural(int(done.Sessions), "session"), plural(int(done.Checkpoints), "transcript"))
		}
		return report, err
	}}
}

// shortagesTask tells where there is room again that nobody has asked for since.
func (a *app) shortagesTask(ctx context.Context, store pool.Store) (upkeep.Report, error) {
	before, err := store.Shortages(ctx)
	if err != nil || len(before) == 0 {
		return upkeep.Report{}, err
	}
	if err := store.EndShortages(ctx, a.settings.Policy, a.now()); err != nil {
		return upkeep.Report{}, err
	}
	after, err := store.Shortages(ctx)
	report := upkeep.Report{Data: object{{"ended", max(len(before)-len(after), 0)}, {"left", len(after)}}}
	if len(after) < len(before) {
		report.Words = fmt.Sprintf("ended %s", plural(len(before)-len(after), "shortage"))
	}
	return report, err
}

// eventsTask forgets old events.
func (a *app) eventsTask(ctx context.Context, store pool.Store) (upkeep.Report, error) {
	keep := a.settings.Maintenance
	limits := pool.EventLimits{Most: int64(keep.EventsKeep), WaitingBefore: a.now().Add(-waitingEventsKept)}
	if keep.EventsKeepDays > 0 {
		limits.Before = a.now().AddDate(0, 0, -keep.EventsKeepDays)
	}
	gone, err := store.PruneEvents(ctx, limits)
	report := upkeep.Report{Data: object{{"forgotten", gone}}}
	if gone > 0 {
		report.Words = "forgot " + plural(int(gone), "event")
	}
	return report, err
}
