package pooltest

import (
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var cooldownTests = suite{
	"CooldownCloses":           cooldownCloses,
	"CooldownIsOfOne":          cooldownIsOfOne,
	"CooldownKnowsItsName":     cooldownKnowsItsName,
	"ClearLiftsWhateverCloses": clearLiftsWhateverCloses,
	"ClearKeepsTheRest":        clearKeepsTheRest,
	"ClearOutlivesOldNews":     clearOutlivesOldNews,
	"ClearOfTheOpenIsNoError":  clearOfTheOpenIsNoError,
	"WindowsOutsideOfASession": windowsOutsideOfASession,
}

func (h *harness) cool(name string, until time.Time) {
	h.Helper()
	require.NoError(h, h.store.SetCooldown(h.ctx, name, until))
}

func (h *harness) clear(name string) {
	h.Helper()
	require.NoError(h, h.store.ClearCooldown(h.ctx, name, h.now))
}

func cooldownCloses(h *harness) {
	h.add("a")
	until := h.now.Add(time.Hour + 999*time.Microsecond)
	h.cool("a", until)
	require.Equal(h, pool.Standing{CooldownUntil: h.now.Add(time.Hour)}, h.candidate("a").Standing)
	v := h.closed(pool.Request{})
	require.Equal(h, pool.CoolingDown, v.Code)
	require.Equal(h, h.now.Add(time.Hour), v.FreeAt)
	h.cool("a", h.now.Add(time.Minute))
	require.Equal(h, h.now.Add(time.Minute), h.closed(pool.Request{}).FreeAt, "the last word counts, shorter or not")
	h.pass(time.Minute)
	h.acquire(pool.Request{})
}

func cooldownIsOfOne(h *harness) {
	h.add("a")
	h.add("b")
	h.cool("a", h.now.Add(time.Hour))
	for range 3 {
		require.Equal(h, "b", h.acquire(pool.Request{}).Subscription)
	}
	h.clear("b")
	require.Equal(h, "b", h.acquire(pool.Request{}).Subscription)
	h.clear("a")
	require.Equal(h, "a", h.acquire(pool.Request{}).Subscription)
}

func cooldownKnowsItsName(h *harness) {
	h.add("a")
	h.add("gone")
	h.remove("gone")
	for _, name := range []string{"", "nobody", "gone", "%", "A"} {
		require.ErrorIs(h, h.store.SetCooldown(h.ctx, name, h.now.Add(time.Hour)), pool.ErrNotFound, name)
		require.ErrorIs(h, h.store.ClearCooldown(h.ctx, name, h.now), pool.ErrNotFound, name)
		windows := []pool.Window{{Kind: pool.FiveHour, ObservedAt: h.now}}
		require.ErrorIs(h, h.store.ObserveWindows(h.ctx, name, windows), pool.ErrNotFound, name)
	}
	require.Zero(h, h.candidate("a").Standing)
	require.Empty(h, h.candidate("a").Windows)
}

func clearLiftsWhateverCloses(h *harness) {
	h.add("a", isAPI)
	s := h.acquireOn("a")
	reset := h.now.Add(24 * time.Hour)
	for name, closes := range map[string]func(){
		"a cooldown":   func() { h.cool("a", reset) },
		"a back-off":   func() { h.hear(s.ID, pool.OutcomeThrottled) },
		"a login":      func() { h.hear(s.ID, pool.OutcomeSignedOut) },
		"a refusal":    func() { h.hear(s.ID, pool.OutcomeRefused) },
		"a window":     func() { h.observeWindows(s.ID, limit(h, pool.SevenDay, reset)) },
		"many windows": func() { h.observeWindows(s.ID, limit(h, pool.FiveHour, reset), limit(h, "new", time.Time{})) },
	} {
		h.pass(time.Second)
		closes()
		h.closed(pool.Request{})
		h.clear("a")
		h.release(h.acquire(pool.Request{}).ID)
		require.Equal(h, pool.Standing{HeardAt: h.now}, h.candidate("a").Standing, name)
	}
}

// limit is a window that was rejected now.
func limit(h *harness, kind pool.WindowKind, resets time.Time) pool.Window {
	return pool.Window{Kind: kind, Status: pool.StatusRejected, ResetsAt: resets, ObservedAt: h.now, Source: pool.FromStream}
}

func clearKeepsTheRest(h *harness) {
	h.add("a", atMost(1))
	h.add("b")
	a, b := h.acquireOn("a"), h.acquireOn("b")
	share := 0.9
	open := pool.Window{Kind: pool.SevenDay, Status: pool.StatusWarning, Utilization: &share, ResetsAt: h.now.Add(time.Hour), ObservedAt: h.now}
	full := limit(h, pool.FiveHour, h.now.Add(time.Hour))
	full.Utilization = &share
	h.observeWindows(a.ID, open, full)
	h.observeWindows(b.ID, full)
	h.pass(time.Minute)
	h.clear("a")
	full.Status, full.ObservedAt = pool.StatusUnknown, h.now
	require.Equal(h, []pool.Window{full, open}, h.candidate("a").Windows, "of the rejected the status alone is forgotten")
	require.Equal(h, pool.StatusRejected, h.candidate("b").Windows[0].Status)
	_, verdicts := h.exhausted(pool.Request{})
	require.Equal(h, pool.Full, verdicts["a"].Code, "a cap is no cooldown")
	require.Equal(h, pool.Limited, verdicts["b"].Code)
}

// clearOutlivesOldNews: what was observed before is booked late, as from a spool.
func clearOutlivesOldNews(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	old := limit(h, pool.FiveHour, h.now.Add(time.Hour))
	h.observeWindows(s.ID, old)
	signedOut := pool.Observation{At: h.now, Outcome: pool.OutcomeSignedOut, Windows: []pool.Window{old}}
	h.pass(time.Minute)
	h.clear("a")
	h.observe(s.ID, signedOut)
	h.acquire(pool.Request{})
	h.pass(time.Second)
	h.observeWindows(s.ID, limit(h, pool.FiveHour, h.now.Add(time.Hour)))
	require.Equal(h, pool.Limited, h.closed(pool.Request{}).Code, "what is new counts")
}

func clearOfTheOpenIsNoError(h *harness) {
	h.add("a")
	h.clear("a")
	h.pass(-time.Hour) // a clock that was set back
	h.clear("a")
	require.Equal(h, pool.Standing{HeardAt: start}, h.candidate("a").Standing)
	h.acquire(pool.Request{})
}

func windowsOutsideOfASession(h *harness) {
	h.add("a")
	h.add("b")
	share := 0.25
	seen := pool.Window{Kind: pool.FiveHour, Utilization: &share, ResetsAt: h.now.Add(time.Hour), ObservedAt: h.now, Source: pool.FromStatusLine}
	require.NoError(h, h.store.ObserveWindows(h.ctx, "a", []pool.Window{seen, limit(h, pool.SevenDay, h.now.Add(time.Hour))}))
	require.Equal(h, []pool.Window{seen, limit(h, pool.SevenDay, h.now.Add(time.Hour))}, h.candidate("a").Windows)
	require.Empty(h, h.candidate("b").Windows)
	require.Empty(h, h.sessions(true))
	require.NoError(h, h.store.ObserveWindows(h.ctx, "a", nil))
	require.Equal(h, "b", h.acquire(pool.Request{}).Subscription)
	seen.ObservedAt = h.now.Add(-time.Second)
	seen.Status = pool.StatusRejected
	require.NoError(h, h.store.ObserveWindows(h.ctx, "a", []pool.Window{seen}))
	require.Equal(h, pool.StatusUnknown, h.candidate("a").Windows[0].Status, "what was seen before changes nothing")
}
