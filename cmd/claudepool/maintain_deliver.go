package main

import (
	"context"
	"fmt"
	"time"

	"claudepool/internal/notify"
	"claudepool/internal/procid"
	"claudepool/internal/upkeep"
	"claudepool/pool"
)

const taskDeliver = "deliver"

// deliverPatience is how long the task waits for tries that are due soon.
const deliverPatience = 5 * time.Second

// deliveredReport is what the last delivery said of itself.
type deliveredReport struct {
	// Newest is the number of the latest event that the channels were shown.
	Newest int64 `json:"newest"`
	// NextAt is when the first of those is due that wait, nil where none does.
	NextAt   *time.Time      `json:"next_at"`
	Channels []notify.Report `json:"channels"`
}

// deliverTasks is the task of delivering, where there is a channel.
func (a *app) deliverTasks(store pool.Store) []upkeep.Task {
	if len(a.settings.channels()) == 0 {
		return nil
	}
	return []upkeep.Task{{Name: taskDeliver, Run: func(ctx context.Context) (upkeep.Report, error) { return a.deliverTask(ctx, store) }}}
}

// deliverTask delivers what is due.
func (a *app) deliverTask(ctx context.Context, store pool.Store) (upkeep.Report, error) {
	deliverer := a.deliverer(store)
	deliverer.Patience = deliverPatience
	done, err := a.deliver(ctx, store, deliverer)
	return upkeep.Report{Words: deliveredWords(done.Channels), Data: done}, err
}

// deliver lets a deliverer run.
func (a *app) deliver(ctx context.Context, store pool.Store, deliverer notify.Deliverer) (report deliveredReport, err error) {
	report.Newest, err = newestEvent(ctx, store) // before it is shown: what comes after may not be
	if err == nil {
		report.Channels, err = deliverer.Run(ctx)
	}
	if err == nil {
		report.NextAt, err = a.nextDelivery(context.WithoutCancel(ctx), store)
	}
	return report, err
}

func deliveredWords(reports []notify.Report) string {
	delivered, failed := 0, 0
	for _, r := range reports {
		delivered, failed = delivered+r.Delivered, failed+r.Failed+r.Dead
	}
	switch {
	case failed > 0:
		return fmt.Sprintf("delivered %s, %d failed: claudepool notify list", plural(delivered, "event"), failed)
	case delivered > 0:
		return "delivered " + plural(delivered, "event")
	}
	return ""
}

// nextDelivery is when the first delivery is due of those that wait, nil where none does.
func (a *app) nextDelivery(ctx context.Context, store pool.Store) (first *time.Time, err error) {
	for _, channel := range a.settings.channels() {
		waiting, err := store.NextDeliveries(ctx, channel.Name, a.now().Add(pool.FurthestTry), 0)
		if err != nil {
			return nil, err
		}
		for _, d := range waiting {
			if first == nil || d.NextAt.Before(*first) {
				first = &d.NextAt
			}
		}
	}
	return first, nil
}

// newestEvent is the number of the latest event, 0 where there is none.
func newestEvent(ctx context.Context, store pool.Store) (int64, error) {
	latest, err := store.Events(ctx, pool.EventQuery{Limit: 1})
	if err != nil || len(latest) == 0 {
		return 0, err
	}
	return latest[0].Number, nil
}

// deliveryDue tells whether a channel has something to be shown, which is to be done at once, or something to be tried
// again, and nobody is at it.
func (a *app) deliveryDue(ctx context.Context, store pool.Store, known []pool.Task) (show, try bool) {
	if len(a.settings.channels()) == 0 {
		return false, false
	}
	var last deliveredReport
	task, now := reportOf(known, taskDeliver, &last), a.now()
	if task.IsRunning(procid.Probe, now) || task.Trouble != "" && !task.IsDue(upkeep.RetryAfter, now) {
		return false, false
	}
	newest, err := newestEvent(ctx, store)
	show = err == nil && newest > last.Newest
	try = last.NextAt != nil && pool.Delivery{NextAt: *last.NextAt}.IsDue(now)
	return show, try
}
