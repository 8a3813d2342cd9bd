package pooltest

import (
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var queueTests = suite{
	"FirstComeFirstServed":       queueFirstComeFirstServed,
	"ATicketIsUsedUp":            queueATicketIsUsedUp,
	"WhoLeavesHoldsNobodyUp":     queueWhoLeavesHoldsNobodyUp,
	"TheDeadHoldNobodyUp":        queueTheDeadHoldNobodyUp,
	"ReclaimDropsTheDead":        queueReclaimDropsTheDead,
	"UnseenLiveByAsking":         queueUnseenLiveByAsking,
	"WhoIsStoppedIsPassedOver":   queueWhoIsStoppedIsPassedOver,
	"OnlyWhatTheyWantIsHeld":     queueOnlyWhatTheyWantIsHeld,
	"WhatIsUnfitThereIsNotHeld":  queueWhatIsUnfitThereIsNotHeld,
	"WhatTheyHaveTriedIsNotHeld": queueWhatTheyHaveTriedIsNotHeld,
}

// waits gives a request of that process a place in the queue, and returns it with its ticket.
func (h *harness) waits(req pool.Request, process int) pool.Request {
	h.Helper()
	req.Process.PID = process
	ticket, err := h.store.Enqueue(h.ctx, req, h.now)
	require.NoError(h, err)
	req.Ticket = ticket
	return req
}

func (h *harness) leave(req pool.Request) {
	h.Helper()
	require.NoError(h, h.store.Leave(h.ctx, req.Ticket))
}

// ahead is how many the pool says wait before the request.
func (h *harness) ahead(req pool.Request) int {
	h.Helper()
	exhausted, _ := h.exhausted(req)
	return exhausted.Ahead
}

func queueFirstComeFirstServed(h *harness) {
	h.add("a", atMost(1))
	running := h.acquire(pool.Request{})
	first, second := h.waits(pool.Request{}, 1), h.waits(pool.Request{}, 2)
	require.Less(h, first.Ticket, second.Ticket)
	h.release(running.ID)
	require.Equal(h, 1, h.ahead(second))
	require.Equal(h, 2, h.ahead(pool.Request{}), "who does not wait is behind all")
	got := h.acquire(first)
	require.Zero(h, h.ahead(second), "a session has been given for the first ticket")
	h.release(got.ID)
	h.acquire(second)
}

func queueATicketIsUsedUp(h *harness) {
	h.add("a", atMost(1))
	first := h.waits(pool.Request{}, 1)
	h.release(h.acquire(first).ID)
	h.acquire(pool.Request{})
	require.NotEqual(h, first.Ticket, h.waits(pool.Request{}, 1).Ticket)
}

func queueWhoLeavesHoldsNobodyUp(h *harness) {
	h.add("a", atMost(1))
	first := h.waits(pool.Request{}, 1)
	h.exhausted(pool.Request{})
	h.leave(first)
	h.leave(first) // once more is no error
	h.acquire(pool.Request{})
}

func queueTheDeadHoldNobodyUp(h *harness) {
	h.add("a", atMost(1))
	h.waits(pool.Request{}, 1)
	second := h.waits(pool.Request{}, 2)
	h.exhausted(second)
	h.dead[1] = true
	h.acquire(second)
}

func queueReclaimDropsTheDead(h *harness) {
	h.add("a", atMost(1))
	h.waits(pool.Request{}, 1)
	h.dead[1] = true
	require.Empty(h, h.reclaim(), "it was no session")
	delete(h.dead, 1)
	h.acquire(pool.Request{})
}

// queueUnseenLiveByAsking: who waits on another host lives as long as it asks.
func queueUnseenLiveByAsking(h *harness) {
	h.add("a", atMost(1))
	running := h.acquire(pool.Request{})
	first := h.waits(pool.Request{}, 1)
	h.unseen[1] = true
	for range 3 {
		h.pass(pool.HeartbeatTimeout - time.Second)
		h.exhausted(first)
	}
	h.pass(pool.HeartbeatTimeout)
	h.release(running.ID)
	require.Equal(h, 1, h.ahead(pool.Request{}))
	h.pass(time.Millisecond)
	h.acquire(pool.Request{})
}

// queueWhoIsStoppedIsPassedOver: its process lives and never asks. Its place stays.
func queueWhoIsStoppedIsPassedOver(h *harness) {
	h.add("a", atMost(1))
	first := h.waits(pool.Request{}, 1)
	h.pass(pool.HeartbeatTimeout)
	h.exhausted(pool.Request{})
	h.pass(time.Millisecond)
	running := h.acquire(pool.Request{})
	h.exhausted(first)
	h.release(running.ID)
	require.Equal(h, 1, h.ahead(pool.Request{}), "it goes on, and is the first again")
	h.acquire(first)
}

func queueOnlyWhatTheyWantIsHeld(h *harness) {
	h.add("a", atMost(1))
	h.add("b", atMost(1))
	h.waits(pool.Request{Names: []string{"a"}}, 1)
	require.Equal(h, "b", h.acquire(pool.Request{}).Subscription)
	h.exhausted(pool.Request{})
}

func queueWhatIsUnfitThereIsNotHeld(h *harness) {
	h.add("a", atMost(1))
	h.waits(pool.Request{Unfit: func(pool.Subscription) string { return "not there" }}, 1)
	h.acquire(pool.Request{})
}

func queueWhatTheyHaveTriedIsNotHeld(h *harness) {
	h.add("a", atMost(1))
	h.waits(pool.Request{Tried: []string{"a"}}, 1)
	h.acquire(pool.Request{})
}
