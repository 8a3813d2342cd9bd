package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"claudepool/pool"
)

const (
	// pruneEvery is how often old detail is pruned beside other commands, and pruneTakes how long one of
	// them may be held up: what is left is for the next.
	pruneEvery = 24 * time.Hour
	pruneTakes = 2 * time.Second
	// pruneYoungest is what is never pruned: transcripts of it may not have been read to their end.
	pruneYoungest = 24 * time.Hour
)

type pruneCommand struct {
	Before string `placeholder:"WHEN" help:"A day, or an age as 90d; by default prune_after_days of the config file, which is 90 days unless set."`
	JSON   bool   `name:"json" help:"Print one JSON document."`
}

func (c pruneCommand) Run(a *app) error {
	before, err := c.before(a)
	if err != nil {
		return err
	}
	return a.withStore(func(ctx context.Context, store pool.Store) error {
		report, err := a.prune(ctx, store, before)
		if err != nil {
			return err
		}
		if c.JSON {
			return a.printJSON(object{
				{"before", before.UTC()}, {"entries", report.Entries}, {"sessions", report.Sessions},
				{"transcripts", report.Checkpoints},
			})
		}
		a.printf("turned %s of before %s into totals, forgot %s and %s that are gone\n",
			entries(report.Entries), localTime(before, a.now()), plural(int(report.Sessions), "session"),
			plural(int(report.Checkpoints), "transcript"))
		return nil
	})
}

func entries(n int64) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

func (c pruneCommand) before(a *app) (time.Time, error) {
	now := a.now().Local()
	if c.Before == "" && a.settings.PruneAfterDays == 0 {
		return time.Time{}, withHint(&usageError{errors.New("prune_after_days is 0, which is never")},
			"say from which age on: claudepool prune --before 90d")
	}
	if c.Before == "" {
		return a.pruneBefore(), nil
	}
	before, _, err := parseWhen("before", c.Before, now)
	if err == nil && now.Sub(before) < pruneYoungest {
		err = withHint(&pool.InvalidError{Field: "before", Value: c.Before, Want: "be at least a day ago"},
			"for example: claudepool prune --before 90d")
	}
	return before, err
}

// pruneBefore is when the age begins from which on detail is pruned by itself.
func (a *app) pruneBefore() time.Time { return a.now().AddDate(0, 0, -a.settings.PruneAfterDays) }

// prune prunes, once all transcripts have been read: what is older is not booked any more.
func (a *app) prune(ctx context.Context, store pool.Store, before time.Time) (pool.PruneReport, error) {
	if _, err := a.sync(ctx, store); err != nil {
		return pool.PruneReport{}, err
	}
	known, err := store.Checkpoints(ctx, "")
	if err != nil {
		return pool.PruneReport{}, err
	}
	var gone []string
	for path := range known {
		if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
			gone = append(gone, path)
		}
	}
	return store.Prune(ctx, pool.Prune{Before: before, Gone: gone})
}

// pruneNowAndThen prunes once a day, where no process of its own does. What it does not get done is for the next command.
func (a *app) pruneNowAndThen(ctx context.Context, store pool.Store) {
	if a.settings.PruneAfterDays == 0 || a.settings.Maintenance.Detached {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, pruneTakes)
	defer cancel()
	a.runNowAndThen(ctx, store, a.pruneTask(store))
}
