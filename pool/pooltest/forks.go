package pooltest

import (
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var forkTests = suite{
	"CountsNothingAgain":             forkCountsNothingAgain,
	"ReadBitByBit":                   forkReadBitByBit,
	"ReadBeforeItsParent":            forkReadBeforeItsParent,
	"OutsideReadBeforeItsParent":     forkOutsideReadBeforeItsParent,
	"OfUseOutside":                   forkOfUseOutside,
	"OfAFork":                        forkOfAFork,
	"BegunOutside":                   forkBegunOutside,
	"SessionsHeardOfLate":            sessionsHeardOfLate,
	"SessionsTakenInLate":            sessionsTakenInLate,
	"SessionsTakenInLateHaveTheTime": sessionsTakenInLateHaveTheTime,
}

func first(s pool.Stated) pool.Stated {
	s.First = true
	return s
}

// parent is a conversation on subscription a, with messages of 10 and 20, and its fork on subscription b,
// which has those too and one of 100 of its own. The figures of each say one more than its messages.
func (h *harness) parent() (parent, fork []pool.Message, ofParent, ofFork pool.Stated) {
	h.add("a")
	h.add("b")
	s := h.resume("a", "p")
	parent = []pool.Message{h.message("p", "1", 10), h.message("p", "2", 20)}
	ofParent = first(h.stated("p", 31, 62))
	fork = []pool.Message{h.message("f", "1", 10), h.message("f", "2", 20)}
	h.pass(time.Second)
	h.release(s.ID)
	h.pass(time.Minute)
	s = h.acquire(pool.Request{Names: []string{"b"}, Conversation: "f", CWD: "/here"})
	fork = append(fork, h.message("f", "3", 100))
	ofFork = first(h.stated("f", 132, 264))
	h.pass(time.Second)
	h.release(s.ID)
	return parent, fork, ofParent, ofFork
}

func forkCountsNothingAgain(h *harness) {
	parent, fork, ofParent, ofFork := h.parent()
	h.file("/p").book(parent, ofParent)
	f := h.file("/f")
	f.book(fork, ofFork)
	require.Equal(h, map[string]int64{"a": 31, "b": 100}, h.bySubscription(), "its first figures are its parent's too")
	h.pass(time.Minute)
	s := h.resume("b", "f")
	f.book([]pool.Message{h.message("f", "4", 1000)}, h.stated("f", 1001, 2002))
	require.Equal(h, map[string]int64{"a": 31, "b": 1101}, h.bySubscription(), "what is added later is its own")
	h.release(s.ID)
}

// forkReadBitByBit: that it is a fork is known when its figures come at last.
func forkReadBitByBit(h *harness) {
	parent, fork, ofParent, ofFork := h.parent()
	p, f := h.file("/p"), h.file("/f")
	for _, m := range parent {
		p.book([]pool.Message{m})
	}
	for _, m := range fork {
		f.book([]pool.Message{m})
	}
	f.book(nil, ofFork)
	p.book(nil, ofParent)
	require.Equal(h, map[string]int64{"a": 31, "b": 100}, h.bySubscription())
}

func forkReadBeforeItsParent(h *harness) {
	parent, fork, ofParent, ofFork := h.parent()
	h.file("/f").book(fork, ofFork)
	require.Equal(h, map[string]int64{"": 30, "b": 100}, h.bySubscription(), "nobody known was there yet")
	h.file("/p").book(parent, ofParent)
	require.Equal(h, map[string]int64{"a": 31, "b": 100}, h.bySubscription())
	require.Equal(h, pool.Usage{Messages: 3, Tokens: pool.Tokens{Input: 131}, Cost: 262}, h.sum())
	require.Equal(h, int64(31), h.candidate("a").Week.Tokens.Input)
}

// forkOutsideReadBeforeItsParent: the fork was made outside, and its figures were taken for its own.
func forkOutsideReadBeforeItsParent(h *harness) {
	h.add("a")
	s := h.resume("a", "p")
	parent, fork := h.message("p", "1", 10), h.message("f", "1", 10)
	ofParent := first(h.stated("p", 10, 25))
	h.pass(time.Minute)
	h.release(s.ID)
	h.pass(time.Minute)
	f := h.file("/f")
	f.book([]pool.Message{fork, h.message("f", "2", 100)}, first(h.stated("f", 110, 225)))
	h.file("/p").book([]pool.Message{parent}, ofParent)
	require.Equal(h, map[string]int64{"a": 10, "": 100}, h.bySubscription())
	f.book([]pool.Message{h.message("f", "3", 1000)}, h.stated("f", 1000, 2000))
	require.Equal(h, map[string]int64{"a": 10, "": 1100}, h.bySubscription())
}

func forkOfUseOutside(h *harness) {
	h.add("a")
	p, f := h.file("/p"), h.file("/f")
	p.owner, f.owner = "a", "a"
	f.book([]pool.Message{h.message("f", "1", 10), h.message("f", "2", 100)}, first(h.stated("f", 110, 220)))
	p.book([]pool.Message{h.message("p", "1", 10)}, first(h.stated("p", 10, 20)))
	require.Equal(h, map[string]int64{"a": 110}, h.bySubscription())
}

func forkOfAFork(h *harness) {
	parent, fork, ofParent, ofFork := h.parent()
	h.pass(time.Minute)
	h.resume("a", "g")
	var second []pool.Message
	for _, m := range fork {
		m.Conversation = "g"
		second = append(second, m)
	}
	second = append(second, h.message("g", "4", 1000))
	h.file("/g").book(second, first(h.stated("g", 1132, 2264)))
	h.file("/p").book(parent, ofParent)
	h.file("/f").book(fork, ofFork)
	require.Equal(h, map[string]int64{"a": 1031, "b": 100}, h.bySubscription())
}

// forkBegunOutside: a conversation that was begun outside and goes on inside is no fork, but its first
// figures may be of both.
func forkBegunOutside(h *harness) {
	h.add("a")
	f := h.file("/1")
	f.book([]pool.Message{h.message("c", "1", 10)}, first(h.stated("c", 11, 22)))
	h.pass(time.Minute)
	h.resume("a", "c")
	f.book([]pool.Message{h.message("c", "2", 100)}, h.stated("c", 101, 202))
	require.Equal(h, map[string]int64{"": 11, "a": 101}, h.bySubscription())

	g := h.file("/2") // killed outside: no figures
	h.pass(time.Minute)
	g.book([]pool.Message{h.message("d", "3", 10)})
	h.pass(time.Minute)
	h.resume("a", "d")
	g.book([]pool.Message{h.message("d", "4", 100)}, first(h.stated("d", 120, 240)))
	require.Equal(h, map[string]int64{"": 21, "a": 201}, h.bySubscription())
}

// sessionsHeardOfLate: that a session was on the conversation is known only after its messages.
func sessionsHeardOfLate(h *harness) {
	h.add("a")
	h.add("b")
	s := h.acquireOn("a")
	f := h.file("/1")
	f.owner = "b"
	f.book([]pool.Message{h.message("c", "1", 10)}, first(h.stated("c", 10, 20)))
	require.Equal(h, map[string]int64{"b": 10}, h.bySubscription())
	h.pass(time.Minute)
	h.observe(s.ID, pool.Observation{At: h.now, Conversation: "c"})
	require.Equal(h, map[string]int64{"a": 10}, h.bySubscription())
	h.print(s, "c", 12, 0)
	require.Equal(h, map[string]int64{"a": 12}, h.bySubscription())
}

// sessionsTakenInLate: a session out of the spool was there at once with another.
func sessionsTakenInLate(h *harness) {
	h.add("a")
	one := h.resume("a", "c")
	h.print(one, "c", 10, 20)
	h.pass(time.Minute)
	h.file("/1").book([]pool.Message{h.message("c", "1", 10), h.message("c", "2", 5)})
	require.Equal(h, int64(15), h.sum().Tokens.Input)
	h.restore(pool.Session{
		ID: "late", Subscription: "a", StartedAt: start.Add(-time.Second), EndedAt: h.now, End: pool.End{Reason: pool.EndedByExit},
	}, pool.Observation{At: h.now, Conversation: "c", Entries: []pool.Entry{{
		ID: "late/1", At: h.now, Conversation: "c", Model: "m", Tokens: pool.Tokens{Input: 5}, CostSource: pool.CostFromCLI,
	}}})
	require.Equal(h, int64(15), h.sum().Tokens.Input, "its turn was read as a message of the other's")
}

// sessionsTakenInLateHaveTheTime: each conversation has the time that the session was on it.
func sessionsTakenInLateHaveTheTime(h *harness) {
	h.add("a")
	first, second := h.message("c1", "1", 10), h.message("c2", "2", 100)
	first.At, second.At = start.Add(time.Minute), start.Add(3*time.Minute)
	early := h.message("c2", "3", 1000)
	early.At = start.Add(time.Minute)
	h.restore(pool.Session{
		ID: "late", Subscription: "a", StartedAt: start, EndedAt: start.Add(5 * time.Minute), End: pool.End{Reason: pool.EndedByExit},
	}, pool.Observation{At: start.Add(time.Second), Conversation: "c1"}, pool.Observation{At: start.Add(2 * time.Minute), Conversation: "c2"})
	h.file("/1").book([]pool.Message{first})
	h.file("/2").book([]pool.Message{early, second})
	require.Equal(h, map[string]int64{"a": 110, "": 1000}, h.bySubscription())
}
