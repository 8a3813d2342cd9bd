// Package pooltest is the conformance suite of pool.Store: every store must pass it.
package pooltest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// Run holds the stores that open returns, each a new and empty one that open closes at the end of the
// test, against the contract of every method.
func Run(t *testing.T, open func(t *testing.T) pool.Store) {
	for name, test := range map[string]func(*harness){
		"Smoke": smoke,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(&harness{T: t, ctx: t.Context(), store: open(t), now: start})
		})
	}
}

type harness struct {
	*testing.T
	ctx   context.Context
	store pool.Store
	now   time.Time
}

var start = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func smoke(h *harness) {
	_, err := h.store.AddSubscription(h.ctx, pool.Subscription{Name: "a", Enabled: true, CreatedAt: h.now, Tags: []string{"x", "b"}})
	require.NoError(h, err)
	probe := func(pool.Process) pool.Liveness { return pool.Alive }
	s, _, err := h.store.Acquire(h.ctx, pool.Request{CWD: "/x"}, pool.ByLoad, probe, h.now)
	require.NoError(h, err)
	u := 0.5
	require.NoError(h, h.store.Observe(h.ctx, s.ID, pool.Observation{Conversation: "c", Entries: []pool.Entry{{ID: "e", At: h.now, Model: "m", Messages: 1, Tokens: pool.Tokens{Input: 3}, Cost: 5, CostSource: pool.CostFromCLI}}, Windows: []pool.Window{{Kind: pool.FiveHour, Utilization: &u, ObservedAt: h.now}}}))
	rows, err := h.store.Usage(h.ctx, pool.UsageQuery{By: []pool.Dimension{pool.ByDay, pool.BySubscription, pool.ByModel, pool.ByProject}})
	require.NoError(h, err)
	h.Log(rows)
	rows, err = h.store.Usage(h.ctx, pool.UsageQuery{Since: h.now})
	require.NoError(h, err)
	h.Log(rows)
	c, err := h.store.Candidates(h.ctx, h.now)
	require.NoError(h, err)
	h.Logf("%+v", c)
	require.NoError(h, h.store.Release(h.ctx, s.ID, pool.End{Reason: pool.EndedByExit}, h.now))
	all, err := h.store.Sessions(h.ctx, true, 5)
	require.NoError(h, err)
	h.Logf("%+v", all)
	require.NoError(h, h.store.Restore(h.ctx, all[0], nil))
	_, err = h.store.Reclaim(h.ctx, probe, h.now)
	require.NoError(h, err)
}
