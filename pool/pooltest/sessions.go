package pooltest

import (
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var sessionTests = suite{
	"AreTheLatestFirst":   sessionsAreTheLatestFirst,
	"RunningOrAll":        sessionsRunningOrAll,
	"AreLimited":          sessionsAreLimited,
	"Since":               sessionsSince,
	"AtOnceTheLastIsLate": sessionsAtOnceTheLastIsLate,
}

func ids(sessions []pool.Session) []string {
	var ids []string
	for _, s := range sessions {
		ids = append(ids, s.ID)
	}
	return ids
}

func sessionsAreTheLatestFirst(h *harness) {
	h.add("a")
	second := h.acquire(pool.Request{})
	h.pass(-time.Hour)
	first := h.acquire(pool.Request{})
	h.pass(2 * time.Hour)
	third := h.acquire(pool.Request{})
	require.Equal(h, []string{third.ID, second.ID, first.ID}, ids(h.sessions(true)))
	require.Equal(h, []string{third.ID, second.ID, first.ID}, ids(h.sessions(false)))
}

func sessionsAtOnceTheLastIsLate(h *harness) {
	h.add("a")
	one, two := h.acquire(pool.Request{}), h.acquire(pool.Request{})
	require.Equal(h, []string{two.ID, one.ID}, ids(h.sessions(true)))
}

func sessionsRunningOrAll(h *harness) {
	h.add("a")
	ended, running := h.acquire(pool.Request{}), h.acquire(pool.Request{})
	h.release(ended.ID)
	require.Equal(h, []string{running.ID}, ids(h.sessions(false)))
	require.ElementsMatch(h, []string{running.ID, ended.ID}, ids(h.sessions(true)))
}

func sessionsAreLimited(h *harness) {
	h.add("a")
	var all []string
	for range 5 {
		all = append([]string{h.acquire(pool.Request{}).ID}, all...)
		h.pass(time.Second)
	}
	h.release(all[0])
	for limit, want := range map[int]int{0: 4, 1: 1, 3: 3, 4: 4, 100: 4} {
		sessions, err := h.store.Sessions(h.ctx, false, limit)
		require.NoError(h, err)
		require.Equal(h, all[1:][:want], ids(sessions), "limit %d", limit)
	}
	sessions, err := h.store.Sessions(h.ctx, true, 2)
	require.NoError(h, err)
	require.Equal(h, all[:2], ids(sessions))
}

func sessionsSince(h *harness) {
	h.add("a")
	running, early, late := h.acquire(pool.Request{}), h.acquire(pool.Request{}), h.acquire(pool.Request{})
	h.release(early.ID)
	h.pass(time.Second)
	h.release(late.ID)
	for since, want := range map[time.Time][]string{
		h.now.Add(-time.Hour):         {late.ID, early.ID, running.ID},
		h.now.Add(-time.Second):       {late.ID, early.ID, running.ID},
		h.now.Add(-time.Second + 1e6): {late.ID, running.ID},
		h.now:                         {late.ID, running.ID},
		h.now.Add(time.Hour):          {running.ID},
	} {
		sessions, err := h.store.SessionsSince(h.ctx, since)
		require.NoError(h, err)
		require.Equal(h, want, ids(sessions), since)
	}
}
