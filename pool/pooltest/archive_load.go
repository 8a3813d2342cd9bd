package pooltest

import (
	"errors"
	"fmt"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// longHistory has more records than a store takes in at once.
func longHistory(h *harness) {
	h.add("a")
	h.add("b")
	h.pass(-100 * 24 * time.Hour)
	old := h.resume("b", "old")
	h.print(old, "old", 10, 5)
	h.release(old.ID)
	h.prune(h.now.Add(time.Hour))
	h.pass(100 * 24 * time.Hour)
	require.NoError(h, h.store.RemoveSubscription(h.ctx, "b", h.now))
	h.resume("a", "c")
	f := h.file("/1")
	var messages []pool.Message
	for i := range 5000 {
		h.pass(time.Second)
		messages = append(messages, h.message([]string{"c", "d"}[i%2], fmt.Sprint("m", i), 3))
	}
	f.book(messages, h.stated("c", 10_000, 20_000))
}

func archiveGoesOnWhereItStopped(h *harness) {
	longHistory(h)
	records := h.dump(h.store)
	other := h.withSubscriptions()
	stopped := errors.New("stopped")
	for _, most := range []int{0, 1, 4, 2500, 4600, len(records)} {
		there, _, err := pool.TakeIn(h.ctx, h.archive(other), func(yield func(pool.Record, error) bool) {
			for i, r := range records {
				var err error
				if i == most {
					err = stopped
				}
				if !yield(r, err) {
					return
				}
			}
		})
		if most < len(records) {
			require.ErrorIs(h, err, stopped)
			continue
		}
		require.NoError(h, err)
		require.Greater(h, there, int64(3000), "what was there is not taken in again")
	}
	require.Equal(h, h.lines(records), h.lines(h.dump(other)))
	require.Equal(h, h.reports(h.store), h.reports(other))
}

func archiveIsTakenInOnce(h *harness) {
	history(h)
	records := h.dump(h.store)
	other := h.copied()
	n, err := pool.PartOf(h.ctx, h.archive(other), each(records))
	require.NoError(h, err)
	require.Equal(h, int64(len(records)), n)
	there, contents, err := pool.TakeIn(h.ctx, h.archive(other), each(records))
	require.NoError(h, err)
	require.Equal(h, n, there)
	require.Equal(h, h.lines(records), h.lines(h.dump(other)))
	rows := h.usage(pool.UsageQuery{})
	require.Equal(h, rows[0].Usage, contents.Usage)
	require.Equal(h, int64(len(h.sessions(true))), contents.Sessions)
}

// archiveKnowsForks: the figures of a fork come after the move.
func archiveKnowsForks(h *harness) {
	parent, fork, ofParent, ofFork := h.parent()
	p, f := h.file("/p"), h.file("/f")
	p.book(parent)
	f.book(fork)
	other := *h
	other.store = h.copied()
	p.harness, f.harness = &other, &other
	f.book(nil, ofFork)
	p.book(nil, ofParent)
	require.Equal(h, map[string]int64{"a": 31, "b": 100}, other.bySubscription())
}

func archiveKnowsTheLatestStart(h *harness) {
	history(h)
	other := *h
	other.store = h.copied()
	require.Equal(h, h.candidate("a").LastStarted, other.candidate("a").LastStarted)
	require.NotZero(h, other.candidate("a").LastStarted)
}

// archiveKnowsAffinities: a conversation goes on where it was moved to, whatever is read of before that.
func archiveKnowsAffinities(h *harness) {
	h.crowd()
	h.add("gone")
	h.run(pool.Request{Names: []string{"gone"}, Conversation: "left"})
	require.NoError(h, h.store.RemoveSubscription(h.ctx, "gone", h.now))
	h.run(pool.Request{Names: []string{"b"}, Conversation: "moved", CWD: "/src"})
	before := h.now
	h.pass(time.Hour)
	require.True(h, h.move(h.only("b"), "c"))
	h.run(pool.Request{Names: []string{"b"}, Conversation: "stays"})
	other := *h
	other.store = h.copied()
	for _, name := range []string{"a", "b", "c"} {
		require.Equal(h, h.conversations(name), other.conversations(name))
	}
	other.pass(time.Minute)
	other.file("/1").book([]pool.Message{{ID: "m", At: before, Conversation: "moved", Model: "opus", Tokens: pool.Tokens{Input: 5}}})
	require.Equal(h, "c", other.acquire(pool.Request{Conversation: "moved"}).Subscription, "a sync undoes no move")
	require.Equal(h, "b", other.acquire(pool.Request{Conversation: "stays"}).Subscription)
	require.Equal(h, "a", other.acquire(pool.Request{Conversation: "left"}).Subscription, "its home was removed")
	again := pool.Record{Affinity: &pool.AffinityRecord{Conversation: "stays", Member: pool.Member{Name: "a"}, ActiveAt: h.now}}
	require.ErrorIs(h, h.archive(other.store).Load(h.ctx, each([]pool.Record{again})), pool.ErrOtherLedger, "nothing is written over")
}

func archiveKnowsWhatSessionsDo(h *harness) {
	h.add("a")
	s := h.acquire(pid(1))
	h.pass(time.Hour)
	h.observe(s.ID, pool.Observation{At: h.now, State: pool.StateIdle})
	other := *h
	other.store = h.copied()
	require.Equal(h, pool.StateIdle, other.stateOf(s.ID))
	require.Equal(h, h.now, other.session(s.ID).ActiveAt)
}

func archiveIsNotMixedWithAnother(h *harness) {
	history(h)
	records := h.dump(h.store)
	used := h.withSubscriptions()
	require.NoError(h, used.Restore(h.ctx, pool.Session{ID: "own", Subscription: "a", StartedAt: h.now}, nil))
	before := h.lines(h.dump(used))
	_, _, err := pool.TakeIn(h.ctx, h.archive(used), each(records))
	require.ErrorIs(h, err, pool.ErrOtherLedger)
	require.Equal(h, before, h.lines(h.dump(used)))

	more := h.copied() // and something since
	require.NoError(h, more.Restore(h.ctx, pool.Session{ID: "own", Subscription: "a", StartedAt: h.now}, nil))
	_, err = pool.PartOf(h.ctx, h.archive(more), each(records))
	require.ErrorIs(h, err, pool.ErrOtherLedger)
	require.ErrorIs(h, h.archive(more).Load(h.ctx, each(records[len(records)-1:])), pool.ErrOtherLedger, "nothing is written over")
}

func archiveNeedsItsSubscriptions(h *harness) {
	history(h)
	other := h.another()
	_, _, err := pool.TakeIn(h.ctx, h.archive(other), each(h.dump(h.store)))
	require.ErrorIs(h, err, pool.ErrNotFound)
	require.ErrorContains(h, err, "subscription a")
}

// archiveIsTakenInByAPrunedStore: that nothing was there to prune is no ledger.
func archiveIsTakenInByAPrunedStore(h *harness) {
	history(h)
	h.prune(h.now.AddDate(0, 0, -90))
	other := h.withSubscriptions()
	_, err := other.Prune(h.ctx, pool.Prune{Before: h.now.AddDate(0, 0, -30)})
	require.NoError(h, err)
	for _, wanted := range []int64{0, int64(len(h.dump(h.store)) - 1)} { // without the horizon
		there, _, err := pool.TakeIn(h.ctx, h.archive(other), each(h.dump(h.store)))
		require.NoError(h, err)
		require.Equal(h, wanted, there)
		require.Equal(h, h.reports(h.store), h.reports(other))
	}
}

func archiveOfNothing(h *harness) {
	h.add("a")
	require.Empty(h, h.dump(h.store))
	h.copied()
}

func archiveEndsWithTheError(h *harness) {
	history(h)
	stop := errors.New("stop")
	n := 0
	require.ErrorIs(h, h.archive(h.store).Dump(h.ctx, func(pool.Record) error {
		n++
		return stop
	}), stop)
	require.Equal(h, 1, n)
}
