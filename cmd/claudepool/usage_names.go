package main

import (
	"context"
	"slices"

	"claudepool/pool"
)

// wholeNames makes whole names of the beginnings of names. The name of a removed subscription that has
// something in the ledger is as good as one of the pool; "" is what could not be attributed.
// Errors: those of findSubscription.
func wholeNames(ctx context.Context, store pool.Store, names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	subscriptions, err := store.Subscriptions(ctx)
	if err != nil {
		return nil, err
	}
	var whole []string
	for _, name := range names {
		if name, err = wholeName(ctx, store, name, subscriptions); err != nil {
			return nil, err
		}
		whole = append(whole, name)
	}
	return whole, nil
}

func wholeName(ctx context.Context, store pool.Store, name string, subscriptions []pool.Subscription) (string, error) {
	if name == "" {
		return "", nil
	}
	sub, unknown := subscriptionLike(name, subscriptions)
	if unknown == nil && sub.Name == name {
		return name, nil
	}
	rows, err := store.Usage(ctx, pool.UsageQuery{By: []pool.Dimension{pool.BySubscription}, Subscriptions: []string{name}})
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(rows, func(r pool.UsageRow) bool { return r.Keys[0] == name }) {
		return name, nil
	}
	return sub.Name, unknown
}
