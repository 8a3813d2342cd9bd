package pooltest

import (
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var removalTests = suite{
	"KnowsItsName":            removalKnowsItsName,
	"IsRefusedWhileInUse":     removalIsRefusedWhileInUse,
	"FreesNameAndDirectory":   removalFreesNameAndDirectory,
	"KeepsSessionsAndLedger":  removalKeepsSessionsAndLedger,
	"LeavesNothingToTheNext":  removalLeavesNothingToTheNext,
	"LetsSessionsGoOnBooking": removalLetsSessionsGoOnBooking,
}

func (h *harness) remove(name string) {
	h.Helper()
	require.NoError(h, h.store.RemoveSubscription(h.ctx, name, h.now))
}

func removalKnowsItsName(h *harness) {
	h.add("a")
	require.ErrorIs(h, h.store.RemoveSubscription(h.ctx, "b", h.now), pool.ErrNotFound)
	h.remove("a")
	require.ErrorIs(h, h.store.RemoveSubscription(h.ctx, "a", h.now), pool.ErrNotFound)
	require.ErrorIs(h, h.store.SetEnabled(h.ctx, "a", true), pool.ErrNotFound)
	_, err := h.tryAcquire(pool.Request{})
	require.ErrorIs(h, err, pool.ErrNoPool)
}

func removalIsRefusedWhileInUse(h *harness) {
	h.add("a")
	one, two := h.acquireOn("a"), h.acquireOn("a")
	require.ErrorIs(h, h.store.RemoveSubscription(h.ctx, "a", h.now), pool.ErrInUse)
	h.release(one.ID)
	require.ErrorIs(h, h.store.RemoveSubscription(h.ctx, "a", h.now), pool.ErrInUse)
	h.release(two.ID)
	h.remove("a")
}

func removalFreesNameAndDirectory(h *harness) {
	old := h.add("a")
	h.remove("a")
	again := h.add("a")
	require.NotEqual(h, old.ID, again.ID, "an id is never given out again")
	h.remove("a")
	third := h.add("b", func(s *pool.Subscription) { s.ConfigDir = "/dirs/a" })
	require.NotContains(h, []int64{old.ID, again.ID}, third.ID)
}

func removalKeepsSessionsAndLedger(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	h.book(s.ID, h.now, 5)
	h.release(s.ID)
	h.remove("a")
	require.Equal(h, "a", h.session(s.ID).Subscription)
	require.Equal(h, map[string]int64{"a": 5}, h.inputs(pool.UsageQuery{By: []pool.Dimension{pool.BySubscription}}))

	h.add("a")
	next := h.acquireOn("a")
	h.book(next.ID, h.now, 7)
	require.Equal(h, map[string]int64{"a": 12}, h.inputs(pool.UsageQuery{By: []pool.Dimension{pool.BySubscription}}),
		"of one name is one row")
}

func removalLeavesNothingToTheNext(h *harness) {
	h.add("a")
	s := h.acquire(pool.Request{Conversation: "c", CWD: "/src"})
	h.book(s.ID, h.now, 5)
	h.observe(s.ID, pool.Observation{Windows: []pool.Window{
		{Kind: pool.FiveHour, Status: pool.StatusRejected, ResetsAt: h.now.Add(time.Hour), ObservedAt: h.now},
	}})
	h.release(s.ID)
	h.remove("a")

	again := h.add("a")
	require.Equal(h, pool.Candidate{Subscription: again}, h.candidate("a"))
	h.acquire(pool.Request{Conversation: "c"}) // whose home is gone
}

func removalLetsSessionsGoOnBooking(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	h.release(s.ID)
	h.remove("a")
	h.book(s.ID, h.now, 3) // a late booking, as from a spool
	require.Equal(h, map[string]int64{"a": 3}, h.inputs(pool.UsageQuery{By: []pool.Dimension{pool.BySubscription}}))
}
