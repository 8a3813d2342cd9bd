package pooltest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var transcriptTests = suite{
	"CheckpointsAreKept":         transcriptCheckpointsAreKept,
	"IsReadFromItsCheckpoint":    transcriptIsReadFromItsCheckpoint,
	"OfASession":                 transcriptOfASession,
	"OfItsOwner":                 transcriptOfItsOwner,
	"OfNobodyKnown":              transcriptOfNobodyKnown,
	"BoundsFigures":              transcriptBoundsFigures,
	"RaisesFigures":              transcriptRaisesFigures,
	"WithAndWithoutPrices":       transcriptWithAndWithoutPrices,
	"OfTwoConversations":         transcriptOfTwoConversations,
	"OnAnotherSubscription":      transcriptOnAnotherSubscription,
	"OfSessionsAtOnce":           transcriptOfSessionsAtOnce,
	"OfTwoSubscriptionsAtOnce":   transcriptOfTwoSubscriptionsAtOnce,
	"MakesTheCostTheCLIs":        transcriptMakesTheCostTheCLIs,
	"HoldsWhatTheCLIForgot":      transcriptHoldsWhatTheCLIForgot,
	"UnderAnotherNameOfTheModel": transcriptUnderAnotherNameOfTheModel,
}

func transcriptCheckpointsAreKept(h *harness) {
	require.Empty(h, h.checkpoints())
	one, two := h.file("/1"), h.file("/2")
	one.book(nil)
	two.book(nil)
	one.book(nil)
	want := map[string]pool.Checkpoint{
		"/1": {Path: "/1", Identity: "i", Offset: 200, Figures: "{}"}, "/2": {Path: "/2", Identity: "i", Offset: 100, Figures: "{}"},
	}
	require.Equal(h, want, h.checkpoints())
	clear(h.checkpoints())
	require.Equal(h, want, h.checkpoints(), "what is returned is the caller's")
}

// transcriptIsReadFromItsCheckpoint: of two that read the same piece one books it.
func transcriptIsReadFromItsCheckpoint(h *harness) {
	h.add("a")
	h.resume("a", "c")
	f := h.file("/1")
	piece := f.piece([]pool.Message{h.message("c", "1", 5)}, h.stated("c", 7, 9))
	for range 2 {
		require.NoError(h, h.store.BookTranscript(h.ctx, piece))
		require.Equal(h, int64(7), h.sum().Tokens.Input)
	}
	another := piece
	another.Before = pool.Checkpoint{Path: "/1", Identity: "another", Offset: 100}
	another.Messages = []pool.Message{h.message("c", "2", 1000)}
	require.NoError(h, h.store.BookTranscript(h.ctx, another))
	require.Equal(h, int64(7), h.sum().Tokens.Input)
	require.Equal(h, piece.Checkpoint, h.checkpoints()["/1"])

	anew := another // the file was replaced, and is read from its start
	anew.Before, anew.Checkpoint.Identity = piece.Checkpoint, "another"
	require.NoError(h, h.store.BookTranscript(h.ctx, anew))
	require.Equal(h, int64(1005), h.sum().Tokens.Input)
	require.Equal(h, anew.Checkpoint, h.checkpoints()["/1"])
}

func transcriptOfASession(h *harness) {
	h.add("a")
	h.add("b")
	s := h.resume("a", "c")
	f := h.file("/1")
	f.owner = "b"
	f.book([]pool.Message{h.message("c", "1", 5), h.message("c", "1", 5), h.message("c", "2", 10)})
	require.Equal(h, map[string]int64{"a": 15}, h.bySubscription())
	require.Equal(h, pool.Usage{Messages: 2, Tokens: pool.Tokens{Input: 15}, Cost: 30}, h.sum())
	require.Equal(h, map[string]int64{"/here": 15}, h.inputs(pool.UsageQuery{By: []pool.Dimension{pool.ByProject}}))
	require.Equal(h, int64(15), h.candidate("a").Week.Tokens.Input)
	h.release(s.ID)
	f.book([]pool.Message{h.message("c", "3", 100)})
	require.Equal(h, map[string]int64{"a": 115}, h.bySubscription(), "read after its end")
	require.Len(h, h.sessions(true), 1)
}

func transcriptOfItsOwner(h *harness) {
	h.add("a")
	f := h.file("/1")
	f.owner = "a"
	f.book([]pool.Message{h.message("c", "1", 5)}, h.stated("c", 6, 20))
	h.pass(time.Hour)
	f.book([]pool.Message{h.message("c", "2", 10)}, h.stated("c", 10, 20))
	require.Equal(h, map[string]int64{"a": 16}, h.bySubscription())
	require.Equal(h, map[string]int64{"/there": 16}, h.inputs(pool.UsageQuery{By: []pool.Dimension{pool.ByProject}}))
	sessions := h.sessions(true)
	require.Len(h, sessions, 1)
	require.Equal(h, pool.EndedOutside, sessions[0].End.Reason)
	require.Equal(h, []time.Time{start, h.now}, []time.Time{sessions[0].StartedAt, sessions[0].EndedAt})
	require.Zero(h, h.candidate("a").LastStarted, "it was no session of the pool's")
}

func transcriptOfNobodyKnown(h *harness) {
	h.add("a")
	for _, owner := range []string{"", "nobody"} {
		f := h.file("/" + owner)
		f.owner = owner
		f.book([]pool.Message{h.message("c", "1"+owner, 5)})
	}
	require.Equal(h, map[string]int64{"": 10}, h.bySubscription())
	require.Zero(h, h.candidate("a").Week)
}

func transcriptBoundsFigures(h *harness) {
	h.add("a")
	h.resume("a", "c")
	wild := h.message("c", "1", -5)
	wild.Tokens.Output, wild.Tokens.CacheCreation1h, wild.Cost = pool.MaxTokens+7, 9, -1
	early := h.message("c", "2", 1)
	early.At = time.Time{}
	stated := h.stated("c", pool.MaxTokens*3, pool.MaxCost*2)
	h.file("/1").book([]pool.Message{wild, early}, stated)
	require.Equal(h, pool.Tokens{Input: pool.MaxTokens + 1, Output: pool.MaxTokens}, h.sum().Tokens)
}

func transcriptRaisesFigures(h *harness) {
	h.add("a")
	s := h.resume("a", "c")
	f := h.file("/1")
	f.book([]pool.Message{h.message("c", "1", 5)})
	h.print(s, "c", 50, 70)
	require.Equal(h, int64(50), h.sum().Tokens.Input)
	h.pass(time.Hour)
	f.book([]pool.Message{h.message("c", "1", 60), h.message("c", "1", 8)})
	require.Equal(h, pool.Usage{Messages: 1, Tokens: pool.Tokens{Input: 60}, Cost: 120}, h.sum())
	require.Equal(h, int64(60), h.total(pool.UsageQuery{Until: h.now}), "at the time of its first line")
	other := h.message("c", "1", 900)
	other.Model = "another"
	f.book([]pool.Message{other})
	require.Equal(h, int64(60), h.sum().Tokens.Input, "an id is of one model")
}

func transcriptWithAndWithoutPrices(h *harness) {
	h.add("a")
	s := h.resume("a", "c")
	unpriced := h.message("c", "1", 5)
	unpriced.CostSource = pool.CostUnknown
	f := h.file("/1")
	f.book([]pool.Message{unpriced, h.message("c", "2", 5)})
	require.Equal(h, pool.Usage{Messages: 2, Tokens: pool.Tokens{Input: 10}, Cost: 10, CostUnknown: 1}, h.sum())
	h.print(s, "c", 10, 33)
	require.Equal(h, pool.Usage{Messages: 2, Tokens: pool.Tokens{Input: 10}, Cost: 33, CostUnknown: 1}, h.sum())
	priced := h.message("c", "1", 6)
	f.book([]pool.Message{priced})
	require.Equal(h, pool.Usage{Messages: 2, Tokens: pool.Tokens{Input: 11}, Cost: 33}, h.sum())
}

// transcriptOfTwoConversations: cleared in the middle, so each has its own.
func transcriptOfTwoConversations(h *harness) {
	h.add("a")
	s := h.resume("a", "c1")
	one := h.message("c1", "1", 5)
	h.pass(time.Minute)
	h.observe(s.ID, pool.Observation{At: h.now, Conversation: "c2"})
	two := h.message("c2", "2", 10)
	h.print(s, "c1", 6, 0)
	h.print(s, "c2", 12, 0)
	h.file("/2").book([]pool.Message{two}, h.stated("c2", 13, 0))
	h.file("/1").book([]pool.Message{one}, h.stated("c1", 5, 0))
	require.Equal(h, map[string]int64{"a": 6 + 13}, h.bySubscription())
	require.Len(h, h.sessions(true), 1)
	h.pass(time.Minute)
	h.file("/3").book([]pool.Message{h.message("c1", "3", 100)})
	require.Equal(h, map[string]int64{"a": 19, "": 100}, h.bySubscription(), "it was not on the first any more")
}

// transcriptOnAnotherSubscription: one conversation, resumed elsewhere.
func transcriptOnAnotherSubscription(h *harness) {
	h.add("a")
	h.add("b")
	f := h.file("/1")
	for i, name := range []string{"a", "b", "a"} {
		s := h.resume(name, "c")
		f.book([]pool.Message{h.message("c", fmt.Sprint(i), 10)})
		h.print(s, "c", 11, 40)
		h.release(s.ID)
		h.pass(time.Minute)
	}
	require.Equal(h, map[string]int64{"a": 22, "b": 11}, h.bySubscription())
	require.Equal(h, pool.Usage{Messages: 3, Tokens: pool.Tokens{Input: 33}, Cost: 120}, h.sum())
}

// transcriptOfSessionsAtOnce: nobody can tell whose message is whose, so all is held against all.
func transcriptOfSessionsAtOnce(h *harness) {
	h.add("a")
	one, two := h.resume("a", "c"), h.resume("a", "c")
	h.print(one, "c", 10, 10)
	h.file("/1").book([]pool.Message{h.message("c", "1", 10), h.message("c", "2", 20)})
	h.print(two, "c", 20, 20)
	require.Equal(h, int64(30), h.sum().Tokens.Input)
	h.release(two.ID)
	h.release(one.ID)
	late := h.resume("a", "c") // not with them
	h.print(late, "c", 5, 5)
	require.Equal(h, int64(35), h.sum().Tokens.Input)
}

func transcriptOfTwoSubscriptionsAtOnce(h *harness) {
	h.add("a")
	h.add("b")
	h.resume("a", "c")
	h.pass(time.Minute)
	h.resume("b", "c")
	h.file("/1").book([]pool.Message{h.message("c", "1", 10)})
	require.Equal(h, map[string]int64{"": 10}, h.bySubscription(), "never guessed, never dropped")
}

func transcriptMakesTheCostTheCLIs(h *harness) {
	h.add("a")
	s := h.resume("a", "c")
	f := h.file("/1")
	f.book([]pool.Message{h.message("c", "1", 10)}) // estimated at 20
	h.print(s, "c", 10, 17)
	require.Equal(h, pool.NanoUSD(17), h.sum().Cost)
	f.book(nil, h.stated("c", 10, 25))
	require.Equal(h, pool.Usage{Messages: 1, Tokens: pool.Tokens{Input: 10}, Cost: 25}, h.sum())
	require.Equal(h, h.sum(), h.usage(pool.UsageQuery{})[0].Usage, "nothing of it is estimated")
	require.Equal(h, h.sum(), h.candidate("a").Week)
}

// transcriptHoldsWhatTheCLIForgot: killed, then resumed.
func transcriptHoldsWhatTheCLIForgot(h *harness) {
	h.add("a")
	f := h.file("/1")
	killed := h.resume("a", "c")
	f.book([]pool.Message{h.message("c", "1", 100)})
	h.release(killed.ID)
	again := h.resume("a", "c")
	h.pass(time.Second)
	f.book([]pool.Message{h.message("c", "2", 10)}, h.stated("c", 14, 50))
	h.print(again, "c", 15, 40)
	require.Equal(h, pool.Usage{Messages: 2, Tokens: pool.Tokens{Input: 115}, Cost: 250}, h.sum())
}

// transcriptUnderAnotherNameOfTheModel: the CLI may count under the name without its date.
func transcriptUnderAnotherNameOfTheModel(h *harness) {
	h.add("a")
	s := h.resume("a", "c")
	dated := h.message("c", "1", 10)
	dated.Model = "m-20251001"
	h.file("/1").book([]pool.Message{dated})
	h.print(s, "c", 12, 40)
	require.Equal(h, map[string]int64{"m-20251001": 10, "m": 2}, h.inputs(pool.UsageQuery{By: []pool.Dimension{pool.ByModel}}))
}
