package pooltest

import (
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var acquireTests = suite{
	"NeedsAPool":             acquireNeedsAPool,
	"KeepsEveryField":        acquireKeepsEveryField,
	"PassesOnThePolicy":      acquirePassesOnThePolicy,
	"NeverExceedsTheCap":     acquireNeverExceedsTheCap,
	"ReclaimsFirst":          acquireReclaimsFirst,
	"OfTheExhaustedSaysWhy":  acquireOfTheExhaustedSaysWhy,
	"RefusedStartsNothing":   acquireRefusedStartsNothing,
	"NotesTheLatestStart":    acquireNotesTheLatestStart,
	"SpreadsEvenly":          acquireSpreadsEvenly,
	"CountsOnlyWhatRuns":     acquireCountsOnlyWhatRuns,
	"UnseenButFreshIsSpared": acquireSparesTheUnseen,
}

func acquireNeedsAPool(h *harness) {
	for _, req := range []pool.Request{{}, {Names: []string{"a"}}, {Forced: "a"}} {
		_, err := h.tryAcquire(req)
		require.ErrorIs(h, err, pool.ErrNoPool)
	}
}

func acquireKeepsEveryField(h *harness) {
	sub := h.add("a")
	h.pass(1999 * time.Microsecond)
	process := pool.Process{Host: "h", BootID: "b", PIDNamespace: "pid:[1]", PID: 42, StartTime: 1 << 40}
	s, got, err := h.store.Acquire(h.ctx, pool.Request{Process: process, CWD: "/src/é", Conversation: "c"}, pool.DefaultPolicy(), h.probe, h.now)
	require.NoError(h, err)
	require.Equal(h, sub, got)
	at := start.Add(time.Millisecond)
	require.Len(h, s.ID, 16)
	require.Equal(h, pool.Session{
		ID: s.ID, SubscriptionID: sub.ID, Subscription: "a", Conversation: "c", Process: process, CWD: "/src/é",
		StartedAt: at, HeartbeatAt: at, ActiveAt: at,
	}, s)
	require.Equal(h, []pool.Session{s}, h.sessions(false))
	require.Equal(h, []pool.Session{s}, h.sessions(true))
}

func acquirePassesOnThePolicy(h *harness) {
	h.add("a")
	h.add("b", func(s *pool.Subscription) { s.Priority = 1 })
	h.add("c", func(s *pool.Subscription) { s.Priority = 2 })
	policy := pool.DefaultPolicy()
	policy.Strategy = pool.ByPriority
	s, _, err := h.store.Acquire(h.ctx, pool.Request{}, policy, h.probe, h.now)
	require.NoError(h, err)
	require.Equal(h, "c", s.Subscription)
}

func acquireNeverExceedsTheCap(h *harness) {
	h.add("a", atMost(2))
	one := h.acquire(pool.Request{})
	h.acquire(pool.Request{})
	_, verdicts := h.exhausted(pool.Request{})
	require.Equal(h, pool.Full, verdicts["a"].Code)
	h.release(one.ID)
	h.acquire(pool.Request{})
	h.exhausted(pool.Request{})
}

func acquireReclaimsFirst(h *harness) {
	h.add("a", atMost(1))
	gone := h.acquire(pool.Request{Process: pool.Process{PID: 1}})
	h.dead[1] = true
	h.pass(time.Minute)
	h.acquire(pool.Request{Process: pool.Process{PID: 2}})
	ended := h.session(gone.ID)
	require.Equal(h, pool.End{Reason: pool.EndedByReclaim}, ended.End)
	require.Equal(h, h.now, ended.EndedAt)
}

func acquireSparesTheUnseen(h *harness) {
	h.add("a", atMost(1))
	h.acquire(pool.Request{Process: pool.Process{PID: 1}})
	h.unseen[1] = true
	h.pass(pool.HeartbeatTimeout)
	h.exhausted(pool.Request{})
	h.pass(time.Millisecond)
	h.acquire(pool.Request{})
}

func acquireOfTheExhaustedSaysWhy(h *harness) {
	h.add("full", atMost(1))
	h.add("limited")
	h.add("off")
	h.acquireOn("full")
	s := h.acquireOn("limited")
	reset := h.now.Add(2 * time.Hour)
	h.observe(s.ID, pool.Observation{Windows: []pool.Window{
		{Kind: pool.FiveHour, Status: pool.StatusRejected, ResetsAt: reset, ObservedAt: h.now},
	}})
	require.NoError(h, h.store.SetEnabled(h.ctx, "off", false))

	exhausted, verdicts := h.exhausted(pool.Request{})
	require.ErrorIs(h, exhausted, pool.ErrExhausted)
	require.Equal(h, reset, exhausted.FreeAt)
	require.Len(h, verdicts, 3)
	require.Equal(h, pool.Full, verdicts["full"].Code)
	require.Equal(h, pool.Limited, verdicts["limited"].Code)
	require.Equal(h, reset, verdicts["limited"].FreeAt)
	require.Equal(h, pool.Disabled, verdicts["off"].Code)
}

func acquireRefusedStartsNothing(h *harness) {
	h.add("a", atMost(1))
	running := h.acquire(pool.Request{})
	before := h.candidate("a")
	h.pass(time.Second)
	h.exhausted(pool.Request{})
	_, err := h.tryAcquire(pool.Request{Names: []string{"nobody"}})
	require.ErrorIs(h, err, pool.ErrNotFound)
	require.Equal(h, []pool.Session{running}, h.sessions(true))
	require.Equal(h, before, h.candidate("a"))
}

func acquireNotesTheLatestStart(h *harness) {
	h.add("a")
	require.True(h, h.candidate("a").LastStarted.IsZero())
	h.release(h.acquire(pool.Request{}).ID)
	latest := h.now
	require.Equal(h, latest, h.candidate("a").LastStarted)
	h.pass(-time.Hour) // a clock that was set back
	h.release(h.acquire(pool.Request{}).ID)
	require.Equal(h, latest, h.candidate("a").LastStarted)
}

func acquireSpreadsEvenly(h *harness) {
	for _, name := range []string{"a", "b", "c"} {
		h.add(name)
	}
	for range 9 {
		h.acquire(pool.Request{})
	}
	for _, name := range []string{"a", "b", "c"} {
		require.Equal(h, 3, h.candidate(name).Running)
	}
}

func acquireCountsOnlyWhatRuns(h *harness) {
	h.add("a")
	h.add("b")
	for range 3 {
		h.release(h.acquireOn("a").ID)
	}
	h.acquireOn("b")
	require.Zero(h, h.candidate("a").Running)
	require.Equal(h, 1, h.candidate("b").Running)
	require.Equal(h, "a", h.acquire(pool.Request{}).Subscription)
}
