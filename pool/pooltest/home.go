package pooltest

import (
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var homeTests = suite{
	"OfAConversation":            homeOfAConversation,
	"IsTheLatest":                homeIsTheLatest,
	"IsWhereItWasObserved":       homeIsWhereItWasObserved,
	"GivesWayWhenClosed":         homeGivesWayWhenClosed,
	"OfADirectory":               homeOfADirectory,
	"ConversationBeatsDirectory": homeConversationBeatsDirectory,
	"OfNothingIsNone":            homeOfNothingIsNone,
	"IsPastTheUnattributed":      homeIsPastTheUnattributed,
}

// crowd adds a, b and c and puts so many sessions on all but a that the ranking alone would pick a.
func (h *harness) crowd() {
	for _, name := range []string{"a", "b", "c"} {
		h.add(name)
	}
	h.acquireOn("b")
	h.acquireOn("c")
}

// run is a session from start to end.
func (h *harness) run(req pool.Request) pool.Session {
	h.Helper()
	s := h.acquire(req)
	h.release(s.ID)
	h.pass(time.Second)
	return s
}

func homeOfAConversation(h *harness) {
	h.crowd()
	h.run(pool.Request{Names: []string{"b"}, Conversation: "c1"})
	require.Equal(h, "a", h.run(pool.Request{}).Subscription)
	require.Equal(h, "a", h.run(pool.Request{Conversation: "c2"}).Subscription)
	require.Equal(h, "b", h.run(pool.Request{Conversation: "c1"}).Subscription)
}

func homeIsTheLatest(h *harness) {
	h.crowd()
	h.run(pool.Request{Names: []string{"b"}, Conversation: "c1"})
	h.run(pool.Request{Names: []string{"c"}, Conversation: "c1"})
	require.Equal(h, "c", h.acquire(pool.Request{Conversation: "c1"}).Subscription)
	h.run(pool.Request{Names: []string{"b"}, Conversation: "c1"})
	h.pass(-time.Second) // two that start in one moment: the one taken in last is the later
	h.acquire(pool.Request{Names: []string{"c"}, Conversation: "c3"})
	h.acquire(pool.Request{Names: []string{"b"}, Conversation: "c3"})
	require.Equal(h, "b", h.acquire(pool.Request{Conversation: "c3"}).Subscription)
}

func homeIsWhereItWasObserved(h *harness) {
	h.crowd()
	s := h.run(pool.Request{Names: []string{"b"}})
	h.observe(s.ID, pool.Observation{Conversation: "c1"})
	require.Equal(h, "b", h.run(pool.Request{Conversation: "c1"}).Subscription)
}

func homeGivesWayWhenClosed(h *harness) {
	h.crowd()
	h.run(pool.Request{Names: []string{"b"}, Conversation: "c1"})
	require.NoError(h, h.store.SetEnabled(h.ctx, "b", false))
	require.Equal(h, "a", h.acquire(pool.Request{Conversation: "c1"}).Subscription)
}

func homeOfADirectory(h *harness) {
	h.crowd()
	h.run(pool.Request{Names: []string{"b"}, CWD: "/one"})
	h.run(pool.Request{Names: []string{"c"}, CWD: "/two"})
	require.Equal(h, "b", h.run(pool.Request{CWD: "/one", Continues: true}).Subscription)
	require.Equal(h, "c", h.run(pool.Request{CWD: "/two", Continues: true}).Subscription)
	require.Equal(h, "a", h.run(pool.Request{CWD: "/two"}).Subscription, "does not go on")
	require.Equal(h, "a", h.run(pool.Request{CWD: "/three", Continues: true}).Subscription)
}

func homeConversationBeatsDirectory(h *harness) {
	h.crowd()
	h.run(pool.Request{Names: []string{"b"}, CWD: "/one", Conversation: "c1"})
	h.run(pool.Request{Names: []string{"c"}, CWD: "/one"})
	require.Equal(h, "b", h.run(pool.Request{CWD: "/one", Conversation: "c1", Continues: true}).Subscription)
	require.Equal(h, "a", h.run(pool.Request{CWD: "/one", Conversation: "unknown", Continues: true}).Subscription)
}

// homeOfNothingIsNone: sessions whose conversation is not known are not one conversation.
func homeOfNothingIsNone(h *harness) {
	h.crowd()
	h.run(pool.Request{Names: []string{"b"}})
	require.Equal(h, "a", h.run(pool.Request{Conversation: ""}).Subscription)
	require.NoError(h, h.store.Restore(h.ctx, pool.Session{ID: "lost", Conversation: "c9", StartedAt: h.now}, nil))
	require.Equal(h, "a", h.run(pool.Request{Conversation: "c9"}).Subscription, "its home is not known")
}

// homeIsPastTheUnattributed: a session that is on no subscription says nothing of where the
// conversation is at home.
func homeIsPastTheUnattributed(h *harness) {
	h.crowd()
	h.run(pool.Request{Names: []string{"b"}, Conversation: "c1"})
	require.NoError(h, h.store.Restore(h.ctx, pool.Session{ID: "lost", Conversation: "c1", StartedAt: h.now}, nil))
	require.Equal(h, "b", h.run(pool.Request{Conversation: "c1"}).Subscription)
}
