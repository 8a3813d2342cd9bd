package pooltest

import (
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var deliveryTests = suite{
	"EachChannelIsShownAnEventOnce":   deliveryOnce,
	"ANewChannelIsShownWhatIsNew":     deliveryOfANewChannel,
	"OnlyWhatIsWantedIsDelivered":     deliveryOfWhatIsWanted,
	"ASubscriptionsEventsKeepOrder":   deliveryKeepsOrder,
	"TheEarliestIsFirst":              deliveryEarliestFirst,
	"ATryIsNoted":                     deliveryTryIsNoted,
	"AHeldOneIsNotCounted":            deliveryHeld,
	"WhatIsNotWaitingIsLeft":          deliveryNotWaiting,
	"AClockSetBackHoldsNothingUp":     deliveryClockSetBack,
	"TheQueryNarrows":                 deliveryQuery,
	"BacklogsCountWhatIsOpen":         deliveryBacklogs,
	"RetryGivesAllTriesBack":          deliveryRetry,
	"DropGivesUpWhatIsOpen":           deliveryDrop,
	"RetryAndDropTouchWhatIsAskedFor": deliveryRetrySome,
}

func eachEvent(pool.Event) bool { return true }

// tell records an event of a subscription, the zero one for the whole pool, and returns its id.
func (h *harness) tell(sub pool.Subscription) string {
	h.Helper()
	h.pass(time.Second)
	h.entries++
	event := pool.StoreTroubleEvent(fmt.Sprintf("trouble %d", h.entries), h.now)
	if sub.ID != 0 {
		event = pool.LoginExpiringEvent(sub, h.now.Add(time.Duration(h.entries)*time.Hour), h.now)
	}
	require.NoError(h, h.store.RecordEvents(h.ctx, event))
	return event.ID
}

// dispatch shows the events to a channel, and returns what is due there then.
func (h *harness) dispatch(channel string) []pool.Delivery {
	h.Helper()
	require.NoError(h, h.store.Dispatch(h.ctx, channel, start, eachEvent))
	return h.due(channel)
}

func (h *harness) due(channel string) []pool.Delivery {
	h.Helper()
	due, err := h.store.NextDeliveries(h.ctx, channel, h.now, 0)
	require.NoError(h, err)
	return due
}

func (h *harness) note(d pool.Delivery, try pool.Try) {
	h.Helper()
	require.NoError(h, h.store.NoteTry(h.ctx, d.Channel, d.Event.Number, try))
}

func (h *harness) deliveries(q pool.DeliveryQuery) []pool.Delivery {
	h.Helper()
	found, err := h.store.Deliveries(h.ctx, q)
	require.NoError(h, err)
	return found
}

// states are the deliveries of a query in words.
func (h *harness) states(q pool.DeliveryQuery) (words []string) {
	h.Helper()
	for _, d := range h.deliveries(q) {
		words = append(words, fmt.Sprintf("%s %s %s", d.Channel, d.Event.ID, d.State))
	}
	return words
}

func eventIDs(deliveries []pool.Delivery) (ids []string) {
	for _, d := range deliveries {
		ids = append(ids, d.Event.ID)
	}
	return ids
}

// arrive notes that all that is due on a channel has arrived, and returns the events in that order.
func (h *harness) arrive(channel string) (ids []string) {
	h.Helper()
	for due := h.due(channel); len(due) > 0; due = h.due(channel) {
		for _, d := range due {
			ids = append(ids, d.Event.ID)
			h.note(d, pool.Try{At: h.now, State: pool.DeliveryDelivered})
		}
	}
	return ids
}

func deliveryOnce(h *harness) {
	sub := h.add("a")
	one, two := h.tell(sub), h.tell(pool.Subscription{})
	for _, channel := range []string{"c", "d"} {
		require.Equal(h, []string{one, two}, eventIDs(h.dispatch(channel)))
		require.Equal(h, []string{one, two}, eventIDs(h.dispatch(channel)))
	}
	require.Equal(h, []string{one, two}, h.arrive("c"))
	require.Empty(h, h.dispatch("c"))
	require.Len(h, h.due("d"), 2, "one channel's is not the other's")
	three := h.tell(sub)
	require.Equal(h, []string{three}, eventIDs(h.dispatch("c")))
	got := h.dispatch("c")[0]
	require.Equal(h, pool.Delivery{Channel: "c", Event: got.Event, State: pool.DeliveryWaits}, got)
	require.Equal(h, pool.EventLoginExpiring, got.Event.Kind)
	require.Equal(h, sub.ID, got.Event.SubscriptionID)
	require.Equal(h, "a", got.Event.Subscription)
	require.Equal(h, h.now, got.Event.At)
	require.NotEmpty(h, got.Event.Cause)
	require.NotZero(h, got.Event.Number)
}

func deliveryOfANewChannel(h *harness) {
	h.tell(pool.Subscription{})
	since := h.now.Add(time.Second)
	second := h.tell(pool.Subscription{})
	require.Equal(h, since, h.now)
	require.NoError(h, h.store.Dispatch(h.ctx, "c", since, eachEvent))
	require.Equal(h, []string{second}, eventIDs(h.due("c")))
	require.NoError(h, h.store.Dispatch(h.ctx, "c", start, eachEvent))
	require.Len(h, h.due("c"), 1, "it is known by now")

	require.NoError(h, h.store.Dispatch(h.ctx, "none", h.now.Add(time.Hour), eachEvent))
	third := h.tell(pool.Subscription{})
	require.NoError(h, h.store.Dispatch(h.ctx, "none", h.now.Add(time.Hour), eachEvent))
	require.Equal(h, []string{third}, eventIDs(h.due("none")))
}

func deliveryOfWhatIsWanted(h *harness) {
	sub := h.add("a", func(s *pool.Subscription) { s.Tags = []string{"ci"} })
	wanted := h.tell(sub)
	h.tell(pool.Subscription{})
	wants := func(e pool.Event) bool { return len(e.Tags) == 1 && e.Tags[0] == "ci" }
	require.NoError(h, h.store.Dispatch(h.ctx, "c", start, wants))
	require.Equal(h, []string{wanted}, eventIDs(h.deliveries(pool.DeliveryQuery{})))
	require.NoError(h, h.store.Dispatch(h.ctx, "c", start, eachEvent))
	require.Len(h, h.deliveries(pool.DeliveryQuery{}), 1, "what was not wanted then is not shown again")
}

func deliveryKeepsOrder(h *harness) {
	a, b := h.add("a"), h.add("b")
	a1, b1, a2, b2 := h.tell(a), h.tell(b), h.tell(a), h.tell(b)
	due := h.dispatch("c")
	require.Equal(h, []string{a1, b1}, eventIDs(due))
	h.note(due[0], pool.Try{At: h.now, State: pool.DeliveryWaits, NextAt: h.now.Add(time.Minute), Trouble: "down"})
	require.Equal(h, []string{b1, b2}, h.arrive("c"), "a2 waits behind a1")
	h.pass(time.Minute)
	require.Equal(h, []string{a1, a2}, h.arrive("c"))
}

func deliveryEarliestFirst(h *harness) {
	var want []string
	for _, name := range []string{"c", "b", "a"} {
		want = append(want, h.tell(h.add(name)))
	}
	want = append(want, h.tell(pool.Subscription{}))
	require.Equal(h, want, eventIDs(h.dispatch("x")))
	first, err := h.store.NextDeliveries(h.ctx, "x", h.now, 2)
	require.NoError(h, err)
	require.Equal(h, want[:2], eventIDs(first))
}

func deliveryTryIsNoted(h *harness) {
	h.tell(pool.Subscription{})
	d := h.dispatch("c")[0]
	next := h.now.Add(90*time.Second + 1500*time.Microsecond)
	h.note(d, pool.Try{At: h.now, State: pool.DeliveryWaits, NextAt: next, Trouble: "down"})
	d.Tries, d.TriedAt, d.NextAt, d.Trouble = 1, h.now, pool.Moment(next), "down"
	require.Empty(h, h.due("c"))
	require.Equal(h, []pool.Delivery{d}, h.deliveries(pool.DeliveryQuery{}))
	h.now = d.NextAt
	require.Equal(h, []pool.Delivery{d}, h.due("c"))
	h.note(d, pool.Try{At: h.now, State: pool.DeliveryDelivered})
	d.Tries, d.TriedAt, d.NextAt, d.Trouble, d.State = 2, h.now, time.Time{}, "", pool.DeliveryDelivered
	require.Equal(h, []pool.Delivery{d}, h.deliveries(pool.DeliveryQuery{}))
}

func deliveryHeld(h *harness) {
	h.tell(pool.Subscription{})
	d := h.dispatch("c")[0]
	h.note(d, pool.Try{At: h.now, State: pool.DeliveryWaits, NextAt: h.now, Trouble: "down"})
	d.Tries, d.TriedAt, d.Trouble = 1, h.now, "down"
	h.pass(time.Second)
	d.NextAt = h.now.Add(time.Hour)
	h.note(d, pool.Try{At: h.now, State: pool.DeliveryWaits, NextAt: d.NextAt, Uncounted: true})
	require.Equal(h, []pool.Delivery{d}, h.deliveries(pool.DeliveryQuery{}))
}

func deliveryNotWaiting(h *harness) {
	h.tell(pool.Subscription{})
	d := h.dispatch("c")[0]
	_, err := h.store.Drop(h.ctx, pool.DeliveryQuery{})
	require.NoError(h, err)
	h.note(d, pool.Try{At: h.now, State: pool.DeliveryDelivered})
	h.note(d, pool.Try{At: h.now, State: pool.DeliveryWaits, Uncounted: true})
	h.note(pool.Delivery{Channel: "nobody"}, pool.Try{At: h.now, State: pool.DeliveryDelivered})
	d.State = pool.DeliveryDropped
	require.Equal(h, []pool.Delivery{d}, h.deliveries(pool.DeliveryQuery{}))
}

func deliveryClockSetBack(h *harness) {
	h.tell(pool.Subscription{})
	d := h.dispatch("c")[0]
	h.note(d, pool.Try{At: h.now, State: pool.DeliveryWaits, NextAt: h.now.Add(pool.FurthestTry)})
	require.Empty(h, h.due("c"))
	h.pass(-7 * 24 * time.Hour)
	require.Len(h, h.due("c"), 1)
}
