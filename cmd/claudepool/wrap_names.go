package main

import (
	"context"
	"errors"
	"slices"

	"claudepool/pool"
)

// pinError says that a run is pinned to a subscription that is not there.
type pinError struct{ error }

func (e *pinError) Unwrap() error { return e.error }

// wholeNames makes whole names of those that a run was pinned to and that the store did not find. Only what
// was typed as an argument may be the beginning of one: a setting outlives the subscription that it is for, and
// must not fall to another one. err is what the store said. Errors: *pinError, and err where it is about
// something else.
func (l *launch) wholeNames(ctx context.Context, store pool.Store, names []string, err error) ([]string, error) {
	find := exactSubscription
	if l.namesTyped {
		find = findSubscription
	}
	var whole []string
	for _, name := range names {
		sub, wrong := find(ctx, store, name)
		switch {
		case errors.Is(wrong, pool.ErrNotFound), errors.Is(wrong, pool.ErrAmbiguous):
			return nil, &pinError{wrong}
		case wrong != nil:
			return nil, err
		case sub.Name != name:
			l.warn("%s is taken for %s", name, sub.Name)
		}
		whole = append(whole, sub.Name)
	}
	if slices.Equal(whole, names) {
		return nil, err
	}
	return whole, nil
}
