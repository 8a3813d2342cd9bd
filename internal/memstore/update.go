package memstore

import (
	"context"
	"fmt"

	"claudepool/pool"
)

// UpdateSubscription implements pool.Store.
func (s *Store) UpdateSubscription(ctx context.Context, name string, change func(*pool.Subscription) error) (pool.Subscription, error) {
	if err := s.lock(ctx); err != nil {
		return pool.Subscription{}, err
	}
	defer s.mu.Unlock()
	sub := s.named(name)
	if sub == nil {
		return pool.Subscription{}, fmt.Errorf("change %s: %w", name, pool.ErrNotFound)
	}
	after, err := sub.Changed(change)
	if err != nil {
		return pool.Subscription{}, err
	}
	if after.Name != name {
		switch {
		case s.named(after.Name) != nil:
			return pool.Subscription{}, fmt.Errorf("change %s: %s: %w", name, after.Name, pool.ErrNameTaken)
		case s.running(sub.ID) > 0:
			return pool.Subscription{}, fmt.Errorf("change %s: %w", name, pool.ErrInUse)
		}
	}
	if after.WeeklyBudget != sub.WeeklyBudget {
		sub.budgetTold = 0
	}
	sub.Subscription = after
	for _, session := range s.sessions {
		if session.SubscriptionID == sub.ID {
			session.Subscription = after.Name
		}
	}
	return after.Normal(), nil
}
