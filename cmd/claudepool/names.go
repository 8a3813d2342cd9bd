package main

import (
	"context"
	"fmt"
	"slices"

	"claudepool/pool"
)

// findSubscription returns the subscription of that name. Where there is none the error names the
// nearest one and matches pool.ErrNotFound.
func findSubscription(ctx context.Context, store pool.Store, name string) (pool.Subscription, error) {
	subscriptions, err := store.Subscriptions(ctx)
	if err != nil {
		return pool.Subscription{}, err
	}
	for _, s := range subscriptions {
		if s.Name == name {
			return s, nil
		}
	}
	return pool.Subscription{}, unknownSubscription(name, subscriptions)
}

func unknownSubscription(name string, subscriptions []pool.Subscription) error {
	err := &noSubscription{name}
	if near := nearest(name, subscriptions); near != "" {
		return withHint(err, "did you mean %s? see all: claudepool list", near)
	}
	return withHint(err, "see what is there: claudepool list")
}

// noSubscription says that no subscription has a name.
type noSubscription struct{ name string }

func (e *noSubscription) Error() string { return fmt.Sprintf("no subscription is named %q", e.name) }
func (e *noSubscription) Unwrap() error { return pool.ErrNotFound }

// nearest returns the name that a person may have meant, "" where none comes close.
func nearest(name string, subscriptions []pool.Subscription) string {
	best, least := "", max(2, len(name)/3)+1
	for _, s := range subscriptions {
		if d := distance(name, s.Name); d < least {
			best, least = s.Name, d
		}
	}
	return best
}

// distance counts the letters to add, drop or change that make one word the other.
func distance(a, b string) int {
	if len(a) > pool.MaxNameLength {
		return len(a)
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		above := slices.Clone(row)
		row[0] = i + 1
		for j := range len(b) {
			change := above[j]
			if a[i] != b[j] {
				change++
			}
			row[j+1] = min(change, above[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
