package pooltest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var stateTests = suite{
	"BeginWithTheSession":         statesBeginWithTheSession,
	"GoByWhatTheCLISays":          statesGoByWhatTheCLISays,
	"GoBySilence":                 statesGoBySilence,
	"GoByTranscripts":             statesGoByTranscripts,
	"GoByTheProcess":              statesGoByTheProcess,
	"AreNotSetBack":               statesAreNotSetBack,
	"AreRestored":                 statesAreRestored,
	"CountAsTheRowsDo":            statesCountAsTheRowsDo,
	"EndInBatches":                statesEndInBatches,
	"EndWhereOnlyALaunchLooks":    statesEndWhereOnlyALaunchLooks,
	"SpareTheSilentThatAreAlive":  statesSpareTheSilentThatAreAlive,
	"EndTheConversationsTheyHeld": statesEndTheConversationsTheyHeld,
}

// stateOf is what a session does now.
func (h *harness) stateOf(id string) pool.SessionState {
	h.Helper()
	return h.session(id).State(h.probe, h.now)
}

func statesBeginWithTheSession(h *harness) {
	h.add("a")
	s := h.acquire(pid(1))
	require.Equal(h, h.now, h.session(s.ID).ActiveAt)
	require.Equal(h, pool.StateRunning, h.stateOf(s.ID))
	h.release(s.ID)
	require.Equal(h, pool.StateEnded, h.stateOf(s.ID))
}

func statesGoByWhatTheCLISays(h *harness) {
	h.add("a")
	s := h.acquire(pid(1))
	for _, said := range []pool.SessionState{pool.StateIdle, pool.StateRunning} {
		h.pass(time.Minute)
		h.observe(s.ID, pool.Observation{At: h.now, State: said})
		require.Equal(h, said, h.stateOf(s.ID))
		h.pass(time.Hour)
		h.observe(s.ID, pool.Observation{At: h.now, Conversation: "c"})
		require.Equal(h, said, h.stateOf(s.ID), "until it says something else")
	}
}

func statesGoBySilence(h *harness) {
	h.add("a")
	s := h.acquire(pid(1))
	h.pass(pool.IdleAfter - time.Millisecond)
	require.NoError(h, h.store.Heartbeat(h.ctx, s.ID, h.now))
	require.Equal(h, pool.StateRunning, h.stateOf(s.ID))
	h.pass(time.Millisecond)
	require.Equal(h, pool.StateIdle, h.stateOf(s.ID), "a heartbeat is no word of the CLI")
	h.observe(s.ID, pool.Observation{At: h.now, Entries: []pool.Entry{{ID: "e", At: h.now}}})
	require.Equal(h, pool.StateRunning, h.stateOf(s.ID))
}

func statesGoByTranscripts(h *harness) {
	h.add("a")
	s := h.resume("a", "c")
	f := h.file("/1")
	h.pass(time.Hour)
	require.Equal(h, pool.StateIdle, h.stateOf(s.ID))
	message := h.message("c", "m1", 5)
	h.pass(time.Minute)
	f.book([]pool.Message{message})
	require.Equal(h, message.At, h.session(s.ID).ActiveAt)
	require.Equal(h, pool.StateRunning, h.stateOf(s.ID))
	h.release(s.ID)
	h.pass(time.Second)
	f.book([]pool.Message{h.message("c", "m2", 5)})
	require.Equal(h, message.At, h.session(s.ID).ActiveAt, "once it has ended it does nothing any more")
}

func statesGoByTheProcess(h *harness) {
	h.add("a")
	s := h.acquire(pid(1))
	h.observe(s.ID, pool.Observation{At: h.now, State: pool.StateIdle})
	h.dead[1] = true
	require.Equal(h, pool.StateStale, h.stateOf(s.ID))
	require.Len(h, h.reclaim(), 1)
	require.Equal(h, pool.StateEnded, h.stateOf(s.ID))
}

// statesAreNotSetBack: what is booked late, or with a clock that was set back, is no news.
func statesAreNotSetBack(h *harness) {
	h.add("a")
	s := h.acquire(pid(1))
	h.observe(s.ID, pool.Observation{At: h.now, State: pool.StateIdle})
	h.observe(s.ID, pool.Observation{At: h.now.Add(-7 * 24 * time.Hour), State: pool.StateRunning})
	h.observe(s.ID, pool.Observation{State: pool.StateRunning})
	require.Equal(h, h.now, h.session(s.ID).ActiveAt)
	require.Equal(h, pool.StateIdle, h.stateOf(s.ID))
}

func statesAreRestored(h *harness) {
	h.add("a")
	s := pool.Session{ID: "x", Subscription: "a", StartedAt: h.now, HeartbeatAt: h.now, Process: pool.Process{PID: 1}}
	h.restore(s, pool.Observation{At: h.now.Add(time.Minute), State: pool.StateIdle}, pool.Observation{At: h.now.Add(2 * time.Minute), Conversation: "c"})
	require.Equal(h, h.now.Add(2*time.Minute), h.session("x").ActiveAt)
	require.Equal(h, pool.StateIdle, h.stateOf("x"))
}

func statesCountAsTheRowsDo(h *harness) {
	h.add("a")
	h.add("b")
	for n := range 12 {
		s := h.acquire(pid(n))
		if n%3 == 0 {
			h.release(s.ID)
		}
		h.dead[n] = n%4 == 0
		h.requireCounts()
	}
	h.reclaim()
	h.requireCounts()
}

// requireCounts holds the number of running sessions of each subscription against their list.
func (h *harness) requireCounts() {
	h.Helper()
	running := map[string]int{}
	for _, s := range h.sessions(false) {
		running[s.Subscription]++
	}
	candidates, err := h.store.Candidates(h.ctx, h.now)
	require.NoError(h, err)
	for _, c := range candidates {
		require.Equal(h, running[c.Subscription.Name], c.Running)
	}
}

// manyDead are more than a store ends in one transaction, and so many are alive that they fill one too.
const manyDead = 500

func statesEndInBatches(h *harness) {
	h.add("a")
	for n := range manyDead { // a launch looks for the dead, so many of them take their time
		h.restore(pool.Session{ID: fmt.Sprint("s", n), Subscription: "a", StartedAt: h.now, HeartbeatAt: h.now, Process: pool.Process{PID: n % 2}})
	}
	h.pass(time.Minute)
	h.dead[0] = true
	require.Len(h, h.reclaim(), manyDead/2)
	require.Len(h, h.sessions(false), manyDead/2)
	require.Empty(h, h.reclaim())
}

// statesEndWhereOnlyALaunchLooks: the place of a wrapper that was killed a moment ago is free, though its heartbeat
// is the latest.
func statesEndWhereOnlyALaunchLooks(h *harness) {
	h.add("a", atMost(3))
	h.acquire(pid(1))
	h.acquire(pid(2))
	h.pass(time.Minute)
	killed := h.acquire(pid(3))
	h.dead[3] = true
	h.acquire(pid(4))
	require.Equal(h, pool.EndedByReclaim, h.session(killed.ID).End.Reason)
}

// statesSpareTheSilentThatAreAlive: a wrapper that was stopped sends no heartbeat, and has the oldest then.
func statesSpareTheSilentThatAreAlive(h *harness) {
	h.add("a")
	stopped := h.acquire(pid(1))
	h.pass(24 * time.Hour)
	killed := h.acquire(pid(2))
	h.dead[2] = true
	ended := h.reclaim()
	require.Len(h, ended, 1)
	require.Equal(h, killed.ID, ended[0].ID)
	require.True(h, h.session(stopped.ID).Running())
}

func statesEndTheConversationsTheyHeld(h *harness) {
	h.add("a")
	s := h.acquire(pool.Request{Conversation: "c", Process: pool.Process{PID: 1}})
	h.pass(time.Minute)
	h.observe(s.ID, pool.Observation{At: h.now, State: pool.StateRunning})
	heard := h.now
	h.pass(time.Minute)
	h.dead[1] = true
	h.reclaim()
	require.Equal(h, heard, h.only("a").ActiveAt)
}
