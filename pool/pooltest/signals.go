package pooltest

import (
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var signalTests = suite{
	"OfTheSessionThatWasThere": signalOfTheSession,
	"OfTheOwner":               signalOfTheOwner,
	"OfNobodyKnown":            signalOfNobodyKnown,
	"OfTwoSubscriptions":       signalOfTwoSubscriptions,
	"OfTheUnattributed":        signalOfTheUnattributed,
	"OldUndoesNothingNewer":    signalOldUndoesNothingNewer,
	"OfAPieceThatIsKnown":      signalOfAPieceThatIsKnown,
	"MetIsTheSessions":         metIsTheSessions,
	"MetIsTheLast":             metIsTheLast,
	"FollowsIsKept":            followsIsKept,
	"RestoredWithTheRest":      signalRestored,
}

// signal books a signal of a transcript.
func (f *file) signal(signals ...pool.Signal) {
	f.Helper()
	piece := f.piece(nil)
	piece.Signals = signals
	require.NoError(f, f.store.BookTranscript(f.ctx, piece))
	f.read = piece.Checkpoint
}

// limitSignal is of a limit that was met now on a conversation.
func (h *harness) limitSignal(conversation string) pool.Signal {
	return pool.Signal{
		At: h.now, Conversation: conversation, Met: pool.FiveHour, Outcome: pool.OutcomeAnswered,
		Windows: []pool.Window{limit(h, pool.FiveHour, h.now.Add(time.Hour))},
	}
}

func signalOfTheSession(h *harness) {
	h.add("a")
	h.add("b")
	s := h.resume("a", "c")
	heard := h.limitSignal("c")
	h.pass(time.Second)
	h.release(s.ID)
	other := h.resume("b", "c") // which is there now
	f := h.file("/1")
	f.owner = "b"
	f.signal(heard)
	require.Equal(h, heard.Windows, h.candidate("a").Windows)
	require.Equal(h, pool.Standing{HeardAt: heard.At}, h.candidate("a").Standing)
	require.Equal(h, pool.FiveHour, h.session(s.ID).Met)
	require.Empty(h, h.candidate("b").Windows)
	require.Zero(h, h.candidate("b").Standing)
	require.Empty(h, h.session(other.ID).Met)
	require.Equal(h, pool.Usage{}, h.usage(pool.UsageQuery{})[0].Usage, "a signal is no use")
	require.Len(h, h.sessions(true), 2)
}

func signalOfTheOwner(h *harness) {
	h.add("a")
	f := h.file("/1")
	f.owner = "a"
	f.signal(h.limitSignal("c"))
	require.Len(h, h.candidate("a").Windows, 1)
	require.Equal(h, pool.Limited, h.closed(pool.Request{}).Code)
	require.Empty(h, h.sessions(true), "nothing was used")
}

func signalOfNobodyKnown(h *harness) {
	h.add("a")
	for _, owner := range []string{"", "nobody"} {
		f := h.file("/" + owner)
		f.owner = owner
		f.signal(h.limitSignal("c"))
		require.Empty(h, h.candidate("a").Windows)
		require.Len(h, h.checkpoints(), map[string]int{"": 1, "nobody": 2}[owner], "it has been read all the same")
	}
}

// signalOfTwoSubscriptions: where both were on the conversation, nobody can tell whose limit it was.
func signalOfTwoSubscriptions(h *harness) {
	h.add("a")
	h.add("b")
	h.resume("a", "c")
	h.resume("b", "c")
	h.file("/1").signal(h.limitSignal("c"))
	require.Empty(h, h.candidate("a").Windows)
	require.Empty(h, h.candidate("b").Windows)
}

func signalOfTheUnattributed(h *harness) {
	h.add("a")
	h.restore(pool.Session{ID: "lost", Conversation: "c", StartedAt: h.now, HeartbeatAt: h.now})
	f := h.file("/1")
	f.owner = "a"
	f.signal(h.limitSignal("c"))
	require.Equal(h, pool.FiveHour, h.session("lost").Met)
	require.Empty(h, h.candidate("a").Windows, "it was of a subscription that the pool does not know")
}

func signalOldUndoesNothingNewer(h *harness) {
	h.add("a")
	s := h.resume("a", "c")
	old := h.limitSignal("c")
	old.Outcome = pool.OutcomeSignedOut
	h.pass(time.Minute)
	open := pool.Window{Kind: pool.FiveHour, Status: pool.StatusAllowed, ObservedAt: h.now}
	h.observe(s.ID, pool.Observation{At: h.now, Windows: []pool.Window{open}, Outcome: pool.OutcomeAnswered})
	h.file("/1").signal(old)
	require.Equal(h, []pool.Window{open}, h.candidate("a").Windows)
	require.Equal(h, pool.Standing{HeardAt: h.now}, h.candidate("a").Standing)
	h.acquire(pool.Request{})
}

// signalOfAPieceThatIsKnown: of two that read the same piece one books it.
func signalOfAPieceThatIsKnown(h *harness) {
	h.add("key", isAPI)
	h.resume("key", "c")
	f := h.file("/1")
	piece := f.piece(nil)
	piece.Signals = []pool.Signal{{At: h.now, Conversation: "c", Outcome: pool.OutcomeThrottled}}
	require.NoError(h, h.store.BookTranscript(h.ctx, piece))
	h.clear("key")
	require.NoError(h, h.store.BookTranscript(h.ctx, piece))
	require.Equal(h, pool.Standing{HeardAt: h.now}, h.candidate("key").Standing)
}

func metIsTheSessions(h *harness) {
	h.add("a")
	met, other := h.acquireOn("a"), h.acquireOn("a")
	h.observe(met.ID, pool.Observation{At: h.now, Met: "a_new_kind"})
	met.Met = "a_new_kind"
	require.Equal(h, met, h.session(met.ID))
	require.Equal(h, other, h.session(other.ID))
	require.Empty(h, h.candidate("a").Windows, "the window is told beside it")
	h.acquire(pool.Request{})
}

func metIsTheLast(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	h.observe(s.ID, pool.Observation{At: h.now, Met: pool.FiveHour})
	h.observe(s.ID, pool.Observation{At: h.now, Outcome: pool.OutcomeAnswered})
	require.Equal(h, pool.FiveHour, h.session(s.ID).Met, "what tells of none changes nothing")
	h.release(s.ID)
	h.observe(s.ID, pool.Observation{At: h.now, Met: pool.SevenDay})
	require.Equal(h, pool.SevenDay, h.session(s.ID).Met)
}

func followsIsKept(h *harness) {
	h.add("a")
	h.add("b")
	first := h.acquireOn("a")
	next := h.acquire(pool.Request{Follows: first.ID, Tried: []string{"a"}})
	require.Equal(h, "b", next.Subscription)
	require.Equal(h, first.ID, next.Follows)
	require.Equal(h, next, h.session(next.ID))
	require.Empty(h, h.session(first.ID).Follows)
	_, verdicts := h.exhausted(pool.Request{Follows: next.ID, Tried: []string{"a", "b"}})
	require.Equal(h, pool.AlreadyTried, verdicts["a"].Code)
}

func signalRestored(h *harness) {
	h.add("a")
	s, _ := lost(h)
	s.Follows = "another"
	h.restore(s,
		pool.Observation{At: h.now.Add(-time.Minute), Met: pool.SevenDay, Windows: []pool.Window{limit(h, pool.SevenDay, h.now.Add(time.Hour))}},
		pool.Observation{At: h.now, Outcome: pool.OutcomeSignedOut},
	)
	got := h.session(s.ID)
	require.Equal(h, "another", got.Follows)
	require.Equal(h, pool.SevenDay, got.Met)
	require.Len(h, h.candidate("a").Windows, 1)
	require.Equal(h, pool.Standing{Login: pool.LoginSignedOut, HeardAt: h.now}, h.candidate("a").Standing)
}
