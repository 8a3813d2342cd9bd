package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"claudepool/internal/transcripts"
	"claudepool/internal/upkeep"
	"claudepool/pool"
)

type rebalanceCommand struct {
	DryRun bool `help:"Say what would be moved, and move nothing."`
	JSON   bool `name:"json" help:"Print one JSON document."`
}

// Help says what a move is.
func (rebalanceCommand) Help() string {
	return `A conversation that is resumed goes on with the subscription that it was last on. This lets idle ones go on with a
subscription that is used less: see docs/choice.md. It is done by itself now and then; rebalance in the config file says how often.`
}

func (c rebalanceCommand) Run(a *app) error {
	return a.withCurrentStore(func(ctx context.Context, store pool.Store) error {
		var report rebalanceReport
		var err error
		if c.DryRun {
			report, err = a.rebalance(ctx, store, true)
		} else {
			report, err = a.rebalanceNow(ctx, store)
		}
		if err != nil {
			return err
		}
		if c.JSON {
			return a.printJSON(report.document())
		}
		a.printf("%s\n", plain(report.text()))
		return nil
	})
}

// errRebalancing says that another process does it now.
var errRebalancing = errors.New("another process is moving conversations")

// rebalanceNow does it whenever it was done last, unless another process does it now.
func (a *app) rebalanceNow(ctx context.Context, store pool.Store) (report rebalanceReport, err error) {
	runner, err := a.upkeepRunner(store)
	if err != nil {
		return report, err
	}
	var failed error
	task := upkeep.Task{Name: taskRebalance, Run: func(ctx context.Context) (upkeep.Report, error) {
		report, failed = a.rebalance(ctx, store, false)
		return report.upkeep(), failed
	}}
	outcomes, err := runner.RunDue(ctx, task)
	switch {
	case err != nil:
		return report, err
	case len(outcomes) == 0:
		return report, withHint(errRebalancing, "try again in a moment: claudepool rebalance")
	case failed == nil && outcomes[0].Trouble != "":
		return report, errors.New(outcomes[0].Trouble)
	}
	return report, failed
}

// rebalanceTask does it as often as the settings say.
func (a *app) rebalanceTask(store pool.Store) upkeep.Task {
	return upkeep.Task{Name: taskRebalance, Every: a.settings.RebalanceEvery, Run: func(ctx context.Context) (upkeep.Report, error) {
		report, err := a.rebalance(ctx, store, false)
		return report.upkeep(), err
	}}
}

// rebalance moves what is to be moved, and reports that. Where it fails the report has what was moved before.
func (a *app) rebalance(ctx context.Context, store pool.Store, dryRun bool) (rebalanceReport, error) {
	report := rebalanceReport{DryRun: dryRun, Moves: []moveRow{}}
	balance, err := a.balance(ctx, store)
	if err != nil {
		return report, err
	}
	moves, why := a.settings.Rebalance.Plan(a.settings.Policy, balance, a.now())
	report.Why = orNull(why)
	for _, m := range moves {
		row := moveRow{m.Conversation.ID, m.From, m.To, orNull(m.Conversation.Project), m.Reason, false}
		if !dryRun {
			if row.Moved, err = store.MoveConversation(ctx, m, a.now()); err != nil {
				return report, err
			}
		}
		report.Moves = append(report.Moves, row)
	}
	return report, nil
}

// balance reads what a plan goes by.
func (a *app) balance(ctx context.Context, store pool.Store) (pool.Balance, error) {
	b := pool.Balance{
		Idle: map[string][]pool.Conversation{}, Request: pool.Request{Unfit: a.unfit, SignedIn: a.signedIn},
		Place: func(s pool.Subscription) string { return transcripts.DirOf(s, a.settings.places.defaultConfigDir()) },
	}
	var err error
	if b.Candidates, err = store.Candidates(ctx, a.now()); err != nil {
		return b, err
	}
	for _, c := range b.Candidates {
		name := c.Subscription.Name
		if b.Idle[name], err = store.Conversations(ctx, pool.IdleConversations(name, a.now())); err != nil {
			return b, err
		}
	}
	return b, nil
}

// rebalanceReport is what came of a cycle. Why is null where something was to be moved.
type rebalanceReport struct {
	DryRun bool      `json:"dry_run"`
	Moves  []moveRow `json:"moves"`
	Why    *string   `json:"why"`
}

// moveRow is a move. Moved is false in a dry run, and where the conversation was taken up meanwhile.
type moveRow struct {
	ConversationID string  `json:"conversation_id"`
	From           string  `json:"from"`
	To             string  `json:"to"`
	Project        *string `json:"project"`
	Reason         string  `json:"reason"`
	Moved          bool    `json:"moved"`
}

func (r rebalanceReport) document() object {
	return object{{"dry_run", r.DryRun}, {"moves", r.Moves}, {"why", r.Why}}
}

// upkeep is the report as the task has it.
func (r rebalanceReport) upkeep() upkeep.Report {
	report := upkeep.Report{Data: r}
	moved := 0
	for _, m := range r.Moves {
		if m.Moved {
			moved++
		}
	}
	if moved > 0 {
		report.Words = "moved " + plural(moved, "conversation")
	}
	return report
}

// text is the report for people.
func (r rebalanceReport) text() string {
	if r.Why != nil {
		return "nothing to move: " + *r.Why
	}
	var lines []string
	for _, m := range r.Moves {
		what := "moved"
		switch {
		case r.DryRun:
			what = "would move"
		case !m.Moved:
			what = "did not move, since it was taken up meanwhile:"
		}
		lines = append(lines, fmt.Sprintf("%s %s from %s to %s: %s", what, m.ConversationID, m.From, m.To, m.Reason))
	}
	return strings.Join(lines, "\n")
}
