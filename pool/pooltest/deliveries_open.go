package pooltest

import (
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func deliveryQuery(h *harness) {
	one, two := h.tell(h.add("a")), h.tell(pool.Subscription{})
	c, d := h.dispatch("c"), h.dispatch("d")
	h.note(c[0], pool.Try{At: h.now, State: pool.DeliveryDelivered})
	h.note(d[1], pool.Try{At: h.now, State: pool.DeliveryDead, Trouble: "down"})
	for _, test := range []struct {
		q    pool.DeliveryQuery
		want []string
	}{
		{pool.DeliveryQuery{}, []string{"c " + two + " waiting", "d " + two + " dead", "c " + one + " delivered", "d " + one + " waiting"}},
		{pool.DeliveryQuery{Limit: 1}, []string{"c " + two + " waiting"}},
		{pool.DeliveryQuery{Channel: "d"}, []string{"d " + two + " dead", "d " + one + " waiting"}},
		{pool.DeliveryQuery{Event: one}, []string{"c " + one + " delivered", "d " + one + " waiting"}},
		{pool.DeliveryQuery{Event: one[:6], Channel: "c"}, []string{"c " + one + " delivered"}},
		{pool.DeliveryQuery{Event: "x"}, nil},
		{pool.DeliveryQuery{States: []pool.DeliveryState{pool.DeliveryWaits}}, []string{"c " + two + " waiting", "d " + one + " waiting"}},
		{pool.DeliveryQuery{States: []pool.DeliveryState{pool.DeliveryDead, pool.DeliveryWaits}, Limit: 2}, []string{"c " + two + " waiting", "d " + two + " dead"}},
		{pool.DeliveryQuery{States: []pool.DeliveryState{pool.DeliveryDelivered, pool.DeliveryDead}}, []string{"d " + two + " dead", "c " + one + " delivered"}},
		{pool.DeliveryQuery{States: []pool.DeliveryState{pool.DeliveryDropped}}, nil},
	} {
		require.Equal(h, test.want, h.states(test.q), "%+v", test.q)
	}
}

func deliveryBacklogs(h *harness) {
	backlogs := func() []pool.Backlog {
		list, err := h.store.Backlogs(h.ctx)
		require.NoError(h, err)
		return list
	}
	require.Empty(h, backlogs())
	h.tell(h.add("a"))
	oldest := h.now
	h.tell(pool.Subscription{})
	second := h.now
	c, d := h.dispatch("c"), h.dispatch("d")
	require.Equal(h, []pool.Backlog{{Channel: "c", Waiting: 2, Oldest: oldest}, {Channel: "d", Waiting: 2, Oldest: oldest}}, backlogs())
	h.note(c[0], pool.Try{At: h.now, State: pool.DeliveryDead, Trouble: "gone"})
	h.pass(time.Second)
	h.note(c[1], pool.Try{At: h.now, State: pool.DeliveryWaits, NextAt: h.now, Trouble: "slow"})
	h.note(d[0], pool.Try{At: h.now, State: pool.DeliveryDelivered})
	h.note(d[1], pool.Try{At: h.now, State: pool.DeliveryDelivered})
	require.Equal(h, []pool.Backlog{{Channel: "c", Waiting: 1, Dead: 1, Oldest: second, Trouble: "slow"}}, backlogs())
	h.pass(time.Second)
	h.note(c[1], pool.Try{At: h.now, State: pool.DeliveryDead, Trouble: "slower"})
	require.Equal(h, []pool.Backlog{{Channel: "c", Dead: 2, Trouble: "slower"}}, backlogs())
}

func deliveryRetry(h *harness) {
	one := h.tell(h.add("a"))
	h.tell(pool.Subscription{})
	due := h.dispatch("c")
	h.note(due[0], pool.Try{At: h.now, State: pool.DeliveryDead, Trouble: "down"})
	h.note(due[1], pool.Try{At: h.now, State: pool.DeliveryWaits, NextAt: h.now.Add(time.Hour), Trouble: "down"})
	h.pass(time.Second)
	n, err := h.store.Retry(h.ctx, pool.DeliveryQuery{}, h.now)
	require.NoError(h, err)
	require.EqualValues(h, 2, n)
	again := h.due("c")
	require.Len(h, again, 2)
	require.Equal(h, one, again[0].Event.ID)
	for _, d := range again {
		require.Zero(h, d.Tries)
		require.Equal(h, h.now, d.NextAt)
		require.Equal(h, "down", d.Trouble)
	}
	h.arrive("c")
	n, err = h.store.Retry(h.ctx, pool.DeliveryQuery{}, h.now)
	require.NoError(h, err)
	require.Zero(h, n, "what has arrived is not sent again")
}

func deliveryDrop(h *harness) {
	h.tell(h.add("a"))
	h.tell(pool.Subscription{})
	h.tell(h.add("b"))
	due := h.dispatch("c")
	h.note(due[0], pool.Try{At: h.now, State: pool.DeliveryDelivered})
	h.note(due[1], pool.Try{At: h.now, State: pool.DeliveryDead})
	n, err := h.store.Drop(h.ctx, pool.DeliveryQuery{})
	require.NoError(h, err)
	require.EqualValues(h, 2, n)
	require.Empty(h, h.due("c"))
	require.Len(h, h.states(pool.DeliveryQuery{States: []pool.DeliveryState{pool.DeliveryDropped}}), 2)
	n, err = h.store.Retry(h.ctx, pool.DeliveryQuery{}, h.now)
	require.NoError(h, err)
	require.Zero(h, n)
}

func deliveryRetrySome(h *harness) {
	one, two := h.tell(h.add("a")), h.tell(pool.Subscription{})
	for _, channel := range []string{"c", "d"} {
		for _, d := range h.dispatch(channel) {
			h.note(d, pool.Try{At: h.now, State: pool.DeliveryDead})
		}
	}
	n, err := h.store.Retry(h.ctx, pool.DeliveryQuery{Event: one, Channel: "c"}, h.now)
	require.NoError(h, err)
	require.EqualValues(h, 1, n)
	n, err = h.store.Drop(h.ctx, pool.DeliveryQuery{Event: two[:8], States: []pool.DeliveryState{pool.DeliveryDead}})
	require.NoError(h, err)
	require.EqualValues(h, 2, n)
	n, err = h.store.Drop(h.ctx, pool.DeliveryQuery{States: []pool.DeliveryState{pool.DeliveryDelivered}})
	require.NoError(h, err)
	require.Zero(h, n)
	require.Equal(h, []string{"c " + two + " dropped", "d " + two + " dropped", "c " + one + " waiting", "d " + one + " dead"}, h.states(pool.DeliveryQuery{}))
}
