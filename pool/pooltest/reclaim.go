package pooltest

import (
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var reclaimTests = suite{
	"EndsTheDead":           reclaimEndsTheDead,
	"SparesTheAlive":        reclaimSparesTheAlive,
	"GoesByHeartbeatUnseen": reclaimGoesByHeartbeatUnseen,
	"ReturnsTheLatestFirst": reclaimReturnsTheLatestFirst,
	"StaysWhereRefused":     reclaimStaysWhereRefused,
	"KeepsTheLedger":        reclaimKeepsTheLedger,
	"LooksAtTheProcess":     reclaimLooksAtTheProcess,
	"SparesALateHeartbeat":  reclaimSparesALateHeartbeat,
}

func (h *harness) reclaim() []pool.Session {
	h.Helper()
	ended, err := h.store.Reclaim(h.ctx, h.probe, h.now)
	require.NoError(h, err)
	return ended
}

func pid(n int) pool.Request { return pool.Request{Process: pool.Process{PID: n}} }

func reclaimEndsTheDead(h *harness) {
	h.add("a")
	s := h.acquire(pid(1))
	alive := h.acquire(pid(2))
	h.dead[1] = true
	h.pass(time.Minute)
	ended := h.reclaim()
	s.EndedAt, s.End = h.now, pool.End{Reason: pool.EndedByReclaim}
	require.Equal(h, []pool.Session{s}, ended)
	require.Equal(h, s, h.session(s.ID))
	require.Equal(h, []pool.Session{alive}, h.sessions(false))
	h.pass(time.Minute)
	require.Empty(h, h.reclaim(), "once")
	require.Equal(h, s, h.session(s.ID))
}

func reclaimSparesTheAlive(h *harness) {
	h.add("a")
	h.acquire(pid(1))
	h.pass(365 * 24 * time.Hour)
	require.Empty(h, h.reclaim(), "however old its heartbeat")
}

func reclaimGoesByHeartbeatUnseen(h *harness) {
	h.add("a")
	s := h.acquire(pid(1))
	h.unseen[1] = true
	h.pass(pool.HeartbeatTimeout)
	require.Empty(h, h.reclaim())
	require.NoError(h, h.store.Heartbeat(h.ctx, s.ID, h.now))
	h.pass(pool.HeartbeatTimeout)
	require.Empty(h, h.reclaim())
	h.pass(time.Millisecond)
	require.Len(h, h.reclaim(), 1)
}

func reclaimReturnsTheLatestFirst(h *harness) {
	h.add("a")
	var want []string
	for n := range 3 {
		want = append([]string{h.acquire(pid(n)).ID}, want...)
		h.pass(time.Second)
	}
	h.dead = map[int]bool{0: true, 1: true, 2: true}
	var got []string
	for _, s := range h.reclaim() {
		got = append(got, s.ID)
	}
	require.Equal(h, want, got)
}

func reclaimStaysWhereRefused(h *harness) {
	h.add("a")
	s := h.acquire(pid(1))
	h.dead[1] = true
	require.NoError(h, h.store.SetEnabled(h.ctx, "a", false))
	h.exhausted(pool.Request{})
	require.Equal(h, pool.EndedByReclaim, h.session(s.ID).End.Reason)
}

func reclaimKeepsTheLedger(h *harness) {
	h.add("a")
	s := h.acquire(pid(1))
	h.book(s.ID, h.now, 5)
	h.dead[1] = true
	h.reclaim()
	h.book(s.ID, h.now, 7)
	require.Equal(h, int64(12), h.candidate("a").Week.Tokens.Input)
}

func reclaimLooksAtTheProcess(h *harness) {
	h.add("a")
	want := pool.Process{Host: "h", BootID: "b", PIDNamespace: "n", PID: 7, StartTime: 99}
	h.acquire(pool.Request{Process: want})
	var seen []pool.Process
	_, err := h.store.Reclaim(h.ctx, func(p pool.Process) pool.Liveness {
		seen = append(seen, p)
		return pool.Alive
	}, h.now)
	require.NoError(h, err)
	require.Equal(h, []pool.Process{want}, seen)
}

// reclaimSparesALateHeartbeat: a probe may take its time, and who says meanwhile that it lives does.
func reclaimSparesALateHeartbeat(h *harness) {
	h.add("a")
	s := h.acquire(pid(1))
	h.pass(2 * pool.HeartbeatTimeout)
	ended, err := h.store.Reclaim(h.ctx, func(pool.Process) pool.Liveness {
		require.NoError(h, h.store.Heartbeat(h.ctx, s.ID, h.now))
		return pool.Unseen
	}, h.now)
	require.NoError(h, err)
	require.Empty(h, ended)
	require.True(h, h.session(s.ID).Running())
}
