package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"claudepool/pool"
)

// clockTolerance is how far clocks may be apart: those of machines that share a file system always are a little.
const clockTolerance = time.Minute

// checkDatabase reads all of the database. With --fix it was opened as by a launch, which has brought its schema up
// to date.
func (d *doctor) checkDatabase(ctx context.Context) (found []finding) {
	switch {
	case errors.Is(d.storeErr, pool.ErrNoPool) && d.settings.project.hasPool():
		return allWell("there is no pool yet: the first run makes it, as %s says", d.settings.project.path)
	case errors.Is(d.storeErr, pool.ErrNoPool):
		return []finding{problem("to make one: claudepool init", "there is no pool yet: %s", d.settings.places.tilde(d.settings.databaseWords()))}
	case d.storeErr != nil:
		return []finding{problem(d.hintFor(d.storeErr), "the pool can't be used: %v", d.storeErr)}
	}
	status, err := d.databaseStatus(ctx, d.store)
	if err == nil && !d.settings.onServer() {
		err = readOnlyError(d.settings.Database)
	}
	if err != nil {
		return []finding{problem(d.hintFor(err), "the pool can't be used: %v", err)}
	}
	problems, err := d.store.Check(ctx)
	if !d.changes && (err != nil || len(problems) > 0) { // a launch that wrote meanwhile looks like damage to who reads without a lock
		d.close()
		if d.openPool(ctx); d.storeErr != nil {
			return []finding{problem(d.hintFor(d.storeErr), "the pool can't be used: %v", d.storeErr)}
		}
		problems, err = d.store.Check(ctx)
	}
	if err != nil {
		return []finding{problem(d.hintFor(err), "the database can't be checked: %v", err)}
	}
	for _, words := range problems {
		found = append(found, problem(d.hintFor(pool.ErrCorrupt), "the database is damaged: %s", words))
	}
	if len(found) == 0 && len(d.subscriptions) == 0 {
		return []finding{warning("to add a subscription: claudepool add NAME", "the pool is empty")}
	}
	if d.settings.onServer() {
		return orWell(found, "the database can be reached and its schema is the latest: %s", status.words())
	}
	return orWell(found, "the database is sound and its schema the latest: %s", d.settings.places.tilde(d.settings.Database))
}

func (d *doctor) checkSpool(ctx context.Context) (found []finding) {
	spool := d.settings.spool()
	contents := spool.Look(d.probe, d.now())
	if n := len(contents.Waiting); n > 0 {
		f := warning("to book it: claudepool reclaim", "the usage of %s waits in the spool to be booked", plural(n, "session"))
		if d.store != nil {
			f.mend = func() (string, error) {
				booked, err := spool.Drain(ctx, d.store, d.probe, d.now())
				return fmt.Sprintf("booked %s", plural(booked, "session")), err
			}
		}
		found = append(found, f)
	}
	for _, path := range contents.Damaged {
		found = append(found, warning("to give it up: rm "+shellQuote(path), "a record in the spool is damaged: %s", path))
	}
	return orWell(found, "nothing waits in the spool")
}

// checkSessions finds sessions that hold a place, though their process is gone.
func (d *doctor) checkSessions(ctx context.Context) []finding {
	if d.store == nil {
		return nil
	}
	sessions, err := d.store.Sessions(ctx, false, 0)
	if err != nil {
		return []finding{problem(d.hintFor(err), "the sessions can't be read: %v", err)}
	}
	dead := 0
	for _, s := range sessions {
		if s.IsDead(d.probe, d.now()) {
			dead++
		}
	}
	if dead == 0 {
		return allWell("%s running, none dead", plural(len(sessions), "session"))
	}
	f := warning("to end them: claudepool reclaim", "%s without a process: %s running in all", plural(dead, "session"), plural(len(sessions), "session"))
	f.mend = func() (string, error) {
		ended, err := d.store.Reclaim(ctx, d.probe, d.now())
		return fmt.Sprintf("ended %s", plural(len(ended), "session")), err
	}
	return []finding{f}
}

// checkClock looks for what the pool and its files have of the future.
func (d *doctor) checkClock(ctx context.Context) (found []finding) {
	const hint = "see what it says, and set it: date"
	if d.store != nil {
		status, _ := d.databaseStatus(ctx, d.store) // another check tells the error
		if ahead := status.ahead(); ahead.Abs() > clockTolerance {
			found = append(found, warning(hint, "the clock of the database is %s; sessions go by it", clockWords(ahead)))
		}
	}
	if what, at := d.future(ctx); what != "" {
		found = append(found, warning(hint, "%s is of %s, which is %s from now: a clock is or was wrong",
			what, localTime(at, d.now()), span(at.Sub(d.now()))))
	}
	return orWell(found, "the clock agrees with the file system and the pool")
}

// future names what is furthest in the future of what the pool knows, "" where nothing is.
func (d *doctor) future(ctx context.Context) (what string, at time.Time) {
	latest := d.now().Add(clockTolerance)
	look := func(words string, when time.Time) {
		if when.After(latest) {
			what, at, latest = words, when, when
		}
	}
	if info, err := os.Stat(d.settings.Database); err == nil { // by the clock of the file system
		look("the last change of "+d.settings.Database, info.ModTime())
	}
	if d.store == nil {
		return what, at
	}
	sessions, _ := d.store.Sessions(ctx, true, 100) // the latest first; another check tells the error
	for _, s := range sessions {
		look("the start of session "+s.ID, s.StartedAt)
		look("the heartbeat of session "+s.ID, s.HeartbeatAt)
	}
	candidates, _ := d.store.Candidates(ctx, d.now())
	for _, c := range candidates {
		for _, w := range c.Windows {
			look(fmt.Sprintf("what is known of the window %s of %s", w.Kind, c.Subscription.Name), w.ObservedAt)
		}
	}
	return what, at
}
