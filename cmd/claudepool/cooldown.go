package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"claudepool/pool"
)

type cooldownCommand struct {
	Name  string `arg:"" help:"Name of the subscription."`
	For   string `placeholder:"TIME" help:"For how long not to pick it, as in 90m, 2h or 3d; 1h by default."`
	Until string `placeholder:"T" help:"Until when, as in 15:30, tomorrow or 2026-11-24T15:04:05Z."`
	Clear bool   `help:"Let it be picked again: lift a cooldown, a back-off, a limit that was met, and a login that did not work."`
}

// The cooldown where no time is given, and the longest one.
const (
	defaultCooldown = time.Hour
	longestCooldown = 366 * 24 * time.Hour
)

func (c cooldownCommand) Run(a *app) error {
	until, err := c.until(a.now())
	if err != nil {
		return err
	}
	return a.withCurrentStore(func(ctx context.Context, store pool.Store) error {
		sub, err := findSubscription(ctx, store, c.Name)
		if err != nil {
			return err
		}
		c.Name = sub.Name
		if c.Clear {
			return c.clear(ctx, a, store)
		}
		if err := store.SetCooldown(ctx, c.Name, until); err != nil {
			return err
		}
		a.printf("%s is not picked until %s, in %s; to lift that: claudepool cooldown %s --clear\n",
			c.Name, localTime(until, a.now()), span(until.Sub(a.now())), c.Name)
		return nil
	})
}

// until is when the cooldown ends, zero where it is to be lifted.
func (c cooldownCommand) until(now time.Time) (time.Time, error) {
	given := 0
	for _, isGiven := range []bool{c.For != "", c.Until != "", c.Clear} {
		if isGiven {
			given++
		}
	}
	until := now.Add(defaultCooldown)
	var err error
	switch {
	case given > 1:
		return until, withHint(&usageError{errors.New("--for, --until and --clear can't be used together")},
			"for example: claudepool cooldown %s --for 2h", c.Name)
	case c.Clear:
		return time.Time{}, nil
	case c.For != "":
		length, ok := parseAgo(c.For)
		if !ok || length <= 0 {
			return until, withHint(&pool.InvalidError{Field: "for", Value: c.For, Want: "be a length of time above 0"},
				"for example: claudepool cooldown %s --for 90m, 2h or 3d", c.Name)
		}
		until = now.Add(length)
	case c.Until != "":
		until, err = parseUntil("until", c.Until, now)
	}
	if err == nil && until.Sub(now) > longestCooldown {
		err = c.tooLong()
	}
	return until, err
}

func (c cooldownCommand) tooLong() error {
	field, value := "until", c.Until
	if c.For != "" {
		field, value = "for", c.For
	}
	return withHint(&pool.InvalidError{Field: field, Value: value, Want: "be within a year"},
		"to keep it from being picked for good: claudepool disable %s", c.Name)
}

// clear lifts what kept the subscription closed, and tells what that was and what is left.
func (c cooldownCommand) clear(ctx context.Context, a *app, store pool.Store) error {
	before, err := findCandidate(ctx, store, c.Name, a.now())
	if err != nil {
		return err
	}
	if err := store.ClearCooldown(ctx, c.Name, a.now()); err != nil {
		return err
	}
	after, err := findCandidate(ctx, store, c.Name, a.now())
	if err != nil {
		return err
	}
	lifted := "nothing was to be lifted"
	if words := closedWords(before, a.now()); len(words) > 0 {
		lifted = "lifted: " + strings.Join(words, ", ")
	}
	a.printf("%s: %s; it %s\n", c.Name, lifted, a.nowWords(after))
	return nil
}

// nowWords say whether a subscription may be picked, as the end of a sentence about it.
func (a *app) nowWords(c pool.Candidate) string {
	v := a.judge(c)
	if v.Code == pool.Available {
		return "may be picked"
	}
	words := "is still " + stateWords(v, a.now())
	if remedy := a.remedy(v.Code, c.Subscription); remedy != "" {
		words += "; " + remedy
	}
	return words
}

// closedWords are what ClearCooldown would lift.
func closedWords(c pool.Candidate, now time.Time) (words []string) {
	if c.Standing.CooldownUntil.After(now) {
		words = append(words, "the cooldown until "+localTime(c.Standing.CooldownUntil, now))
	}
	if c.Standing.BackoffUntil.After(now) {
		words = append(words, "the back-off until "+localTime(c.Standing.BackoffUntil, now))
	}
	switch c.Standing.Login {
	case pool.LoginSignedOut:
		words = append(words, "being signed out")
	case pool.LoginRefused:
		words = append(words, "being refused")
	}
	for _, w := range c.Windows {
		if until, closed := w.ClosedUntil("", now); closed {
			words = append(words, fmt.Sprintf("the %s limit until %s", w.Kind, localTime(until, now)))
		}
	}
	return words
}

// findCandidate returns a subscription with what a choice would look at. Errors: those of the store, and
// pool.ErrNotFound.
func findCandidate(ctx context.Context, store pool.Store, name string, now time.Time) (pool.Candidate, error) {
	candidates, err := store.Candidates(ctx, now)
	if err != nil {
		return pool.Candidate{}, err
	}
	for _, c := range candidates {
		if c.Subscription.Name == name {
			return c, nil
		}
	}
	return pool.Candidate{}, fmt.Errorf("subscription %s: %w", name, pool.ErrNotFound)
}
