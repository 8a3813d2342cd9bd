package pooltest

import (
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var standingTests = suite{
	"SignedOutUntilARunSucceeds":   signedOutUntilARunSucceeds,
	"RefusedIsPassedOver":          refusedIsPassedOver,
	"ThrottledBacksAnAPIKeyOff":    throttledBacksAnAPIKeyOff,
	"ThrottledPlanStaysOpen":       throttledPlanStaysOpen,
	"OutcomesComeInAnyOrder":       outcomesComeInAnyOrder,
	"OutcomeOfTheUnattributed":     outcomeOfTheUnattributed,
	"OutcomeOfAnEndedSession":      outcomeOfAnEndedSession,
	"OutcomeKeepsTheCooldown":      outcomeKeepsTheCooldown,
	"RemovalLeavesNoneToTheNext":   standingIsLeftToNone,
	"SubscriptionKeepsItsNewSides": subscriptionKeepsItsNewSides,
}

// hear books an outcome of now.
func (h *harness) hear(session string, outcome pool.Outcome) {
	h.Helper()
	h.observe(session, pool.Observation{At: h.now, Outcome: outcome})
}

func isAPI(s *pool.Subscription) { s.API = true }

// closed returns why the only subscription may not be picked.
func (h *harness) closed(req pool.Request) pool.Verdict {
	h.Helper()
	_, verdicts := h.exhausted(req)
	require.Len(h, verdicts, 1)
	for _, v := range verdicts {
		return v
	}
	return pool.Verdict{}
}

func signedOutUntilARunSucceeds(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	h.hear(s.ID, pool.OutcomeSignedOut)
	require.Equal(h, pool.Standing{Login: pool.LoginSignedOut, HeardAt: h.now}, h.candidate("a").Standing)
	require.Equal(h, pool.SignedOut, h.closed(pool.Request{}).Code)
	signedIn := func(at time.Time) pool.Request {
		return pool.Request{SignedIn: func(pool.Subscription) time.Time { return at }}
	}
	h.closed(signedIn(h.now))
	h.acquire(signedIn(h.now.Add(time.Millisecond)))
	retry := h.acquireOn("a") // pinned: it is tried
	h.pass(time.Second)
	h.hear(retry.ID, pool.OutcomeAnswered)
	require.Equal(h, pool.Standing{HeardAt: h.now}, h.candidate("a").Standing)
	h.acquire(pool.Request{})
}

func refusedIsPassedOver(h *harness) {
	h.add("a")
	h.add("b")
	h.hear(h.acquireOn("a").ID, pool.OutcomeRefused)
	for range 3 {
		require.Equal(h, "b", h.acquire(pool.Request{}).Subscription)
	}
	require.Equal(h, pool.LoginRefused, h.candidate("a").Standing.Login)
	require.Zero(h, h.candidate("b").Standing)
}

func throttledBacksAnAPIKeyOff(h *harness) {
	h.add("key", isAPI)
	one, two := h.acquireOn("key"), h.acquireOn("key")
	h.hear(one.ID, pool.OutcomeThrottled)
	h.pass(time.Second)
	h.hear(two.ID, pool.OutcomeThrottled)
	v := h.closed(pool.Request{})
	require.Equal(h, pool.BackingOff, v.Code)
	require.Equal(h, start.Add(pool.BackoffFirst), v.FreeAt, "many that meet one limit count once")
	h.now = v.FreeAt
	s := h.acquire(pool.Request{})
	h.hear(s.ID, pool.OutcomeThrottled)
	require.Equal(h, pool.Standing{HeardAt: h.now, Throttles: 2, BackoffUntil: h.now.Add(2 * pool.BackoffFirst)}, h.candidate("key").Standing)
	h.now = h.closed(pool.Request{}).FreeAt
	h.hear(s.ID, pool.OutcomeAnswered)
	require.Equal(h, pool.Standing{HeardAt: h.now}, h.candidate("key").Standing)
}

func throttledPlanStaysOpen(h *harness) {
	h.add("a")
	h.hear(h.acquireOn("a").ID, pool.OutcomeThrottled)
	require.Zero(h, h.candidate("a").Standing)
	h.acquire(pool.Request{})
}

func outcomesComeInAnyOrder(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	early := h.now
	h.pass(time.Second)
	h.hear(s.ID, pool.OutcomeAnswered)
	h.observe(s.ID, pool.Observation{At: early, Outcome: pool.OutcomeSignedOut})
	require.Equal(h, pool.Standing{HeardAt: h.now}, h.candidate("a").Standing)
	h.acquire(pool.Request{})
}

func outcomeOfTheUnattributed(h *harness) {
	h.add("a")
	h.restored("lost")
	h.observe("lost", pool.Observation{At: h.now, Outcome: pool.OutcomeSignedOut, Met: pool.FiveHour})
	require.Zero(h, h.candidate("a").Standing)
	require.Equal(h, pool.FiveHour, h.session("lost").Met)
}

func outcomeOfAnEndedSession(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	h.release(s.ID)
	h.hear(s.ID, pool.OutcomeSignedOut)
	require.Equal(h, pool.LoginSignedOut, h.candidate("a").Standing.Login)
}

func outcomeKeepsTheCooldown(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	h.cool("a", h.now.Add(time.Hour))
	h.hear(s.ID, pool.OutcomeAnswered)
	require.Equal(h, h.now.Add(time.Hour), h.candidate("a").Standing.CooldownUntil)
	require.Equal(h, h.now, h.candidate("a").Standing.HeardAt)
}

func standingIsLeftToNone(h *harness) {
	h.add("a", isAPI)
	s := h.acquireOn("a")
	h.hear(s.ID, pool.OutcomeThrottled)
	h.hear(s.ID, pool.OutcomeSignedOut)
	h.cool("a", h.now.Add(time.Hour))
	h.release(s.ID)
	h.remove("a")
	again := h.add("a")
	h.hear(s.ID, pool.OutcomeRefused) // of the one that was removed
	require.Equal(h, pool.Candidate{Subscription: again}, h.candidate("a"))
}

func subscriptionKeepsItsNewSides(h *harness) {
	want := h.add("a", func(s *pool.Subscription) {
		s.Tier, s.Priority, s.Reserve = 3, -7, 0.15
		s.AllowOverage, s.API, s.RampUp = true, true, true
	})
	require.Equal(h, 0.15, want.Reserve)
	require.Equal(h, want, h.candidate("a").Subscription)
	plain := h.add("b")
	require.Equal(h, plain, h.candidate("b").Subscription)
	require.False(h, plain.AllowOverage || plain.API || plain.RampUp)
}
