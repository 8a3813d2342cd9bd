package main

import (
	"context"
	"errors"
	"fmt"

	"claudepool/pool"
)

type statusCommand struct {
	JSON      bool     `name:"json" xor:"watch-json" help:"Print one JSON document."`
	Watch     bool     `xor:"watch-json,watch-check" help:"Redraw the table in place until Ctrl-C."`
	Interval  string   `placeholder:"TIME" help:"How often --watch redraws, from 0.1s to 1h; 2s by default."`
	Check     bool     `xor:"watch-check" help:"End with 1 where a run here would find no subscription that may be picked."`
	MinHealth *float64 `placeholder:"N" help:"With --check: where none of those has a health of N or more, 0 to 100."`
}

func (c statusCommand) Run(a *app) error {
	interval, err := c.interval()
	if err == nil {
		err = c.checkMinHealth()
	}
	if err != nil {
		return err
	}
	if c.Watch {
		return a.watchStatus(interval)
	}
	return a.withCurrentStore(func(ctx context.Context, store pool.Store) error {
		candidates, states, err := a.readStatus(ctx, store)
		if err != nil {
			return err
		}
		troubles, err := a.upkeepTroubles(ctx, store)
		if err != nil {
			return err
		}
		database, err := a.databaseStatus(ctx, store)
		if err != nil {
			return err
		}
		if err := c.print(a, candidates, states, troubles, database); err != nil || !c.Check {
			return err
		}
		return c.check(ctx, a, store)
	})
}

func (c statusCommand) print(a *app, candidates []pool.Candidate, states sessionStates, troubles []upkeepTrouble, database databaseStatus) error {
	if c.JSON {
		return a.printJSON(append(a.statusDocument(candidates, states), field{"upkeep_troubles", troublesDocument(troubles)}, field{"database", database}))
	}
	a.printTable(a.statusTable(candidates, states))
	a.warnOfTroubles(troubles)
	for _, note := range a.statusNotes(candidates) {
		a.warn("%s", note)
	}
	a.tellDatabase(database)
	return nil
}

// emptyPool is what tables say where no subscription is in the pool.
const emptyPool = "the pool is empty; to add a subscription: claudepool add NAME"

// statusNotes say what to do about the subscriptions that nothing but a person opens again.
func (a *app) statusNotes(candidates []pool.Candidate) (notes []string) {
	if len(candidates) == 0 {
		return []string{emptyPool}
	}
	for _, c := range candidates {
		v := a.judge(c)
		if v.Code != pool.Disabled && mendable(v.Code) {
			notes = append(notes, fmt.Sprintf("%s: %s; %s", v.Subscription, v.Reason, a.remedy(v.Code, c.Subscription)))
		}
	}
	return notes
}

// judge says what a launch here and now would find that asks for nothing in particular.
func (a *app) judge(c pool.Candidate) pool.Verdict {
	return a.settings.Policy.Judge(pool.Request{Unfit: a.unfit, SignedIn: a.signedIn}, c, a.now())
}

func (c statusCommand) checkMinHealth() error {
	const example = "for example: claudepool status --check --min-health 20"
	switch {
	case c.MinHealth == nil:
		return nil
	case !c.Check:
		return withHint(&usageError{errors.New("--min-health goes with --check")}, example)
	case !(*c.MinHealth >= 0 && *c.MinHealth <= 100): // NaN is neither
		return withHint(&pool.InvalidError{Field: "min-health", Value: fmt.Sprint(*c.MinHealth), Want: "be a number from 0 to 100"}, example)
	}
	return nil
}

// check ends with 1 where a run here would find nothing.
func (c statusCommand) check(ctx context.Context, a *app, store pool.Store) error {
	e, err := explainCommand{}.explain(ctx, a, store)
	if err != nil {
		return err
	}
	if e.Picked == "" {
		a.warn("%s", e.choice(a))
		return exitCode(exitFailure)
	}
	if c.MinHealth == nil {
		return nil
	}
	for _, x := range e.Candidates {
		if x.Verdict.Code == pool.Available && x.Health.Score >= *c.MinHealth {
			return nil
		}
	}
	a.warn("no subscription that may be picked has a health of %g", *c.MinHealth)
	return exitCode(exitFailure)
}
