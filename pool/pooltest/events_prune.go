package pooltest

import (
	"strconv"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var eventPruneTests = suite{
	"ByAge":               eventsPrunedByAge,
	"ByNumber":            eventsPrunedByNumber,
	"UnlessTheyWait":      eventsPrunedUnlessTheyWait,
	"NumbersHaveNoGaps":   eventNumbersHaveNoGaps,
	"ManyInBatches":       eventsPrunedInBatches,
	"NothingWithoutLimit": eventsPrunedByNoLimit,
}

// troubles records so many events, an hour apart, the latest an hour ago.
func (h *harness) troubles(n int) {
	h.Helper()
	for i := range n {
		require.NoError(h, h.store.RecordEvents(h.ctx, pool.StoreTroubleEvent(strconv.Itoa(i), h.now)))
		h.pass(time.Hour)
	}
}

// pruneEvents forgets events, and returns how many, and the reasons of those that are left, the latest first.
func (h *harness) pruneEvents(limits pool.EventLimits) (gone int64, left []string) {
	h.Helper()
	gone, err := h.store.PruneEvents(h.ctx, limits)
	require.NoError(h, err)
	for _, e := range h.eventsOf(pool.EventStoreTrouble) {
		left = append(left, e.Reason)
	}
	return gone, left
}

func eventsPrunedByAge(h *harness) {
	h.troubles(4)
	gone, left := h.pruneEvents(pool.EventLimits{Before: start.Add(2 * time.Hour)})
	require.Equal(h, int64(2), gone)
	require.Equal(h, []string{"3", "2"}, left)
}

func eventsPrunedByNumber(h *harness) {
	h.troubles(4)
	gone, left := h.pruneEvents(pool.EventLimits{Most: 3})
	require.Equal(h, int64(1), gone)
	require.Equal(h, []string{"3", "2", "1"}, left)
	gone, _ = h.pruneEvents(pool.EventLimits{Most: 3})
	require.Zero(h, gone)
}

func eventsPrunedUnlessTheyWait(h *harness) {
	h.troubles(4)
	require.NoError(h, h.store.Dispatch(h.ctx, "c", start, func(e pool.Event) bool { return e.Reason != "1" }))
	first, err := h.store.NextDeliveries(h.ctx, "c", h.now, 1)
	require.NoError(h, err)
	require.NoError(h, h.store.NoteTry(h.ctx, "c", first[0].Event.Number, pool.Try{At: h.now, State: pool.DeliveryDelivered}))
	gone, left := h.pruneEvents(pool.EventLimits{Before: h.now, WaitingBefore: start.Add(time.Hour)})
	require.Equal(h, int64(2), gone, "one has arrived, and one nobody wanted")
	require.Equal(h, []string{"3", "2"}, left)
	gone, left = h.pruneEvents(pool.EventLimits{Before: h.now, WaitingBefore: start.Add(3 * time.Hour)})
	require.Equal(h, int64(1), gone, "it has waited for too long")
	require.Equal(h, []string{"3"}, left)
	deliveries, err := h.store.Deliveries(h.ctx, pool.DeliveryQuery{})
	require.NoError(h, err)
	require.Len(h, deliveries, 1)
}

func eventNumbersHaveNoGaps(h *harness) {
	for range 3 {
		require.NoError(h, h.store.RecordEvents(h.ctx, pool.StoreTroubleEvent("same", h.now)))
	}
	h.troubles(1)
	events := h.eventsOf(pool.EventStoreTrouble)
	require.Equal(h, events[1].Number+1, events[0].Number, "what is caused again takes no number: they count how many there are")
}

func eventsPrunedInBatches(h *harness) {
	var events []pool.Event
	for i := range 1200 {
		events = append(events, pool.StoreTroubleEvent(strconv.Itoa(i), h.now))
	}
	require.NoError(h, h.store.RecordEvents(h.ctx, events...))
	gone, left := h.pruneEvents(pool.EventLimits{Most: 1})
	require.Equal(h, int64(1199), gone)
	require.Equal(h, []string{"1199"}, left)
}

func eventsPrunedByNoLimit(h *harness) {
	h.troubles(2)
	gone, _ := h.pruneEvents(pool.EventLimits{WaitingBefore: h.now})
	require.Zero(h, gone)
}
