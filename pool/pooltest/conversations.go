package pooltest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var conversationTests = suite{
	"AreThoseOfTheirSubscription":      conversationsAreThoseOfTheirSubscription,
	"AreIdle":                          conversationsAreIdle,
	"AreTheLatestFirst":                conversationsAreTheLatestFirst,
	"AreHeardOfInTranscripts":          conversationsAreHeardOfInTranscripts,
	"StayWithWhatIsLater":              conversationsStayWithWhatIsLater,
	"MoveWithTheirEvent":               conversationsMoveWithTheirEvent,
	"MoveOfADirectory":                 conversationsMoveOfADirectory,
	"DoNotMoveWhileASessionRuns":       conversationsDoNotMoveWhileASessionRuns,
	"DoNotMoveOnceHeardOf":             conversationsDoNotMoveOnceHeardOf,
	"MoveOnlyFromWhereTheyAre":         conversationsMoveOnlyFromWhereTheyAre,
	"StayMovedForWhatIsEarlier":        conversationsStayMovedForWhatIsEarlier,
	"AreForgottenWhenPruned":           conversationsAreForgottenWhenPruned,
	"OfARemovedSubscriptionHaveNoHome": conversationsOfARemovedSubscriptionHaveNoHome,
}

func (h *harness) conversations(subscription string) []pool.Conversation {
	h.Helper()
	found, err := h.store.Conversations(h.ctx, pool.ConversationQuery{Subscription: subscription, Until: h.now.Add(time.Hour)})
	require.NoError(h, err)
	return found
}

// only returns the one conversation of a subscription.
func (h *harness) only(subscription string) pool.Conversation {
	h.Helper()
	found := h.conversations(subscription)
	require.Len(h, found, 1)
	return found[0]
}

func (h *harness) move(c pool.Conversation, to string) bool {
	h.Helper()
	moved, err := h.store.MoveConversation(h.ctx, pool.Move{Conversation: c, From: c.Subscription, To: to, Reason: "more room"}, h.now)
	require.NoError(h, err)
	return moved
}

func conversationsAreThoseOfTheirSubscription(h *harness) {
	h.crowd()
	began := h.now
	h.run(pool.Request{Names: []string{"b"}, Conversation: "c1", CWD: "/src"})
	h.run(pool.Request{Names: []string{"c"}})
	require.Equal(h, []pool.Conversation{{ID: "c1", Subscription: "b", Project: "/src", ActiveAt: began}}, h.conversations("b"))
	require.Empty(h, h.conversations("a"))
	require.Empty(h, h.conversations("c"), "one that is not known is none")
	require.Empty(h, h.conversations("nobody"))
}

func conversationsAreIdle(h *harness) {
	h.add("a")
	s := h.acquire(pool.Request{Conversation: "c1"})
	require.Empty(h, h.conversations("a"), "a session runs")
	h.pass(time.Hour)
	h.observe(s.ID, pool.Observation{At: h.now, State: pool.StateIdle})
	heard := h.now
	h.pass(time.Hour)
	h.release(s.ID)
	require.Equal(h, heard, h.only("a").ActiveAt, "not when it ended, but when something was last heard")
	for until, want := range map[time.Duration]int{0: 1, -time.Millisecond: 0} {
		found, err := h.store.Conversations(h.ctx, pool.ConversationQuery{Subscription: "a", Since: heard.Add(-time.Hour), Until: heard.Add(until)})
		require.NoError(h, err)
		require.Len(h, found, want)
	}
	found, err := h.store.Conversations(h.ctx, pool.ConversationQuery{Subscription: "a", Since: heard.Add(time.Millisecond), Until: h.now})
	require.NoError(h, err)
	require.Empty(h, found)
}

func conversationsAreTheLatestFirst(h *harness) {
	h.add("a")
	for n := range 3 {
		h.run(pool.Request{Conversation: fmt.Sprint("c", n)})
	}
	found, err := h.store.Conversations(h.ctx, pool.ConversationQuery{Subscription: "a", Until: h.now, Limit: 2})
	require.NoError(h, err)
	require.Len(h, found, 2)
	require.Equal(h, []string{"c2", "c1"}, []string{found[0].ID, found[1].ID})
}

func conversationsAreHeardOfInTranscripts(h *harness) {
	h.add("a")
	f := h.file("/a")
	f.owner = "a"
	h.pass(time.Minute)
	f.book([]pool.Message{h.message("outside", "m1", 5)})
	require.Equal(h, pool.Conversation{ID: "outside", Subscription: "a", Project: "/there", ActiveAt: h.now}, h.only("a"))
	require.Equal(h, "a", h.acquire(pool.Request{Conversation: "outside"}).Subscription)
}

// conversationsStayWithWhatIsLater: what is taken in late, and is older than what is known, changes nothing.
func conversationsStayWithWhatIsLater(h *harness) {
	h.crowd()
	h.pass(time.Hour)
	h.run(pool.Request{Names: []string{"b"}, Conversation: "c1"})
	known := h.only("b")
	older := h.now.Add(-10 * time.Minute)
	lost := pool.Session{
		ID: "lost", Subscription: "c", Conversation: "c1", StartedAt: older, HeartbeatAt: older, EndedAt: older, End: pool.End{Reason: pool.EndedByExit},
	}
	h.restore(lost, pool.Observation{At: older, Conversation: "c1"})
	require.Equal(h, known, h.only("b"))
	lost.ID, lost.StartedAt, lost.EndedAt = "later", h.now, h.now
	h.restore(lost, pool.Observation{At: h.now, Conversation: "c1"})
	require.Equal(h, "c1", h.only("c").ID)
}

func conversationsMoveWithTheirEvent(h *harness) {
	h.crowd()
	h.run(pool.Request{Names: []string{"b"}, Conversation: "c1", CWD: "/src"})
	h.pass(time.Hour)
	c := h.only("b")
	require.True(h, h.move(c, "c"))
	require.Empty(h, h.conversations("b"))
	c.Subscription = "c"
	require.Equal(h, c, h.only("c"), "it was heard of when it was")
	require.Equal(h, "c", h.acquire(pool.Request{Conversation: "c1"}).Subscription)
	events := h.eventsOf(pool.EventRebalanced)
	require.Len(h, events, 1)
	require.Equal(h, pool.EventDetails{Conversation: "c1", Project: "/src", From: "b", To: "c", Reason: "more room"}, events[0].EventDetails)
	require.Equal(h, "c", events[0].Subscription)
}

// eventsOf returns the events of a kind, the latest first.
func (h *harness) eventsOf(kind pool.EventKind) []pool.Event {
	h.Helper()
	events, err := h.store.Events(h.ctx, pool.EventQuery{Kinds: []pool.EventKind{kind}})
	require.NoError(h, err)
	return events
}

func conversationsMoveOfADirectory(h *harness) {
	h.crowd()
	h.run(pool.Request{Names: []string{"b"}, Conversation: "c1", CWD: "/src"})
	h.pass(time.Hour)
	require.True(h, h.move(h.only("b"), "c"))
	require.Equal(h, "c", h.acquire(pool.Request{CWD: "/src", Continues: true}).Subscription)
}

func conversationsDoNotMoveWhileASessionRuns(h *harness) {
	h.crowd()
	h.run(pool.Request{Names: []string{"b"}, Conversation: "c1"})
	c := h.only("b")
	h.pass(-time.Second) // a clock that was set back: the session is no later than what the move knows
	s := h.acquire(pool.Request{Names: []string{"b"}, Conversation: "c1"})
	require.False(h, h.move(c, "c"))
	require.Empty(h, h.eventsOf(pool.EventRebalanced))
	h.release(s.ID)
	require.True(h, h.move(c, "c"))
}

func conversationsDoNotMoveOnceHeardOf(h *harness) {
	h.crowd()
	h.run(pool.Request{Names: []string{"b"}, Conversation: "c1"})
	c := h.only("b")
	h.run(pool.Request{Names: []string{"b"}, Conversation: "c1"})
	require.False(h, h.move(c, "c"))
	require.Equal(h, "b", h.only("b").Subscription)
}

func conversationsMoveOnlyFromWhereTheyAre(h *harness) {
	h.crowd()
	h.run(pool.Request{Names: []string{"b"}, Conversation: "c1"})
	c := h.only("b")
	require.True(h, h.move(c, "c"))
	require.False(h, h.move(c, "a"), "it is of c by now")
	require.False(h, h.move(pool.Conversation{ID: "unknown", Subscription: "b"}, "c"))
	for _, m := range []pool.Move{{Conversation: c, From: "nobody", To: "a"}, {Conversation: c, From: "c", To: "nobody"}} {
		_, err := h.store.MoveConversation(h.ctx, m, h.now)
		require.ErrorIs(h, err, pool.ErrNotFound)
	}
	require.Len(h, h.eventsOf(pool.EventRebalanced), 1)
}

// conversationsStayMovedForWhatIsEarlier: a transcript of before the move may be read after it.
func conversationsStayMovedForWhatIsEarlier(h *harness) {
	h.crowd()
	s := h.acquire(pool.Request{Names: []string{"b"}, Conversation: "c1"})
	h.pass(time.Minute)
	late := h.message("c1", "m1", 5)
	h.release(s.ID)
	h.pass(time.Hour)
	require.True(h, h.move(h.only("b"), "c"))
	h.pass(time.Minute)
	h.file("/1").book([]pool.Message{late})
	require.Equal(h, late.At, h.only("c").ActiveAt)
	h.run(pool.Request{Names: []string{"b"}, Conversation: "c1"})
	require.Equal(h, "b", h.only("b").Subscription, "what is later takes it back")
}

func conversationsAreForgottenWhenPruned(h *harness) {
	h.add("a")
	s := h.resume("a", "old")
	h.print(s, "old", 5, 0)
	h.release(s.ID)
	h.run(pool.Request{Conversation: "empty"})
	h.pass(100 * 24 * time.Hour)
	h.acquire(pool.Request{Conversation: "new"})
	runs := h.acquire(pool.Request{Conversation: "runs"})
	h.pass(100 * 24 * time.Hour)
	require.Len(h, h.conversations("a"), 2)
	h.prune(h.now.AddDate(0, 0, -90))
	require.Empty(h, h.conversations("a"))
	h.release(runs.ID)
	require.Equal(h, "runs", h.only("a").ID, "a session was there, however long ago it was heard of")
}

func conversationsOfARemovedSubscriptionHaveNoHome(h *harness) {
	h.crowd()
	h.add("d")
	h.run(pool.Request{Names: []string{"d"}, Conversation: "c1"})
	require.NoError(h, h.store.RemoveSubscription(h.ctx, "d", h.now))
	require.Empty(h, h.conversations("d"))
	require.Equal(h, "a", h.acquire(pool.Request{Conversation: "c1"}).Subscription)
}
