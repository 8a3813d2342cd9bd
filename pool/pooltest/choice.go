package pooltest

import (
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var choiceTests = suite{
	"NamesPin":             choiceNamesPin,
	"NamesMustExist":       choiceNamesMustExist,
	"TagsMustAllBeThere":   choiceTagsMustAllBeThere,
	"UnfitIsPassedOver":    choiceUnfitIsPassedOver,
	"DisabledIsPassedOver": choiceDisabledIsPassedOver,
	"ForcedOverrulesAll":   choiceForcedOverrulesAll,
	"ForcedMustExist":      choiceForcedMustExist,
	"LimitsAreByModel":     choiceLimitsAreByModel,
	"BudgetCloses":         choiceBudgetCloses,
}

func choiceNamesPin(h *harness) {
	h.add("a")
	h.add("b")
	h.add("c", atMost(1))
	require.Equal(h, "c", h.acquire(pool.Request{Names: []string{"c"}}).Subscription)
	require.Equal(h, "b", h.acquire(pool.Request{Names: []string{"c", "b"}}).Subscription)
	_, verdicts := h.exhausted(pool.Request{Names: []string{"c"}})
	require.Equal(h, pool.NotAskedFor, verdicts["a"].Code)
	require.Equal(h, pool.Full, verdicts["c"].Code)
}

func choiceNamesMustExist(h *harness) {
	h.add("a")
	_, err := h.tryAcquire(pool.Request{Names: []string{"a", "nobody"}})
	require.ErrorIs(h, err, pool.ErrNotFound)
	require.ErrorContains(h, err, "nobody")
}

func choiceTagsMustAllBeThere(h *harness) {
	tagged := func(tags ...string) func(*pool.Subscription) {
		return func(s *pool.Subscription) { s.Tags = tags }
	}
	h.add("a")
	h.add("b", tagged("ci"))
	h.add("c", tagged("gpu", "ci"))
	h.add("d", tagged("ci-gpu"))
	require.Equal(h, "c", h.acquire(pool.Request{Tags: []string{"ci", "gpu"}}).Subscription)
	require.Equal(h, "b", h.acquire(pool.Request{Tags: []string{"ci"}}).Subscription)
	h.exhausted(pool.Request{Tags: []string{"c"}})
}

func choiceUnfitIsPassedOver(h *harness) {
	h.add("a")
	h.add("b")
	unfit := func(s pool.Subscription) string {
		if s.ConfigDir == "/dirs/a" {
			return "its directory is missing"
		}
		return ""
	}
	require.Equal(h, "b", h.acquire(pool.Request{Unfit: unfit}).Subscription)
	_, verdicts := h.exhausted(pool.Request{Names: []string{"a"}, Unfit: unfit})
	require.Equal(h, pool.NotUsableHere, verdicts["a"].Code)
	require.Equal(h, "its directory is missing", verdicts["a"].Reason)
}

func choiceDisabledIsPassedOver(h *harness) {
	h.add("a")
	h.add("b")
	require.NoError(h, h.store.SetEnabled(h.ctx, "a", false))
	require.Equal(h, "b", h.acquire(pool.Request{}).Subscription)
}

func choiceForcedOverrulesAll(h *harness) {
	h.add("a", atMost(1))
	h.add("b")
	h.acquireOn("a")
	require.NoError(h, h.store.SetEnabled(h.ctx, "a", false))
	require.Equal(h, "a", h.acquire(pool.Request{
		Forced: "a", Names: []string{"b"}, Tags: []string{"none"},
		Unfit: func(pool.Subscription) string { return "unfit" },
	}).Subscription)
	require.Equal(h, 2, h.candidate("a").Running)
}

func choiceForcedMustExist(h *harness) {
	h.add("a")
	_, err := h.tryAcquire(pool.Request{Forced: "nobody"})
	require.ErrorIs(h, err, pool.ErrNotFound)
}

func choiceLimitsAreByModel(h *harness) {
	h.add("a")
	s := h.acquire(pool.Request{})
	reset := h.now.Add(24 * time.Hour)
	h.observe(s.ID, pool.Observation{Windows: []pool.Window{
		{Kind: pool.SevenDayOpus, Status: pool.StatusRejected, ResetsAt: reset, ObservedAt: h.now},
	}})
	h.exhausted(pool.Request{Model: "claude-opus-4-5"})
	h.exhausted(pool.Request{})
	h.acquire(pool.Request{Model: "claude-sonnet-4-5"})
	h.now = reset
	h.acquire(pool.Request{Model: "claude-opus-4-5"})
}

func choiceBudgetCloses(h *harness) {
	h.add("a", func(s *pool.Subscription) { s.WeeklyBudget = 1000 })
	s := h.acquire(pool.Request{})
	h.book(s.ID, h.now, 849)
	h.acquire(pool.Request{})
	h.book(s.ID, h.now, 1)
	_, verdicts := h.exhausted(pool.Request{})
	require.Equal(h, pool.OverBudget, verdicts["a"].Code)
	h.pass(pool.WeekDays * 24 * time.Hour)
	h.acquire(pool.Request{})
}
