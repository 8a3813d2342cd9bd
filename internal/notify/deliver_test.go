package notify

import (
	"context"
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// delivererTo is a deliverer of the channels, each of which is a recorder of its name.
func delivererTo(store pool.Outbox, c *clock, recorders map[string]*recorder, channels ...Settings) Deliverer {
	return Deliverer{
		Store: store, Channels: channels, Now: c.read,
		open:   func(s Settings, _ Caller) Channel { return recorders[s.Name] },
		random: func() float64 { return 1 },
		wait:   func(_ context.Context, d time.Duration) { c.pass(d) },
	}
}

func named(name string) Settings {
	return Settings{Name: name, Kind: Webhook, Timeout: 5 * time.Second, Attempts: DefaultAttempts}
}

func run(t *testing.T, d Deliverer) []Report {
	t.Helper()
	reports, err := d.Run(t.Context())
	require.NoError(t, err)
	return reports
}

func idsOf(events []pool.Event) (ids []string) {
	for _, e := range events {
		ids = append(ids, e.ID)
	}
	return ids
}

func fails(context.Context, Message) error { return failed("it is down") }

func TestAllThatIsWantedIsDelivered(t *testing.T) {
	t.Parallel()
	store, events := told(t, 3)
	r, picky := &recorder{}, &recorder{}
	rules := named("picky")
	rules.Rules = Rules{Subscriptions: []string{"a"}}
	d := delivererTo(store, newClock(), map[string]*recorder{"r": r, "picky": picky}, named("r"), rules)
	require.Equal(t, []Report{{Channel: "r", Delivered: 9}, {Channel: "picky", Delivered: 3}}, run(t, d))
	require.ElementsMatch(t, idsOf(events), r.ids())
	requireOrder(t, events, r.ids())
	require.Equal(t, []string{events[1].ID, events[4].ID, events[7].ID}, picky.ids())
	require.Equal(t, []Report{{Channel: "r"}, {Channel: "picky"}}, run(t, d), "nothing is delivered twice")
	require.Len(t, r.ids(), 9)
}

// requireOrder holds that events of a subscription came, for the first time, in their order.
func requireOrder(t *testing.T, events []pool.Event, ids []string) {
	t.Helper()
	latest := map[int64]int{}
	for _, e := range events {
		at := slices.Index(ids, e.ID)
		if at < 0 {
			continue
		}
		require.GreaterOrEqual(t, at, latest[e.SubscriptionID], "%s came before one of before it", e.Text)
		latest[e.SubscriptionID] = at
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	e := pool.Event{Kind: pool.EventLimit, Level: pool.LevelWarning, Subscription: "work", Tags: []string{"ci", "team"}}
	whole := pool.Event{Kind: pool.EventExhausted, Level: pool.LevelError}
	for _, c := range []struct {
		rules       Rules
		one, theAll bool
	}{
		{Rules{}, true, true},
		{Rules{Events: []pool.EventKind{pool.EventLimit}}, true, false},
		{Rules{Events: []pool.EventKind{pool.EventOverage}}, false, false},
		{Rules{Subscriptions: []string{"other", "work"}}, true, false},
		{Rules{Subscriptions: []string{"other"}}, false, false},
		{Rules{Tags: []string{"team", "ci"}}, true, false},
		{Rules{Tags: []string{"team", "none"}}, false, false},
		{Rules{Level: pool.LevelInfo}, true, true},
		{Rules{Level: pool.LevelWarning}, true, true},
		{Rules{Level: pool.LevelError}, false, true},
	} {
		require.Equal(t, c.one, c.rules.Wants(e), c.rules)
		require.Equal(t, c.theAll, c.rules.Wants(whole), c.rules)
	}
}

func TestBackOff(t *testing.T) {
	t.Parallel()
	var least, most time.Duration
	for tries := 1; tries < DefaultAttempts; tries++ {
		least, most = least+backOff(tries, 0), most+backOff(tries, 1)
		require.LessOrEqual(t, backOff(tries, 0), backOff(tries, 1))
	}
	require.Equal(t, leastWait, backOff(1, 1))
	require.Equal(t, 3*leastWait, backOff(2, 1))
	require.Equal(t, mostWait, backOff(100, 1))
	require.Equal(t, mostWait/2, backOff(100, 0))
	require.Greater(t, least, 90*time.Minute, "a channel may be down for an hour")
	require.Less(t, most, 5*time.Hour)
}

func TestATryThatFailedIsTriedAgainAndThenDead(t *testing.T) {
	t.Parallel()
	store, events := told(t, 1)
	c, r := newClock(), &recorder{answer: fails}
	s := named("r")
	s.Attempts, s.Rules.Subscriptions = 3, []string{"a"}
	d := delivererTo(store, c, map[string]*recorder{"r": r}, s)
	for _, want := range []Report{
		{Channel: "r", Failed: 1, Trouble: "it is down"}, {Channel: "r", Failed: 1, Trouble: "it is down"}, {Channel: "r"}, {Channel: "r"},
	} {
		require.Equal(t, []Report{want}, run(t, d))
		c.pass(time.Second)
	}
	require.Equal(t, []Report{{Channel: "r", Dead: 1, Trouble: "it is down"}}, run(t, d))
	c.pass(24 * time.Hour)
	require.Equal(t, []Report{{Channel: "r"}}, run(t, d))
	require.Len(t, r.ids(), 3)
	backlogs, err := store.Backlogs(t.Context())
	require.NoError(t, err)
	require.Equal(t, []pool.Backlog{{Channel: "r", Dead: 1, Trouble: "it is down"}}, backlogs)

	_, err = store.Retry(t.Context(), pool.DeliveryQuery{}, c.read())
	require.NoError(t, err)
	r.answer = nil
	require.Equal(t, []Report{{Channel: "r", Delivered: 1}}, run(t, d))
	require.Equal(t, events[1].ID, r.ids()[3])
}

func TestAServerThatWantsUsToWaitIsWaitedFor(t *testing.T) {
	t.Parallel()
	store, _ := told(t, 1)
	c, r := newClock(), &recorder{answer: func(context.Context, Message) error { return &Failure{Why: "busy", After: 20 * time.Minute} }}
	s := named("r")
	s.Rules.Subscriptions = []string{"a"}
	d := delivererTo(store, c, map[string]*recorder{"r": r}, s)
	run(t, d)
	c.pass(20*time.Minute - time.Second)
	run(t, d)
	require.Len(t, r.ids(), 1)
	c.pass(time.Second)
	run(t, d)
	require.Len(t, r.ids(), 2)
}

func TestPatienceWaitsForWhatIsDueSoon(t *testing.T) {
	t.Parallel()
	store, events := told(t, 1)
	c, r := newClock(), &recorder{}
	r.answer = func(context.Context, Message) error {
		if len(r.ids()) < 3 {
			return failed("not yet")
		}
		return nil
	}
	s := named("r")
	s.Rules.Subscriptions = []string{"a"}
	d := delivererTo(store, c, map[string]*recorder{"r": r}, s)
	d.Patience = 10 * time.Second
	require.Equal(t, []Report{{Channel: "r", Delivered: 1, Failed: 2, Trouble: "not yet"}}, run(t, d))
	require.Equal(t, []string{events[1].ID, events[1].ID, events[1].ID}, r.ids())
	require.Equal(t, noon.Add(4*time.Second), c.read())
}

func TestQuietHoursHoldBack(t *testing.T) {
	t.Parallel()
	store, events := told(t, 2)
	c, r := newClock(), &recorder{}
	s := named("r")
	s.Rules.Quiet = &Quiet{11 * 60, 13 * 60}
	d := delivererTo(store, c, map[string]*recorder{"r": r}, s)
	require.Equal(t, []Report{{Channel: "r", Held: 3}}, run(t, d))
	c.pass(time.Hour - time.Second)
	require.Equal(t, []Report{{Channel: "r"}}, run(t, d))
	require.Empty(t, r.ids())
	c.pass(time.Second)
	require.Equal(t, []Report{{Channel: "r", Delivered: 6}}, run(t, d))
	requireOrder(t, events, r.ids())
	for _, delivery := range open(t, store) {
		require.Equal(t, 1, delivery.Tries, "being held back is no try")
	}
}

// open are all deliveries of a store.
func open(t *testing.T, store pool.Outbox) []pool.Delivery {
	t.Helper()
	all, err := store.Deliveries(t.Context(), pool.DeliveryQuery{})
	require.NoError(t, err)
	return all
}

func TestByHandAllThatWaitsIsTriedOnce(t *testing.T) {
	t.Parallel()
	store, events := told(t, 2)
	r := &recorder{answer: fails}
	s := named("r")
	s.Rules.Quiet = &Quiet{11 * 60, 13 * 60}
	d := delivererTo(store, newClock(), map[string]*recorder{"r": r}, s)
	run(t, d)
	d.ByHand = true
	require.Equal(t, []Report{{Channel: "r", Failed: 3, Trouble: "it is down"}}, run(t, d), "the first of each, the others wait behind")
	r.answer = nil
	require.Equal(t, []Report{{Channel: "r", Delivered: 6}}, run(t, d))
	requireOrder(t, events, r.ids())
}

func TestAnEventOfMeanwhileIsDeliveredToo(t *testing.T) {
	t.Parallel()
	store, _ := told(t, 1)
	r := &recorder{}
	late := event(pool.Subscription{}, 99)
	r.answer = func(ctx context.Context, _ Message) error { return store.RecordEvents(ctx, late) }
	run(t, delivererTo(store, newClock(), map[string]*recorder{"r": r}, named("r")))
	require.Contains(t, r.ids(), late.ID)
}

func TestAChannelThatHangsHoldsUpNoOther(t *testing.T) {
	t.Parallel()
	store, _ := told(t, 3)
	arrived := make(chan struct{})
	var n atomic.Int32
	good := &recorder{answer: func(context.Context, Message) error {
		if n.Add(1) == 9 {
			close(arrived)
		}
		return nil
	}}
	hangs := &recorder{answer: func(ctx context.Context, _ Message) error {
		select { // until the other has all of its events
		case <-arrived:
			return nil
		case <-ctx.Done():
			return failed("the other one did not get on")
		}
	}}
	d := delivererTo(store, newClock(), map[string]*recorder{"hangs": hangs, "good": good}, named("hangs"), named("good"))
	require.Equal(t, []Report{{Channel: "hangs", Delivered: 9}, {Channel: "good", Delivered: 9}}, run(t, d))
}

func TestWhoIsStoppedFinishesAndLosesNothing(t *testing.T) {
	t.Parallel()
	store, events := told(t, 2)
	ctx, cancel := context.WithCancel(t.Context())
	r := &recorder{answer: func(trying context.Context, _ Message) error {
		cancel()
		select { // the try itself goes on
		case <-trying.Done():
			return failed("it was cut off")
		case <-time.After(50 * time.Millisecond):
			return nil
		}
	}}
	d := delivererTo(store, newClock(), map[string]*recorder{"r": r}, named("r"))
	reports, err := d.Run(ctx)
	require.NoError(t, err)
	require.Equal(t, []Report{{Channel: "r", Delivered: 1}}, reports)
	r.answer = nil
	run(t, d)
	require.ElementsMatch(t, idsOf(events), r.ids(), "the others come next, and that one not again")

	reports, err = d.Run(ctx)
	require.NoError(t, err, "who was stopped before it began does nothing")
	require.Equal(t, []Report{{Channel: "r"}}, reports)
}

func TestATryThatDoesNotEndIsGivenBack(t *testing.T) {
	t.Parallel()
	store, events := told(t, 1)
	ctx, cancel := context.WithCancel(t.Context())
	r := &recorder{answer: func(trying context.Context, _ Message) error {
		cancel()
		<-trying.Done()
		return failed("cut off")
	}}
	s := named("r")
	s.Timeout = time.Hour
	d := delivererTo(store, newClock(), map[string]*recorder{"r": r}, s)
	reports, err := d.Run(ctx)
	require.NoError(t, err)
	require.Equal(t, []Report{{Channel: "r"}}, reports)
	r.answer = nil
	run(t, d)
	require.ElementsMatch(t, append(idsOf(events), r.ids()[0]), r.ids())
}

// brokenStore fails to note tries.
type brokenStore struct{ pool.Outbox }

func (brokenStore) NoteTry(context.Context, string, int64, pool.Try) error {
	return errors.New("the disk is full")
}

func TestAStoreThatFailsIsAnError(t *testing.T) {
	t.Parallel()
	store, _ := told(t, 1)
	r := &recorder{}
	d := delivererTo(brokenStore{store}, newClock(), map[string]*recorder{"r": r, "s": r}, named("r"), named("s"))
	_, err := d.Run(t.Context())
	require.ErrorContains(t, err, "deliver to r: the disk is full")
	require.ErrorContains(t, err, "deliver to s: the disk is full")
	require.Len(t, r.ids(), 2, "and nothing is sent again and again")
}
