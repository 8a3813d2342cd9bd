package pooltest

import (
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var eventTests = suite{
	"AreRecordedOnce":        eventsAreRecordedOnce,
	"AreTheLatestFirst":      eventsAreTheLatestFirst,
	"OfALimit":               eventsOfALimit,
	"OfALimitInATranscript":  eventsOfALimitInATranscript,
	"OfALimitOutside":        eventsOfALimitOutside,
	"OfPaidUse":              eventsOfPaidUse,
	"OfAThreshold":           eventsOfAThreshold,
	"OfABudget":              eventsOfABudget,
	"OfABudgetAWeekLater":    eventsOfABudgetAWeekLater,
	"OfAChangedBudget":       eventsOfAChangedBudget,
	"OfALogin":               eventsOfALogin,
	"OfAFailover":            eventsOfAFailover,
	"OfTheReclaimed":         eventsOfTheReclaimed,
	"OfARestoredSession":     eventsOfARestoredSession,
	"OfARemovedSubscription": eventsOfARemovedSubscription,
	"KeepTheNameOfThen":      eventsKeepTheNameOfThen,
}

// texts are those of the events of a kind, the latest first.
func (h *harness) texts(kind pool.EventKind) (texts []string) {
	h.Helper()
	for _, e := range h.eventsOf(kind) {
		texts = append(texts, e.Text)
	}
	return texts
}

// full is a window that is full now, until in an hour.
func (h *harness) full() pool.Observation {
	return pool.Observation{At: h.now, Windows: []pool.Window{limit(h, pool.FiveHour, h.now.Add(time.Hour))}}
}

// used is a window of which so much is used.
func (h *harness) used(share float64, resets time.Time) pool.Observation {
	return pool.Observation{At: h.now, Windows: []pool.Window{{
		Kind: pool.SevenDay, Status: pool.StatusAllowed, Utilization: &share, ResetsAt: resets, ObservedAt: h.now, Source: pool.FromStream,
	}}}
}

// cost books so many nanodollars now.
func (h *harness) cost(session string, cost int64) {
	h.Helper()
	h.observe(session, pool.Observation{At: h.now, Entries: []pool.Entry{{
		ID: pool.NewSessionID(), At: h.now, Model: "m", Cost: pool.NanoUSD(cost), CostSource: pool.CostFromCLI,
	}}})
}

func budget(nano pool.NanoUSD) func(*pool.Subscription) {
	return func(s *pool.Subscription) { s.WeeklyBudget, s.Tags = nano, []string{"ci"} }
}

func eventsAreRecordedOnce(h *harness) {
	first := pool.StoreTroubleEvent("it was full", h.now)
	require.NoError(h, h.store.RecordEvents(h.ctx, first, pool.StoreTroubleEvent("it was full", h.now)))
	require.NoError(h, h.store.RecordEvents(h.ctx))
	events := h.eventsOf(pool.EventStoreTrouble)
	require.Len(h, events, 1)
	first.Number = events[0].Number
	require.Equal(h, first, events[0])
}

func eventsAreTheLatestFirst(h *harness) {
	for _, reason := range []string{"1", "2", "3"} {
		require.NoError(h, h.store.RecordEvents(h.ctx, pool.StoreTroubleEvent(reason, h.now)))
	}
	events, err := h.store.Events(h.ctx, pool.EventQuery{Limit: 2})
	require.NoError(h, err)
	require.Len(h, events, 2)
	require.Equal(h, []string{"3", "2"}, []string{events[0].Reason, events[1].Reason})
	require.Greater(h, events[0].Number, events[1].Number)
}

func eventsOfALimit(h *harness) {
	h.add("a", budget(0))
	s := h.acquireOn("a")
	o := h.full()
	h.observe(s.ID, o)
	h.pass(time.Minute)
	o.At, o.Windows[0].ObservedAt = h.now, h.now
	h.observe(s.ID, o)
	events := h.eventsOf(pool.EventLimit)
	require.Len(h, events, 1, "once in a stretch of the window")
	e := events[0]
	require.Equal(h, []any{"a", []string{"ci"}, pool.LevelWarning, start, pool.FiveHour, start.Add(time.Hour)},
		[]any{e.Subscription, e.Tags, e.Level, e.At, e.Window, e.ResetsAt})
	h.pass(2 * time.Hour)
	h.observe(s.ID, h.full())
	require.Len(h, h.eventsOf(pool.EventLimit), 2, "this is another one")
	require.Empty(h, h.eventsOf(pool.EventThreshold), "a window that is full says more")
}

func eventsOfALimitInATranscript(h *harness) {
	h.add("a")
	f := h.file("/1")
	f.owner = "a"
	old := h.limitSignal("c")
	h.pass(2 * time.Hour)
	f.signal(old)
	require.Empty(h, h.eventsOf(pool.EventLimit), "it is long over")
	f.signal(h.limitSignal("c"))
	require.Len(h, h.eventsOf(pool.EventLimit), 1)
}

func eventsOfALimitOutside(h *harness) {
	h.add("a")
	require.NoError(h, h.store.ObserveWindows(h.ctx, "a", h.full().Windows))
	require.Len(h, h.eventsOf(pool.EventLimit), 1)
}

func eventsOfPaidUse(h *harness) {
	h.add("a")
	h.add("b", func(s *pool.Subscription) { s.AllowOverage = true })
	for _, name := range []string{"a", "b"} {
		o := h.full()
		o.Windows = append(o.Windows, pool.Window{Kind: pool.Overage, Status: pool.StatusAllowed, ObservedAt: h.now, Source: pool.FromStream})
		h.observe(h.acquireOn(name).ID, o)
	}
	require.Len(h, h.eventsOf(pool.EventOverage), 2, "the window and paid use come together")
	limits := h.eventsOf(pool.EventLimit)
	require.Len(h, limits, 1)
	require.Equal(h, "a", limits[0].Subscription, "b may go on")
}

func eventsOfAThreshold(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	resets := h.now.Add(24 * time.Hour)
	for _, step := range []struct {
		share float64
		told  int
	}{{0.79, 0}, {0.80, 1}, {0.94, 1}, {0.81, 1}, {0.99, 2}, {0.85, 2}} {
		h.pass(time.Second)
		h.observe(s.ID, h.used(step.share, resets))
		require.Len(h, h.eventsOf(pool.EventThreshold), step.told, "%v", step.share)
	}
	latest := h.eventsOf(pool.EventThreshold)[0]
	require.InDelta(h, 0.95, latest.Threshold, 0)
	require.InDelta(h, 0.99, *latest.Used, 0)
	h.pass(25 * time.Hour)
	h.observe(s.ID, h.used(0.97, h.now.Add(24*time.Hour)))
	require.Len(h, h.eventsOf(pool.EventThreshold), 3, "the highest only, in a stretch of its own")
}

func eventsOfABudget(h *harness) {
	h.add("a", budget(1000))
	h.add("b")
	s := h.acquireOn("a")
	h.cost(h.acquireOn("b").ID, 1e9)
	h.cost(s.ID, 790)
	require.Empty(h, h.eventsOf(pool.EventThreshold))
	h.cost(s.ID, 10)
	h.cost(s.ID, 10)
	events := h.eventsOf(pool.EventThreshold)
	require.Len(h, events, 1)
	require.Equal(h, []any{"a", []string{"ci"}, pool.Budget, 0.80, 0.80},
		[]any{events[0].Subscription, events[0].Tags, events[0].Window, events[0].Threshold, *events[0].Used})
	f := h.file("/1")
	f.owner = "a"
	f.book([]pool.Message{h.message("c", "m", 500)}) // of 1000 nanodollars
	require.Len(h, h.eventsOf(pool.EventThreshold), 2, "use outside counts too")
}

func eventsOfABudgetAWeekLater(h *harness) {
	h.add("a", budget(1000))
	s := h.acquireOn("a")
	h.cost(s.ID, 850)
	h.pass(8 * 24 * time.Hour)
	h.cost(s.ID, 850)
	require.Len(h, h.eventsOf(pool.EventThreshold), 2, "what was told was of another week, though nothing was booked between")
}

func eventsOfAChangedBudget(h *harness) {
	h.add("a", budget(1000))
	s := h.acquireOn("a")
	h.cost(s.ID, 1000)
	_, err := h.store.UpdateSubscription(h.ctx, "a", func(s *pool.Subscription) error { s.WeeklyBudget = 500; return nil })
	require.NoError(h, err)
	h.cost(s.ID, 1)
	require.Len(h, h.eventsOf(pool.EventThreshold), 2)
}

func eventsOfALogin(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	tell := func(o pool.Outcome) {
		h.pass(time.Second)
		h.observe(s.ID, pool.Observation{At: h.now, Outcome: o})
	}
	tell(pool.OutcomeSignedOut)
	tell(pool.OutcomeSignedOut)
	require.Equal(h, []string{"a is signed out"}, h.texts(pool.EventSignedOut))
	tell(pool.OutcomeAnswered)
	tell(pool.OutcomeRefused)
	require.Equal(h, []string{"the API refuses the login of a", "a is signed out"}, h.texts(pool.EventSignedOut))
}

func eventsOfAFailover(h *harness) {
	h.add("a")
	h.add("b")
	s := h.acquireOn("a")
	o := h.full()
	o.Met = pool.FiveHour
	h.observe(s.ID, o)
	next := h.acquire(pool.Request{Follows: s.ID, Conversation: "c", CWD: "/src"})
	events := h.eventsOf(pool.EventFailover)
	require.Len(h, events, 1)
	require.Equal(h, pool.EventDetails{
		Window: pool.FiveHour, Session: next.ID, Conversation: "c", Project: "/src", From: "a", To: "b",
	}, events[0].EventDetails)
	h.pass(2 * time.Hour)
	h.acquire(pool.Request{Follows: s.ID, Names: []string{"a"}})
	h.acquire(pool.Request{Follows: "nobody"})
	require.Len(h, h.eventsOf(pool.EventFailover), 1, "one that waited for its own went nowhere")
}

func eventsOfTheReclaimed(h *harness) {
	h.add("a", budget(0))
	s := h.acquire(pool.Request{Names: []string{"a"}, Process: pool.Process{PID: 1}})
	unattributed := pool.Session{ID: "u", StartedAt: h.now, HeartbeatAt: h.now, Process: pool.Process{PID: 1}}
	require.NoError(h, h.store.Restore(h.ctx, unattributed, nil))
	other := h.acquire(pool.Request{Names: []string{"a"}, Process: pool.Process{PID: 2}})
	h.dead[1] = true
	_, err := h.store.Reclaim(h.ctx, h.probe, h.now)
	require.NoError(h, err)
	h.dead[2] = true
	h.acquireOn("a")
	events := h.eventsOf(pool.EventReclaimed)
	require.Len(h, events, 3)
	require.Equal(h, other.ID, events[0].Session)
	require.Equal(h, []string{"ci"}, events[0].Tags)
	require.Equal(h, []any{"u", "", []string{}}, []any{events[1].Session, events[1].Subscription, events[1].Tags})
	require.Equal(h, []any{s.ID, "a"}, []any{events[2].Session, events[2].Subscription})
}

func eventsOfARestoredSession(h *harness) {
	h.add("a", budget(1000))
	s := pool.Session{ID: "s", Subscription: "a", StartedAt: h.now, HeartbeatAt: h.now, EndedAt: h.now, End: pool.End{Reason: pool.EndedByExit}}
	o := h.full()
	o.Outcome = pool.OutcomeSignedOut
	o.Entries = []pool.Entry{{ID: "e", At: h.now, Model: "m", Cost: 900, CostSource: pool.CostFromCLI}}
	for range 2 {
		require.NoError(h, h.store.Restore(h.ctx, s, []pool.Observation{o}))
	}
	for _, kind := range []pool.EventKind{pool.EventLimit, pool.EventSignedOut, pool.EventThreshold} {
		require.Len(h, h.eventsOf(kind), 1, kind)
	}
	require.Empty(h, h.eventsOf(pool.EventReclaimed), "it ended by itself")
}

func eventsOfARemovedSubscription(h *harness) {
	h.add("a", budget(100))
	s := h.acquireOn("a")
	h.release(s.ID)
	require.NoError(h, h.store.RemoveSubscription(h.ctx, "a", h.now))
	o := h.full()
	o.Outcome = pool.OutcomeSignedOut
	h.observe(s.ID, o)
	h.cost(s.ID, 100)
	events, err := h.store.Events(h.ctx, pool.EventQuery{})
	require.NoError(h, err)
	require.Empty(h, events, "nobody wants to hear of it")
}

func eventsKeepTheNameOfThen(h *harness) {
	h.add("a")
	s := h.acquireOn("a")
	h.observe(s.ID, h.full())
	h.release(s.ID)
	_, err := h.store.UpdateSubscription(h.ctx, "a", func(s *pool.Subscription) error { s.Name = "b"; return nil })
	require.NoError(h, err)
	require.Equal(h, "a", h.eventsOf(pool.EventLimit)[0].Subscription)
}
