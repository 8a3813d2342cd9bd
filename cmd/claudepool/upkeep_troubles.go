package main

import (
	"context"
	"fmt"
	"time"

	"claudepool/internal/upkeep"
	"claudepool/pool"
)

// upkeepTrouble is something that the pool could not do by itself.
type upkeepTrouble struct{ words, hint string }

func (a *app) warnOfTroubles(troubles []upkeepTrouble) {
	for _, t := range troubles {
		a.warn("%s; %s", t.words, t.hint)
	}
}

// troublesDocument is what --json tells of them.
func troublesDocument(troubles []upkeepTrouble) []string {
	words := []string{}
	for _, t := range troubles {
		words = append(words, t.words)
	}
	return words
}

// upkeepTroubles are the tasks that failed the last time, and the deliveries that were given up.
func (a *app) upkeepTroubles(ctx context.Context, store pool.Store) (troubles []upkeepTrouble, err error) {
	tasks, err := store.Tasks(ctx)
	if err != nil {
		return nil, err
	}
	for _, t := range tasks {
		if t.Trouble != "" && t.Trouble != upkeep.Interrupted {
			troubles = append(troubles, upkeepTrouble{
				fmt.Sprintf("the task %s failed at %s: %s", t.Name, localTime(t.LastRun, a.now()), t.Trouble), "to try again: claudepool maintain"})
		}
	}
	backlogs, err := store.Backlogs(ctx)
	for _, b := range backlogs {
		if b.Dead == 0 {
			continue
		}
		words := fmt.Sprintf("%s could not be delivered to the channel %s", plural(int(b.Dead), "event"), b.Channel)
		if b.Trouble != "" {
			words += ": " + b.Trouble
		}
		troubles = append(troubles, upkeepTrouble{words, fmt.Sprintf("to try again: claudepool notify retry --channel %s", b.Channel)})
	}
	return troubles, err
}

// upkeepLate is how long a pool that is used may go without upkeep.
const upkeepLate = 3 * 24 * time.Hour

// upkeepSince tells since when nothing has looked after a pool in which sessions run, zero where all is well.
func (a *app) upkeepSince(ctx context.Context, store pool.Store, subscriptions []pool.Subscription) (since time.Time, err error) {
	tasks, err := store.Tasks(ctx)
	if err != nil {
		return since, err
	}
	since = a.now()
	for _, s := range subscriptions {
		if s.CreatedAt.Before(since) {
			since = s.CreatedAt
		}
	}
	for _, t := range tasks {
		if t.Name == taskCheckpoint && t.LastRun.After(since) { // which no other command runs
			since = t.LastRun
		}
	}
	latest, err := store.Sessions(ctx, true, 1)
	if err != nil || len(latest) == 0 || !latest[0].StartedAt.After(since) || a.now().Sub(since) < upkeepLate {
		return time.Time{}, err
	}
	return since, nil
}
