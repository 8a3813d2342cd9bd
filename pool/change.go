package pool

import "slices"

// Changed returns the subscription after a change, checked, as stores keep it. What a change can't touch
// stays: the id, the config directory, which the login belongs to, and when it was added.
// Errors: those of change, *InvalidError.
func (s Subscription) Changed(change func(*Subscription) error) (Subscription, error) {
	after := s.Normal()
	after.Tags = slices.Clone(after.Tags)
	if err := change(&after); err != nil {
		return s, err
	}
	after.ID, after.ConfigDir, after.CreatedAt = s.ID, s.ConfigDir, s.CreatedAt
	if err := after.Check(); err != nil {
		return s, err
	}
	return after.Normal(), nil
}
