package pooltest

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// RunShared holds a pool that several processes share against what must not happen between them. open
// returns that many handles on one new and empty pool, as different processes would have them.
func RunShared(t *testing.T, open func(t *testing.T, handles int) []pool.Store) {
	const handles = 8
	for name, test := range map[string]func(h *harness, stores []pool.Store){
		"NoneExceedsItsCap":     noneExceedsItsCap,
		"AllSpreadOut":          allSpreadOut,
		"AnEntryIsBookedOnce":   anEntryIsBookedOnce,
		"APieceIsBookedOnce":    aPieceIsBookedOnce,
		"OneRestoresASession":   oneRestoresASession,
		"OneTakesAName":         oneTakesAName,
		"TheDeadAreEndedOnce":   theDeadAreEndedOnce,
		"SumsStayTheEntries":    sumsStayTheEntries,
		"AcquireAgainstRemove":  acquireAgainstRemove,
		"ChangesAreSeenAtOnce":  changesAreSeenAtOnce,
		"ListedWhileAllChanges": listedWhileAllChanges,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stores := open(t, handles)
			test(newHarness(t, stores[0]), stores)
		})
	}
}

// atOnce calls f from many goroutines that start together, several on each store.
func atOnce(stores []pool.Store, times int, f func(n int, store pool.Store)) {
	var ready, done sync.WaitGroup
	ready.Add(times)
	for n := range times {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			f(n, stores[n%len(stores)])
		})
	}
	done.Wait()
}

// counter counts outcomes by name.
type counter struct {
	mu sync.Mutex
	n  map[string]int
}

func (c *counter) count(outcome string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[string]int{}
	}
	c.n[outcome]++
}

func (h *harness) acquireFrom(store pool.Store, c *counter) {
	s, _, err := store.Acquire(h.ctx, pool.Request{}, pool.DefaultPolicy(), h.probe, h.now)
	if err != nil {
		c.count(answer("acquire", nil, err))
		return
	}
	c.count(s.Subscription)
}

func noneExceedsItsCap(h *harness, stores []pool.Store) {
	h.add("a", atMost(7))
	h.add("b", atMost(5))
	h.add("c", atMost(1))
	var c counter
	atOnce(stores, 40, func(_ int, store pool.Store) {
		s, _, err := store.Acquire(h.ctx, pool.Request{}, pool.DefaultPolicy(), h.probe, h.now)
		switch {
		case err == nil:
			c.count(s.Subscription)
		case errors.Is(err, pool.ErrExhausted):
			c.count("exhausted")
		default:
			c.count(err.Error())
		}
	})
	require.Equal(h, map[string]int{"a": 7, "b": 5, "c": 1, "exhausted": 27}, c.n)
	require.Len(h, h.sessions(false), 13)
}

func allSpreadOut(h *harness, stores []pool.Store) {
	for n := range 5 {
		h.add(fmt.Sprintf("s%d", n))
	}
	var c counter
	atOnce(stores, 52, func(_ int, store pool.Store) { h.acquireFrom(store, &c) })
	require.Len(h, c.n, 5, "%v", c.n)
	for name, n := range c.n {
		require.InDelta(h, 52.0/5, n, 2, name)
	}
}

func anEntryIsBookedOnce(h *harness, stores []pool.Store) {
	h.add("a")
	s := h.acquireOn("a")
	var c counter
	atOnce(stores, 40, func(n int, store pool.Store) {
		err := store.Observe(h.ctx, s.ID, pool.Observation{Entries: []pool.Entry{
			{ID: "same", At: h.now, Tokens: pool.Tokens{Input: 1}},
			{ID: fmt.Sprint(n), At: h.now, Tokens: pool.Tokens{Input: 1000}},
		}})
		c.count(answer("observe", nil, err))
	})
	require.Equal(h, map[string]int{answer("observe", nil, nil): 40}, c.n)
	require.Equal(h, int64(40_001), h.total(pool.UsageQuery{}))
	require.Equal(h, int64(40_001), h.candidate("a").Week.Tokens.Input)
}

func oneRestoresASession(h *harness, stores []pool.Store) {
	h.add("a")
	s, observed := lost(h)
	var c counter
	atOnce(stores, 20, func(_ int, store pool.Store) {
		c.count(answer("restore", nil, store.Restore(h.ctx, s, observed)))
	})
	require.Equal(h, map[string]int{answer("restore", nil, nil): 20}, c.n)
	require.Len(h, h.sessions(true), 1)
	require.Equal(h, int64(12), h.candidate("a").Week.Tokens.Input)
}

func oneTakesAName(h *harness, stores []pool.Store) {
	var c counter
	atOnce(stores, 20, func(n int, store pool.Store) {
		_, err := store.AddSubscription(h.ctx, pool.Subscription{Name: "a", ConfigDir: fmt.Sprintf("/%d", n)})
		c.count(answer("add", nil, err))
	})
	require.Equal(h, map[string]int{answer("add", nil, nil): 1, answer("add", nil, pool.ErrNameTaken): 19}, c.n)
}

func theDeadAreEndedOnce(h *harness, stores []pool.Store) {
	h.add("a")
	for n := range 10 {
		h.acquire(pid(n))
	}
	dead := func(pool.Process) pool.Liveness { return pool.Dead }
	var c counter
	atOnce(stores, 20, func(_ int, store pool.Store) {
		ended, err := store.Reclaim(h.ctx, dead, h.now)
		if err != nil {
			c.count(err.Error())
		}
		for _, s := range ended {
			c.count(s.ID)
		}
	})
	require.Len(h, c.n, 10)
	for id, n := range c.n {
		require.Equal(h, 1, n, id)
	}
}

// sumsStayTheEntries: what is summed up beforehand is right however bookings fall together.
func sumsStayTheEntries(h *harness, stores []pool.Store) {
	h.add("a")
	h.add("b")
	sessions := []pool.Session{h.acquireOn("a"), h.acquireOn("b")}
	var c counter
	atOnce(stores, 40, func(n int, store pool.Store) {
		for i := range 3 {
			err := store.Observe(h.ctx, sessions[n%2].ID, pool.Observation{Entries: []pool.Entry{
				{ID: fmt.Sprintf("%d-%d", n, i), At: h.now.AddDate(0, 0, -i), Model: "m", Tokens: pool.Tokens{Input: 1}},
			}})
			c.count(answer("observe", nil, err))
		}
	})
	require.Equal(h, map[string]int{answer("observe", nil, nil): 120}, c.n)
	require.Equal(h, map[string]int64{"a": 60, "b": 60}, h.inputs(pool.UsageQuery{By: []pool.Dimension{pool.BySubscription}}))
	require.Equal(h, map[string]int64{"2026-11-22": 40, "2026-11-23": 40, "2026-11-24": 40}, h.byDay(nil))
	require.Equal(h, int64(60), h.candidate("a").Week.Tokens.Input)
}

// acquireAgainstRemove: no session runs on a subscription that was removed.
func acquireAgainstRemove(h *harness, stores []pool.Store) {
	h.add("a")
	h.add("b")
	var c counter
	atOnce(stores, 20, func(n int, store pool.Store) {
		if n%4 == 0 {
			c.count(answer("remove", nil, store.RemoveSubscription(h.ctx, "a", h.now)))
			return
		}
		h.acquireFrom(store, &c)
	})
	listed, err := h.store.Subscriptions(h.ctx)
	require.NoError(h, err)
	removed := len(listed) == 1
	require.Equal(h, removed, c.n[answer("remove", nil, nil)] == 1, "%v", c.n)
	require.Equal(h, removed, c.n["a"] == 0, "%v", c.n)
	require.Equal(h, 15, c.n["a"]+c.n["b"], "%v", c.n)
}
