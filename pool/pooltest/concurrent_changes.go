package pooltest

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// changesAreSeenAtOnce: no handle keeps anything of the pool to itself, so each sees what another has changed a moment ago.
func changesAreSeenAtOnce(h *harness, stores []pool.Store) {
	seen := func(what string, want func(pool.Candidate) bool) {
		h.Helper()
		for i, store := range stores {
			found, err := store.Candidates(h.ctx, h.now)
			require.NoError(h, err)
			require.True(h, slices.ContainsFunc(found, want), "%s, on handle %d", what, i)
		}
	}
	for round, store := range stores {
		name, other := fmt.Sprint("a", round), fmt.Sprint("b", round)
		changed := *h
		changed.store = store
		changed.add(name)
		seen("added", func(c pool.Candidate) bool { return c.Subscription.Name == name && c.Subscription.Enabled })
		require.NoError(h, store.SetEnabled(h.ctx, name, false))
		seen("disabled", func(c pool.Candidate) bool { return c.Subscription.Name == name && !c.Subscription.Enabled })
		require.NoError(h, store.SetCooldown(h.ctx, name, h.now.Add(time.Hour)))
		seen("cooling down", func(c pool.Candidate) bool { return c.Standing.CooldownUntil.Equal(h.now.Add(time.Hour)) })
		require.NoError(h, changed.rename(name, other))
		seen("renamed", func(c pool.Candidate) bool { return c.Subscription.Name == other })
		require.NoError(h, store.RemoveSubscription(h.ctx, other, h.now))
		for i, reader := range stores {
			left, err := reader.Subscriptions(h.ctx)
			require.NoError(h, err)
			require.Empty(h, left, "removed, on handle %d", i)
			require.ErrorIs(h, reader.SetEnabled(h.ctx, other, true), pool.ErrNotFound)
		}
	}
}

// listedWhileAllChanges: who lists, and who acquires, sees one state of the pool, whatever is renamed, removed and added meanwhile. The email
// of a subscription always says its name: one that says another was read in the middle of a change.
func listedWhileAllChanges(h *harness, stores []pool.Store) {
	of := func(name string) func(*pool.Subscription) {
		return func(s *pool.Subscription) { s.Name, s.Email, s.MaxSessions = name, name+"@example.com", 2 }
	}
	for n := range 4 {
		h.add(fmt.Sprint("s", n), of(fmt.Sprint("s", n)))
	}
	var c counter
	atOnce(stores, 24, func(n int, store pool.Store) {
		for round := range 6 {
			var err error
			switch n % 4 {
			case 0:
				err = h.changeNames(store, n, round, of)
			case 1:
				err = h.acquireAndRelease(store)
			default:
				err = h.list(store)
			}
			c.count(fmt.Sprint(err))
		}
	})
	require.Equal(h, map[string]int{"<nil>": 24 * 6}, c.n)
	listed, err := h.store.Subscriptions(h.ctx)
	require.NoError(h, err)
	require.Len(h, listed, 4)
	require.Empty(h, h.sessions(false))
	problems, err := h.store.Check(h.ctx)
	require.NoError(h, err)
	require.Empty(h, problems)
}

// changeNames renames a subscription and puts its old name on another, or removes one and adds another. What is in use, or was
// changed by somebody else, stays.
func (h *harness) changeNames(store pool.Store, n, round int, of func(string) func(*pool.Subscription)) error {
	listed, err := store.Subscriptions(h.ctx)
	if err != nil {
		return err
	}
	if len(listed) == 0 { // others are about to add theirs
		return nil
	}
	old, name := listed[(n+round)%len(listed)], fmt.Sprintf("s-%d-%d", n, round)
	if round%2 == 0 {
		_, err = store.UpdateSubscription(h.ctx, old.Name, func(s *pool.Subscription) error {
			of(name)(s)
			return nil
		})
		return unlessAny(err, pool.ErrInUse, pool.ErrNotFound)
	}
	if err = store.RemoveSubscription(h.ctx, old.Name, h.now); err != nil {
		return unlessAny(err, pool.ErrInUse, pool.ErrNotFound)
	}
	added := pool.Subscription{ConfigDir: "/dirs/" + name, Enabled: true, CreatedAt: h.now}
	of(name)(&added)
	_, err = store.AddSubscription(h.ctx, added)
	return err
}

func (h *harness) acquireAndRelease(store pool.Store) error {
	s, sub, err := store.Acquire(h.ctx, pool.Request{}, pool.DefaultPolicy(), h.probe, h.now)
	switch {
	case err != nil:
		return unlessAny(err, pool.ErrExhausted, pool.ErrNoPool)
	case s.Subscription != sub.Name || s.SubscriptionID != sub.ID:
		return fmt.Errorf("a session of %s on %s", s.Subscription, sub.Name)
	}
	found, err := store.Subscriptions(h.ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(found, func(f pool.Subscription) bool { return f.ID == sub.ID && f.Name == sub.Name }) {
		return fmt.Errorf("%s went away, or was renamed, under a session", sub.Name)
	}
	return store.Release(h.ctx, s.ID, pool.End{Reason: pool.EndedByExit}, h.now)
}

// list wants everything that can be listed to be of one state.
func (h *harness) list(store pool.Store) error {
	candidates, err := store.Candidates(h.ctx, h.now)
	if err != nil {
		return err
	}
	last := ""
	for _, c := range candidates {
		s := c.Subscription
		if s.Name <= last || s.Email != s.Name+"@example.com" || c.Running > s.MaxSessions {
			return fmt.Errorf("%s after %q, of %s, with %d sessions", s.Name, last, s.Email, c.Running)
		}
		last = s.Name
		if _, err := store.Conversations(h.ctx, pool.IdleConversations(s.Name, h.now)); err != nil {
			return err
		}
	}
	_, err = store.Sessions(h.ctx, true, 0)
	return err
}

// unlessAny is nil for an error that may be.
func unlessAny(err error, may ...error) error {
	if slices.ContainsFunc(may, func(m error) bool { return errors.Is(err, m) }) {
		return nil
	}
	return err
}
