package pooltest

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// harness is a store under test, with helpers that fail the test on any error.
type harness struct {
	*testing.T
	ctx   context.Context
	store pool.Store
	// another opens a further store of the kind, new and empty.
	another func() pool.Store
	// now is the time of every call; tests move it on.
	now time.Time
	// dead holds the pids that the probe finds dead; unseen those that it can't look at.
	dead, unseen map[int]bool
	entries      int
}

// start is a Tuesday, at noon in UTC.
var start = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func newHarness(t *testing.T, store pool.Store) *harness {
	return &harness{T: t, ctx: t.Context(), store: store, now: start, dead: map[int]bool{}, unseen: map[int]bool{}}
}

func (h *harness) probe(p pool.Process) pool.Liveness {
	switch {
	case h.dead[p.PID]:
		return pool.Dead
	case h.unseen[p.PID]:
		return pool.Unseen
	}
	return pool.Alive
}

func (h *harness) pass(d time.Duration) { h.now = h.now.Add(d) }

// add adds an enabled subscription with a directory of its own, changed by the given functions.
func (h *harness) add(name string, change ...func(*pool.Subscription)) pool.Subscription {
	h.Helper()
	s := pool.Subscription{Name: name, ConfigDir: "/dirs/" + name, Enabled: true, CreatedAt: h.now}
	for _, f := range change {
		f(&s)
	}
	added, err := h.store.AddSubscription(h.ctx, s)
	require.NoError(h, err)
	return added
}

func atMost(sessions int) func(*pool.Subscription) {
	return func(s *pool.Subscription) { s.MaxSessions = sessions }
}

func (h *harness) tryAcquire(req pool.Request) (pool.Session, error) {
	s, _, err := h.store.Acquire(h.ctx, req, pool.DefaultPolicy(), h.probe, h.now)
	return s, err
}

func (h *harness) acquire(req pool.Request) pool.Session {
	h.Helper()
	s, err := h.tryAcquire(req)
	require.NoError(h, err)
	return s
}

// acquireOn acquires a session on the named subscription.
func (h *harness) acquireOn(name string) pool.Session {
	h.Helper()
	return h.acquire(pool.Request{Names: []string{name}, CWD: "/src"})
}

// exhausted acquires where no subscription may be picked, and returns the verdicts by subscription.
func (h *harness) exhausted(req pool.Request) (*pool.ExhaustedError, map[string]pool.Verdict) {
	h.Helper()
	_, err := h.tryAcquire(req)
	var exhausted *pool.ExhaustedError
	require.ErrorAs(h, err, &exhausted)
	verdicts := map[string]pool.Verdict{}
	for _, v := range exhausted.Verdicts {
		verdicts[v.Subscription] = v
	}
	return exhausted, verdicts
}

func (h *harness) release(id string) {
	h.Helper()
	require.NoError(h, h.store.Release(h.ctx, id, pool.End{Reason: pool.EndedByExit}, h.now))
}

func (h *harness) observe(id string, o pool.Observation) {
	h.Helper()
	require.NoError(h, h.store.Observe(h.ctx, id, o))
}

// book books one entry of that many input tokens and a cost of as many nanodollars.
func (h *harness) book(session string, at time.Time, input int64) {
	h.Helper()
	h.entries++
	h.observe(session, pool.Observation{Entries: []pool.Entry{{
		ID: "e" + strconv.Itoa(h.entries), At: at, Model: "opus", Messages: 1,
		Tokens: pool.Tokens{Input: input}, Cost: pool.NanoUSD(input), CostSource: pool.CostFromCLI,
	}}})
}

func (h *harness) usage(q pool.UsageQuery) []pool.UsageRow {
	h.Helper()
	rows, err := h.store.Usage(h.ctx, q)
	require.NoError(h, err)
	return rows
}

// inputs are the input tokens of a query by one dimension, by key.
func (h *harness) inputs(q pool.UsageQuery) map[string]int64 {
	h.Helper()
	sums := map[string]int64{}
	for _, row := range h.usage(q) {
		require.Len(h, row.Keys, 1)
		require.NotContains(h, sums, row.Keys[0], "a key has one row")
		sums[row.Keys[0]] = row.Tokens.Input
	}
	return sums
}

// total is the input tokens of the whole of a query's span.
func (h *harness) total(q pool.UsageQuery) int64 {
	h.Helper()
	rows := h.usage(q)
	require.Len(h, rows, 1)
	return rows[0].Tokens.Input
}

func (h *harness) sessions(all bool) []pool.Session {
	h.Helper()
	sessions, err := h.store.Sessions(h.ctx, all, 0)
	require.NoError(h, err)
	return sessions
}

// session reads one session back.
func (h *harness) session(id string) pool.Session {
	h.Helper()
	for _, s := range h.sessions(true) {
		if s.ID == id {
			return s
		}
	}
	require.FailNow(h, "no session "+id)
	return pool.Session{}
}

func (h *harness) candidate(name string) pool.Candidate {
	h.Helper()
	candidates, err := h.store.Candidates(h.ctx, h.now)
	require.NoError(h, err)
	for _, c := range candidates {
		if c.Subscription.Name == name {
			return c
		}
	}
	require.FailNow(h, "no candidate "+name)
	return pool.Candidate{}
}

func names(subscriptions []pool.Subscription) []string {
	var names []string
	for _, s := range subscriptions {
		names = append(names, s.Name)
	}
	return names
}
