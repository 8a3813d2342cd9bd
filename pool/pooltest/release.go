package pooltest

import (
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var releaseTests = suite{
	"KeepsTheEnd":            releaseKeepsTheEnd,
	"AgainChangesNothing":    releaseAgainChangesNothing,
	"TakesAUniquePrefix":     releaseTakesAUniquePrefix,
	"OfAnAmbiguousPrefix":    releaseOfAnAmbiguousPrefix,
	"PrefersTheWholeID":      releasePrefersTheWholeID,
	"KnowsItsID":             releaseKnowsItsID,
	"AfterReclaimKeepsThat":  releaseAfterReclaimKeepsThat,
	"HeartbeatMovesOn":       heartbeatMovesOn,
	"HeartbeatOfTheEnded":    heartbeatOfTheEnded,
	"HeartbeatTakesNoPrefix": heartbeatTakesNoPrefix,
	"HeartbeatOfTheUnknown":  heartbeatOfTheUnknown,
}

func releaseKeepsTheEnd(h *harness) {
	h.add("a")
	code := 130
	for _, end := range []pool.End{
		{Reason: pool.EndedByExit, Code: new(int)},
		{Reason: pool.EndedByExit, Code: &code},
		{Reason: pool.EndedByExit, Signal: "SIGTERM"},
		{Reason: pool.EndedByHand},
	} {
		s := h.acquire(pool.Request{})
		h.pass(time.Second)
		require.NoError(h, h.store.Release(h.ctx, s.ID, end, h.now))
		s.EndedAt, s.End = h.now, end
		require.Equal(h, s, h.session(s.ID))
		require.Zero(h, h.candidate("a").Running)
	}
}

func releaseAgainChangesNothing(h *harness) {
	h.add("a")
	s := h.acquire(pool.Request{})
	h.release(s.ID)
	ended := h.session(s.ID)
	h.pass(time.Hour)
	require.NoError(h, h.store.Release(h.ctx, s.ID, pool.End{Reason: pool.EndedByHand, Signal: "SIGKILL"}, h.now))
	require.Equal(h, ended, h.session(s.ID))
}

// restored puts a running session of that id into the pool.
func (h *harness) restored(id string) {
	h.Helper()
	require.NoError(h, h.store.Restore(h.ctx, pool.Session{ID: id, StartedAt: h.now, HeartbeatAt: h.now}, nil))
}

func releaseTakesAUniquePrefix(h *harness) {
	h.restored("ab12")
	h.restored("ac34")
	h.release("ac")
	require.True(h, h.session("ab12").Running())
	require.False(h, h.session("ac34").Running())
}

func releaseOfAnAmbiguousPrefix(h *harness) {
	h.restored("ab12")
	h.restored("ab34")
	h.release("ab34") // the ended count too: a person would not know which one is meant
	require.ErrorIs(h, h.store.Release(h.ctx, "ab", pool.End{Reason: pool.EndedByHand}, h.now), pool.ErrAmbiguous)
	require.True(h, h.session("ab12").Running())
}

func releasePrefersTheWholeID(h *harness) {
	h.restored("ab12")
	h.restored("ab")
	h.restored("ab34")
	h.release("ab")
	require.False(h, h.session("ab").Running())
	require.True(h, h.session("ab12").Running())
	require.True(h, h.session("ab34").Running())
}

func releaseKnowsItsID(h *harness) {
	h.restored("ab12")
	for _, id := range []string{"", "b", "AB", "ab123", "a%", "ab__", "*", "a*", "ab12\x00"} {
		require.ErrorIs(h, h.store.Release(h.ctx, id, pool.End{Reason: pool.EndedByHand}, h.now), pool.ErrNotFound, "%q", id)
	}
	require.True(h, h.session("ab12").Running())
}

func releaseAfterReclaimKeepsThat(h *harness) {
	h.add("a")
	s := h.acquire(pool.Request{Process: pool.Process{PID: 1}})
	h.dead[1] = true
	_, err := h.store.Reclaim(h.ctx, h.probe, h.now)
	require.NoError(h, err)
	h.pass(time.Hour)
	h.release(s.ID)
	require.Equal(h, pool.EndedByReclaim, h.session(s.ID).End.Reason)
	require.Equal(h, start, h.session(s.ID).EndedAt)
}

func heartbeatMovesOn(h *harness) {
	h.add("a")
	s := h.acquire(pool.Request{})
	require.NoError(h, h.store.Heartbeat(h.ctx, s.ID, h.now.Add(time.Minute+999*time.Microsecond)))
	require.Equal(h, h.now.Add(time.Minute), h.session(s.ID).HeartbeatAt)
	require.NoError(h, h.store.Heartbeat(h.ctx, s.ID, h.now), "a clock that was set back")
	require.Equal(h, h.now.Add(time.Minute), h.session(s.ID).HeartbeatAt)
	require.Equal(h, h.now, h.session(s.ID).StartedAt)
}

func heartbeatOfTheEnded(h *harness) {
	h.add("a")
	s := h.acquire(pool.Request{})
	h.release(s.ID)
	ended := h.session(s.ID)
	require.NoError(h, h.store.Heartbeat(h.ctx, s.ID, h.now.Add(time.Minute)))
	require.Equal(h, ended, h.session(s.ID))
}

func heartbeatTakesNoPrefix(h *harness) {
	h.restored("ab12")
	require.NoError(h, h.store.Heartbeat(h.ctx, "ab", h.now.Add(time.Minute)))
	require.Equal(h, h.now, h.session("ab12").HeartbeatAt)
}

func heartbeatOfTheUnknown(h *harness) {
	require.NoError(h, h.store.Heartbeat(h.ctx, "nobody", h.now))
}
