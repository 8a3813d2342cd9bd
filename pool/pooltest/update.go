package pooltest

import (
	"errors"
	"reflect"
	"strconv"
	"sync"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var updateTests = suite{
	"UpdateKeepsEveryField":        updateKeepsEveryField,
	"UpdateLeavesWhatItMayNot":     updateLeavesWhatItMayNot,
	"UpdateRefusesTheInvalid":      updateRefusesTheInvalid,
	"UpdateTakesNothingOnError":    updateTakesNothingOnError,
	"UpdateKnowsItsName":           updateKnowsItsName,
	"UpdatesAtOnceLoseNothing":     updatesAtOnceLoseNothing,
	"RenameKeepsSessionsAndLedger": renameKeepsSessionsAndLedger,
	"RenameRefusesTheTaken":        renameRefusesTheTaken,
	"RenameIsRefusedWhileInUse":    renameIsRefusedWhileInUse,
}

func (h *harness) update(name string, change func(*pool.Subscription)) pool.Subscription {
	h.Helper()
	after, err := h.store.UpdateSubscription(h.ctx, name, func(s *pool.Subscription) error {
		change(s)
		return nil
	})
	require.NoError(h, err)
	return after
}

// rename returns the error of a change of name.
func (h *harness) rename(old, name string) error {
	_, err := h.store.UpdateSubscription(h.ctx, old, func(s *pool.Subscription) error {
		s.Name = name
		return nil
	})
	return err
}

// fullSettings has every setting that a subscription can be given, each unlike what it has by default.
func fullSettings(s *pool.Subscription) {
	s.Name, s.Email, s.Tags, s.MaxSessions, s.WeeklyBudget = "b", "me@example.com", []string{"x", "a", "x"}, 3, pool.USD(7)
	s.Tier, s.Priority, s.Reserve, s.AllowOverage, s.API, s.RampUp = 2, -4, 0.25, true, true, true
	s.EnvFrom, s.EnvCommand = []pool.EnvFrom{{Var: "A", Source: "B"}}, []pool.EnvCommand{{Var: "C", Command: "echo 'x y'"}}
	s.Sharing = pool.Sharing{Base: "/dirs/base", Entries: []string{"projects", "CLAUDE.md"}}
	s.Env, s.Origin, s.Enabled = []pool.EnvValue{{Var: "D", Value: "é \"x\""}}, "project/claudepool.toml", true
}

func updateKeepsEveryField(h *harness) {
	before := h.add("a", func(s *pool.Subscription) { s.Enabled = false })
	after := h.update("a", fullSettings)
	want := before
	fullSettings(&want)
	want.Tags = []string{"a", "x"}
	require.Equal(h, want, after)
	listed, err := h.store.Subscriptions(h.ctx)
	require.NoError(h, err)
	require.Equal(h, []pool.Subscription{want}, listed)

	// A setting that is new needs its place in fullSettings: one that no store keeps would pass else.
	value := reflect.ValueOf(want)
	for i := range value.NumField() {
		require.False(h, value.Field(i).IsZero(), "fullSettings leaves out %s", value.Type().Field(i).Name)
	}

	h.update("b", func(s *pool.Subscription) {
		*s = pool.Subscription{Name: "b"}
	})
	require.Equal(h, pool.Subscription{ID: before.ID, Name: "b", ConfigDir: "/dirs/a", CreatedAt: before.CreatedAt},
		h.candidate("b").Subscription, "back to nothing")
}

func updateLeavesWhatItMayNot(h *harness) {
	before := h.add("a")
	h.update("a", func(s *pool.Subscription) {
		s.ID, s.ConfigDir, s.CreatedAt = 77, "/else", h.now.AddDate(1, 0, 0)
	})
	require.Equal(h, before, h.candidate("a").Subscription)
}

func updateRefusesTheInvalid(h *harness) {
	before := h.add("a")
	_, err := h.store.UpdateSubscription(h.ctx, "a", func(s *pool.Subscription) error {
		s.Tier, s.Priority = 5, 5000
		return nil
	})
	var invalid *pool.InvalidError
	require.ErrorAs(h, err, &invalid)
	require.Equal(h, "priority", invalid.Field)
	require.Equal(h, before, h.candidate("a").Subscription)
}

func updateTakesNothingOnError(h *harness) {
	before := h.add("a")
	mine := errors.New("mine")
	_, err := h.store.UpdateSubscription(h.ctx, "a", func(s *pool.Subscription) error {
		s.Tier = 5
		return mine
	})
	require.ErrorIs(h, err, mine)
	require.Equal(h, before, h.candidate("a").Subscription)
}

func updateKnowsItsName(h *harness) {
	h.add("a")
	h.remove("a")
	for _, name := range []string{"a", "b", "", "%"} {
		require.ErrorIs(h, h.rename(name, "c"), pool.ErrNotFound)
	}
}

func updatesAtOnceLoseNothing(h *harness) {
	h.add("a")
	var all sync.WaitGroup
	errs := make([]error, 12)
	for i := range errs {
		all.Go(func() {
			_, errs[i] = h.store.UpdateSubscription(h.ctx, "a", func(s *pool.Subscription) error {
				s.Tags = append(s.Tags, "t"+strconv.Itoa(i))
				return nil
			})
		})
	}
	all.Wait()
	require.NoError(h, errors.Join(errs...))
	require.Len(h, h.candidate("a").Subscription.Tags, len(errs))
}

func renameKeepsSessionsAndLedger(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	h.book(s.ID, h.now, 5)
	h.release(s.ID)
	require.NoError(h, h.rename("a", "b"))
	require.Equal(h, "b", h.session(s.ID).Subscription)
	require.Equal(h, map[string]int64{"b": 5}, h.inputs(pool.UsageQuery{By: []pool.Dimension{pool.BySubscription}}))
	require.Equal(h, "/dirs/a", h.candidate("b").Subscription.ConfigDir, "the directory stays")
	h.add("a", func(s *pool.Subscription) { s.ConfigDir = "/else" }) // the name is free
}

func renameRefusesTheTaken(h *harness) {
	h.add("a")
	h.add("b")
	require.ErrorIs(h, h.rename("a", "b"), pool.ErrNameTaken)
	require.NoError(h, h.rename("a", "a"), "to what it is")
	h.remove("b")
	require.NoError(h, h.rename("a", "b"))
}

func renameIsRefusedWhileInUse(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	require.ErrorIs(h, h.rename("a", "b"), pool.ErrInUse)
	h.update("a", func(s *pool.Subscription) { s.Tier = 1 }) // everything else may change
	h.release(s.ID)
	require.NoError(h, h.rename("a", "b"))
}
