package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"claudepool/pool"
)

// findSubscription returns the subscription of that name or, where there is none, the only one whose name
// begins so. Where there is none either the error names the nearest one and matches pool.ErrNotFound; where
// there are several it matches pool.ErrAmbiguous.
func findSubscription(ctx context.Context, store pool.Store, name string) (pool.Subscription, error) {
	subscriptions, err := store.Subscriptions(ctx)
	if err != nil {
		return pool.Subscription{}, err
	}
	return subscriptionLike(name, subscriptions)
}

// exactSubscription takes no beginnings of names: what is done to the wrong one costs too much.
// Errors: as those of findSubscription.
func exactSubscription(ctx context.Context, store pool.Store, name string) (pool.Subscription, error) {
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

// subscriptionLike is findSubscription among those that are given.
func subscriptionLike(name string, subscriptions []pool.Subscription) (pool.Subscription, error) {
	var begin []pool.Subscription
	for _, s := range subscriptions {
		switch {
		case s.Name == name:
			return s, nil
		case name != "" && strings.HasPrefix(s.Name, name):
			begin = append(begin, s)
		}
	}
	switch len(begin) {
	case 0:
		return pool.Subscription{}, unknownSubscription(name, subscriptions)
	case 1:
		return begin[0], nil
	}
	return pool.Subscription{}, ambiguousName(name, begin)
}

// mostNamed is how many names a sentence lists.
const mostNamed = 6

func ambiguousName(name string, begin []pool.Subscription) error {
	var names []string
	for _, s := range begin[:min(mostNamed, len(begin))] {
		names = append(names, s.Name)
	}
	if more := len(begin) - mostNamed; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return withHint(fmt.Errorf("the name %q is %w: %s", name, pool.ErrAmbiguous, strings.Join(names, ", ")),
		"give more of it, or all: claudepool list")
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

func (e *noSubscription) Error() string {
	if letters := []rune(e.name); len(letters) > pool.MaxNameLength {
		return fmt.Sprintf("no subscription is named %q…, no name is that long", string(letters[:pool.MaxNameLength]))
	}
	return fmt.Sprintf("no subscription is named %q", e.name)
}
func (e *noSubscription) Unwrap() error { return pool.ErrNotFound }

// nearest returns the name that a person may have meant, "" where none comes close.
func nearest(name string, subscriptions []pool.Subscription) string {
	var names []string
	for _, s := range subscriptions {
		names = append(names, s.Name)
	}
	return nearestWord(name, names)
}

// nearestWord is the same among any words.
func nearestWord(word string, words []string) string {
	best, least := "", max(2, len(word)/3)+1
	for _, w := range words {
		if d := distance(word, w); d < least {
			best, least = w, d
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
