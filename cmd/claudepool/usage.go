package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // --tz must not depend on what the machine has

	"claudepool/pool"
)

type usageCommand struct {
	By           []string `placeholder:"WHAT,…" help:"What to group by, in this order: subscription (the default), model, day, week (named by its Monday), month, hour, block (the five-hour windows as observed, and where none was, five hours that begin with the first use), project, conversation, session, tag (use of a subscription with two tags is in the rows of both, and once in the total)."`
	Since        string   `placeholder:"WHEN" help:"2026-11-24, an RFC 3339 time, 7d, 24h, today, yesterday, this-week or this-month."`
	Until        string   `placeholder:"WHEN" help:"The same; a day counts to its end."`
	Subscription []string `placeholder:"NAME" help:"Only this one, may be given again; also removed ones, and unattributed."`
	Project      string   `placeholder:"DIR" help:"Only this directory and those below it."`
	TZ           string   `name:"tz" placeholder:"ZONE" help:"The zone of days and hours, as Europe/Berlin or UTC; by default the local one."`
	JSON         bool     `name:"json" xor:"form" help:"Print one JSON document."`
	CSV          bool     `name:"csv" xor:"form" help:"Print comma-separated values with a header."`
}

// unattributed is what the usage that no subscription is known for is called.
const unattributed = "unattributed"

func (c usageCommand) Run(a *app) error {
	query, err := c.query(a.now())
	if err != nil {
		return err
	}
	return a.withCurrentStore(func(ctx context.Context, store pool.Store) error {
		if query.Subscriptions, err = wholeNames(ctx, store, query.Subscriptions); err != nil {
			return err
		}
		report, err := newUsageReport(ctx, store, query)
		if err != nil {
			return err
		}
		switch {
		case c.JSON:
			return a.printJSON(report.document())
		case c.CSV:
			a.printf("%s", report.csv())
		default:
			a.printTable(report.table(a.terminalWidth() > 0))
		}
		return nil
	})
}

func (c usageCommand) query(now time.Time) (query pool.UsageQuery, err error) {
	query.Location = now.Local().Location()
	if c.TZ != "" {
		if query.Location, err = time.LoadLocation(c.TZ); err != nil {
			return query, withHint(&pool.InvalidError{Field: "tz", Value: c.TZ, Want: "be the name of a time zone"},
				"for example: --tz Europe/Berlin, --tz America/New_York or --tz UTC")
		}
	}
	now = now.In(query.Location)
	if query.By, err = dimensions(c.By); err != nil {
		return query, err
	}
	if query.Since, _, err = parseWhen("since", c.Since, now); err != nil {
		return query, err
	}
	if _, query.Until, err = parseWhen("until", c.Until, now); err != nil {
		return query, err
	}
	if !query.Since.IsZero() && !query.Until.IsZero() && !query.Since.Before(query.Until) {
		return query, withHint(&usageError{fmt.Errorf("--since %s is not before --until %s", c.Since, c.Until)},
			"turn them round, as in: claudepool usage --since 7d --until yesterday")
	}
	for _, name := range c.Subscription {
		if name == unattributed {
			name = ""
		}
		query.Subscriptions = append(query.Subscriptions, name)
	}
	if c.Project != "" {
		query.Project, err = filepath.Abs(c.Project)
	}
	return query, err
}

func dimensions(words []string) ([]pool.Dimension, error) {
	if len(words) == 0 {
		return []pool.Dimension{pool.BySubscription}, nil
	}
	const example = "for example: claudepool usage --by subscription,day"
	var by []pool.Dimension
	for _, word := range words {
		d := pool.Dimension(strings.TrimSpace(word))
		if !slices.Contains(pool.Dimensions, d) {
			return nil, withHint(&pool.InvalidError{Field: "by", Value: word, Want: "be one of " + allDimensions()}, example)
		}
		if slices.Contains(by, d) {
			return nil, withHint(&pool.InvalidError{Field: "by", Value: word, Want: "be given once"}, example)
		}
		by = append(by, d)
	}
	return by, nil
}

func allDimensions() string {
	var words []string
	for _, d := range pool.Dimensions {
		words = append(words, string(d))
	}
	return strings.Join(words, ", ")
}
