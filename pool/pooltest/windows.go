package pooltest

import (
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var windowTests = suite{
	"KeepEveryField":       windowsKeepEveryField,
	"LaterReplacesEarlier": windowsLaterReplacesEarlier,
	"EarlierIsPassedOver":  windowsEarlierIsPassedOver,
	"AtOnceTheLastCounts":  windowsAtOnceTheLastCounts,
	"AreByKind":            windowsAreByKind,
	"AreTheSubscriptions":  windowsAreTheSubscriptions,
}

func (h *harness) observeWindows(session string, windows ...pool.Window) {
	h.Helper()
	h.observe(session, pool.Observation{Windows: windows})
}

func windowsKeepEveryField(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	more := 1.25
	full := pool.Window{
		Kind: "a_new_kind", Status: "a_new_status", Utilization: &more,
		ResetsAt: h.now.Add(1999 * time.Microsecond), ObservedAt: h.now.In(time.FixedZone("", 3600)), Source: pool.FromResult,
	}
	bare := pool.Window{Kind: pool.SevenDay, ObservedAt: h.now}
	h.observeWindows(s.ID, bare, full)
	full.ResetsAt, full.ObservedAt = h.now.Add(time.Millisecond), h.now
	require.Equal(h, []pool.Window{full, bare}, h.candidate("a").Windows, "by kind; the unknown stays unknown")
}

func windowsLaterReplacesEarlier(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	half := 0.5
	h.observeWindows(s.ID, pool.Window{
		Kind: pool.FiveHour, Status: pool.StatusRejected, Utilization: &half, ResetsAt: h.now.Add(time.Hour),
		ObservedAt: h.now, Source: pool.FromStream,
	})
	later := pool.Window{Kind: pool.FiveHour, Status: pool.StatusAllowed, ObservedAt: h.now.Add(time.Second), Source: pool.FromResult}
	h.observeWindows(s.ID, later)
	kept := later
	kept.Utilization, kept.ResetsAt = &half, h.now.Add(time.Hour)
	require.Equal(h, []pool.Window{kept}, h.candidate("a").Windows, "what it does not tell of the same stretch of time is kept")
	later.ObservedAt = h.now.Add(time.Hour)
	h.observeWindows(s.ID, later)
	require.Equal(h, []pool.Window{later}, h.candidate("a").Windows, "nothing is kept of one that has started anew")
}

func windowsEarlierIsPassedOver(h *harness) {
	h.add("a")
	one, two := h.acquireOn("a"), h.acquireOn("a")
	later := pool.Window{Kind: pool.FiveHour, Status: pool.StatusAllowed, ObservedAt: h.now}
	h.observeWindows(one.ID, later)
	h.observeWindows(two.ID, pool.Window{Kind: pool.FiveHour, Status: pool.StatusRejected, ObservedAt: h.now.Add(-time.Millisecond)})
	require.Equal(h, []pool.Window{later}, h.candidate("a").Windows)
}

func windowsAtOnceTheLastCounts(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	first := pool.Window{Kind: pool.FiveHour, Status: pool.StatusAllowed, ObservedAt: h.now}
	last := pool.Window{Kind: pool.FiveHour, Status: pool.StatusRejected, ObservedAt: h.now}
	h.observeWindows(s.ID, first, last)
	require.Equal(h, []pool.Window{last}, h.candidate("a").Windows)
}

func windowsAreByKind(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	five := pool.Window{Kind: pool.FiveHour, Status: pool.StatusAllowed, ObservedAt: h.now}
	seven := pool.Window{Kind: pool.SevenDay, Status: pool.StatusWarning, ObservedAt: h.now.Add(-time.Hour)}
	h.observeWindows(s.ID, five)
	h.observeWindows(s.ID, seven)
	require.Equal(h, []pool.Window{five, seven}, h.candidate("a").Windows)
}

func windowsAreTheSubscriptions(h *harness) {
	h.add("a")
	h.add("b")
	s := h.acquireOn("a")
	h.observeWindows(s.ID, pool.Window{Kind: pool.FiveHour, Status: pool.StatusRejected, ObservedAt: h.now})
	require.Empty(h, h.candidate("b").Windows)
	require.Equal(h, "b", h.acquire(pool.Request{}).Subscription)
	h.release(s.ID)
	require.Len(h, h.candidate("a").Windows, 1, "they outlive the session")
}
