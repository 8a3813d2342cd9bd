package pooltest

import (
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var restoreTests = suite{
	"TakesInASession":         restoreTakesInASession,
	"AgainChangesNothing":     restoreAgainChangesNothing,
	"OfAnUnknownSubscription": restoreOfAnUnknownSubscription,
	"EndsAKnownSession":       restoreEndsAKnownSession,
	"LeavesAKnownSessionBe":   restoreLeavesAKnownSessionBe,
	"TellsTheConversation":    restoreTellsTheConversation,
	"TrustsTheNameAlone":      restoreTrustsTheNameAlone,
	"NotesTheStart":           restoreNotesTheStart,
}

func lost(h *harness) (pool.Session, []pool.Observation) {
	code := 3
	s := pool.Session{
		ID: "0123456789abcdef", Subscription: "a",
		Process:   pool.Process{Host: "h", BootID: "b", PIDNamespace: "n", PID: 7, StartTime: 9},
		CWD:       "/src",
		StartedAt: h.now.Add(-time.Hour), HeartbeatAt: h.now.Add(-time.Hour),
		EndedAt: h.now, End: pool.End{Reason: pool.EndedByExit, Code: &code},
	}
	return s, []pool.Observation{
		{Conversation: "c1", Entries: []pool.Entry{{ID: "1", At: h.now, Model: "m", Messages: 1, Tokens: pool.Tokens{Input: 5}}}},
		{Conversation: "c2", Entries: []pool.Entry{{ID: "2", At: h.now, Model: "m", Messages: 1, Tokens: pool.Tokens{Input: 7}}}},
		{Windows: []pool.Window{{Kind: pool.FiveHour, Status: pool.StatusAllowed, ObservedAt: h.now}}},
	}
}

func (h *harness) restore(s pool.Session, observed ...pool.Observation) {
	h.Helper()
	require.NoError(h, h.store.Restore(h.ctx, s, observed))
}

func restoreTakesInASession(h *harness) {
	sub := h.add("a")
	s, observed := lost(h)
	h.restore(s, observed...)
	s.SubscriptionID, s.Conversation, s.ActiveAt = sub.ID, "c2", s.StartedAt
	require.Equal(h, []pool.Session{s}, h.sessions(true))
	require.Empty(h, h.sessions(false))
	require.Equal(h, int64(12), h.candidate("a").Week.Tokens.Input)
	require.Equal(h, observed[2].Windows, h.candidate("a").Windows)
	require.Equal(h, map[string]int64{"/src": 12}, h.inputs(pool.UsageQuery{By: []pool.Dimension{pool.ByProject}}))
}

func restoreAgainChangesNothing(h *harness) {
	h.add("a")
	s, observed := lost(h)
	h.restore(s, observed...)
	before, candidate := h.sessions(true), h.candidate("a")
	h.restore(s, observed...)
	s.EndedAt, s.End = h.now.Add(time.Hour), pool.End{Reason: pool.EndedByReclaim}
	h.restore(s, observed[:1]...)
	require.Equal(h, before, h.sessions(true))
	require.Equal(h, candidate, h.candidate("a"))
}

func restoreOfAnUnknownSubscription(h *harness) {
	h.add("b")
	s, observed := lost(h)
	h.restore(s, observed...)
	s.Subscription, s.Conversation, s.ActiveAt = "", "c2", s.StartedAt
	require.Equal(h, []pool.Session{s}, h.sessions(true))
	require.Equal(h, map[string]int64{"": 12}, h.inputs(pool.UsageQuery{By: []pool.Dimension{pool.BySubscription}}))

	h.add("a")
	h.restore(s, observed...)
	require.Zero(h, h.candidate("a").Week, "it stays as it was taken in")
}

// restoreEndsAKnownSession: the store failed between a session's start and its end.
func restoreEndsAKnownSession(h *harness) {
	h.add("a", atMost(1))
	s := h.acquire(pool.Request{CWD: "/src"})
	h.book(s.ID, h.now, 1)
	h.pass(time.Minute)
	ended := s
	ended.EndedAt, ended.End = h.now, pool.End{Reason: pool.EndedByExit, Signal: "SIGINT"}
	h.restore(ended, pool.Observation{Conversation: "c", Entries: []pool.Entry{{ID: "x", At: h.now, Tokens: pool.Tokens{Input: 10}}}})
	ended.Conversation = "c"
	require.Equal(h, []pool.Session{ended}, h.sessions(true))
	require.Equal(h, int64(11), h.candidate("a").Week.Tokens.Input)
	h.acquire(pool.Request{})
}

func restoreLeavesAKnownSessionBe(h *harness) {
	h.add("a")
	h.add("b")
	s := h.acquireOn("a")
	other := s
	other.Subscription, other.CWD, other.StartedAt = "b", "/other", h.now.Add(time.Hour)
	h.restore(other, pool.Observation{Entries: []pool.Entry{{ID: "x", At: h.now, Tokens: pool.Tokens{Input: 10}}}})
	require.Equal(h, []pool.Session{s}, h.sessions(true))
	require.Equal(h, s.StartedAt, h.candidate("a").LastStarted)
	require.Equal(h, map[string]int64{"a": 10}, h.inputs(pool.UsageQuery{By: []pool.Dimension{pool.BySubscription}}))
}

func restoreTellsTheConversation(h *harness) {
	h.add("a")
	s := h.acquire(pool.Request{Conversation: "later"})
	h.restore(s, pool.Observation{Conversation: "earlier"})
	require.Equal(h, "later", h.session(s.ID).Conversation)

	h.restore(pool.Session{ID: "x", Conversation: "own", StartedAt: h.now}, pool.Observation{})
	require.Equal(h, "own", h.session("x").Conversation)
}

// restoreTrustsTheNameAlone: ids are of the store that gave them, and this may be another one.
func restoreTrustsTheNameAlone(h *harness) {
	h.add("a")
	b := h.add("b")
	h.restore(pool.Session{ID: "x", Subscription: "b", SubscriptionID: b.ID + 40, StartedAt: h.now})
	require.Equal(h, "b", h.session("x").Subscription)
	require.Equal(h, b.ID, h.session("x").SubscriptionID)
	require.Equal(h, 1, h.candidate("b").Running)
}

func restoreNotesTheStart(h *harness) {
	h.add("a")
	s, observed := lost(h)
	h.restore(s, observed...)
	require.Equal(h, s.StartedAt, h.candidate("a").LastStarted)
	late := h.acquireOn("a")
	s.ID = "another"
	h.restore(s)
	require.Equal(h, late.StartedAt, h.candidate("a").LastStarted)
}
