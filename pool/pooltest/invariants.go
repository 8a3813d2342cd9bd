package pooltest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// checkAll holds the store against what must be so after any operation whatsoever.
func (w *witness) checkAll(now time.Time, where string) {
	w.h.Helper()
	candidates, err := w.Store.Candidates(w.h.ctx, now)
	require.NoError(w.h, err, where)
	w.checkCounts(candidates, where)
	w.checkHealth(candidates, now, where)
	w.checkSums(where)
	w.checkConversations(candidates, now, where)
	w.checkDeliveries(w.checkEvents(where), where)
}

// checkCounts: how many are said to run is how many rows do.
func (w *witness) checkCounts(candidates []pool.Candidate, where string) {
	w.h.Helper()
	sessions, err := w.Store.Sessions(w.h.ctx, true, 0)
	require.NoError(w.h, err, where)
	rows := map[int64]int{}
	for _, s := range sessions {
		require.Equal(w.h, s.Running(), s.End.Reason == "", "a session has ended for a reason, or runs and has none: %s", where)
		require.Equal(w.h, s.SubscriptionID == 0, s.Subscription == "", where)
		if s.Running() {
			rows[s.SubscriptionID]++
		}
	}
	for _, c := range candidates {
		require.Equal(w.h, rows[c.Subscription.ID], c.Running, "sessions of %s: %s", c.Subscription.Name, where)
		delete(rows, c.Subscription.ID)
	}
	delete(rows, 0)
	require.Empty(w.h, rows, "sessions run on subscriptions that are not in the pool: %s", where)
}

func (w *witness) checkHealth(candidates []pool.Candidate, now time.Time, where string) {
	w.h.Helper()
	absurd := pool.Policy{Weights: pool.Weights{
		Start: math.Inf(1), Week: math.NaN(), FiveHour: math.Inf(-1), Session: -1e308, Burn: math.NaN(), BurnFree: math.Inf(1), WeekHalfLife: -1, FiveHourHalfLife: 1,
	}}
	for _, c := range candidates {
		for _, at := range []time.Time{now, now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0), {}} {
			for _, p := range []pool.Policy{pool.DefaultPolicy(), absurd} {
				h := p.Health(c, "opus", at)
				require.True(w.h, h.Score >= 0 && h.Score <= 100 && !math.IsNaN(h.Points) && !math.IsInf(h.Points, 0), "%+v: %s", h, where)
			}
		}
		for _, window := range c.Windows {
			share, known := window.Used(now)
			require.True(w.h, share >= 0 && share <= 1, "%v of %q used, which is known: %v: %s", share, window.Kind, known, where)
		}
	}
}

// checkSums: each dimension adds up to the same. A tag is no part of a whole: an entry may have several.
func (w *witness) checkSums(where string) {
	w.h.Helper()
	total, err := w.Store.Usage(w.h.ctx, pool.UsageQuery{})
	require.NoError(w.h, err, where)
	for _, by := range pool.Dimensions {
		if by == pool.ByTag {
			continue
		}
		rows, err := w.Store.Usage(w.h.ctx, pool.UsageQuery{By: []pool.Dimension{by}})
		require.NoError(w.h, err, where)
		var sum, whole pool.Usage
		for _, row := range rows {
			sum = sum.Plus(row.Usage)
		}
		for _, row := range total {
			whole = whole.Plus(row.Usage)
		}
		require.Equal(w.h, whole, sum, "by %s: %s", by, where)
	}
}

// checkConversations: each is at home with one subscription, which is in the pool, or with none.
func (w *witness) checkConversations(candidates []pool.Candidate, now time.Time, where string) {
	w.h.Helper()
	home := map[string]string{}
	for _, c := range candidates {
		found, err := w.Store.Conversations(w.h.ctx, pool.ConversationQuery{Subscription: c.Subscription.Name, Until: now.AddDate(9, 0, 0)})
		require.NoError(w.h, err, where)
		for _, conversation := range found {
			require.Empty(w.h, home[conversation.ID], "%q is at home twice: %s", conversation.ID, where)
			require.Equal(w.h, c.Subscription.Name, conversation.Subscription, where)
			home[conversation.ID] = conversation.Subscription
		}
	}
}

// checkEvents: each has a cause of its own, which has really happened.
func (w *witness) checkEvents(where string) []pool.Event {
	w.h.Helper()
	events, err := w.Store.Events(w.h.ctx, pool.EventQuery{})
	require.NoError(w.h, err, where)
	causes, ids := map[string]bool{}, map[string]bool{}
	for i, e := range events {
		require.True(w.h, i == 0 || e.Number < events[i-1].Number, where)
		require.False(w.h, causes[e.Cause] || ids[e.ID], "twice %s: %s", e.Cause, where)
		causes[e.Cause], ids[e.ID] = true, true
		require.True(w.h, strings.HasPrefix(e.Cause, string(e.Kind)+"/"), "%s: %s", e.Cause, where)
		require.Contains(w.h, pool.EventKinds, e.Kind, where)
		require.Contains(w.h, pool.Levels, e.Level, where)
		require.NotEmpty(w.h, e.Text, where)
		require.True(w.h, w.hasHappened(e), "%s has not happened: %s", e.Cause, where)
	}
	return events
}

// hasHappened tells whether what an event tells of was seen to happen.
func (w *witness) hasHappened(e pool.Event) bool {
	did := func(format string, args ...any) bool { return w.happened[fmt.Sprintf(format, args...)] }
	switch e.Kind {
	case pool.EventThreshold:
		return e.Window == pool.Budget || did("much of %q used", e.Window)
	case pool.EventLimit, pool.EventOverage:
		return did("%s of %q seen", pool.StatusRejected, e.Window)
	case pool.EventSignedOut:
		return did("login refused at %d", e.At.UnixMilli())
	case pool.EventExhausted, pool.EventRecovered:
		return did("turned away at %d", e.Since.UnixMilli())
	case pool.EventRebalanced:
		return did("%q moved from %s to %s at %d", e.Conversation, e.From, e.To, e.At.UnixMilli())
	case pool.EventReclaimed:
		s, err := w.Store.Session(w.h.ctx, e.Session)
		return err != nil || s.End.Reason == pool.EndedByReclaim // it may be pruned
	case pool.EventFailover:
		s, err := w.Store.Session(w.h.ctx, e.Session)
		return err != nil || did("%s went on for %s", s.ID, s.Follows)
	case pool.EventStoreTrouble:
		return did("recorded %s", e.Cause)
	}
	return false
}

// checkDeliveries: each is of an event that exists, once on a channel.
func (w *witness) checkDeliveries(events []pool.Event, where string) {
	w.h.Helper()
	deliveries, err := w.Store.Deliveries(w.h.ctx, pool.DeliveryQuery{})
	require.NoError(w.h, err, where)
	seen := map[string]bool{}
	for _, d := range deliveries {
		key := fmt.Sprint(d.Channel, "/", d.Event.Number)
		require.False(w.h, seen[key], "twice %s: %s", key, where)
		seen[key] = true
		require.True(w.h, slices.ContainsFunc(events, func(e pool.Event) bool { return e.Number == d.Event.Number && e.ID == d.Event.ID }),
			"a delivery of no event: %s", where)
		require.GreaterOrEqual(w.h, d.Tries, 0, where)
	}
}
