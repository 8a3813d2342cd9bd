package pooltest

import (
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

var archiveTests = suite{
	"IsTheSameInAnother1":     func(h *harness) { archiveIsTheSameInAnother(h, rand.Uint64()) },
	"IsTheSameInAnother2":     func(h *harness) { archiveIsTheSameInAnother(h, 7) },
	"GoesOnAsTheSame1":        func(h *harness) { archiveGoesOnAsTheSame(h, rand.Uint64()) },
	"GoesOnAsTheSame2":        func(h *harness) { archiveGoesOnAsTheSame(h, 11) },
	"GoesOnWhereItStopped":    archiveGoesOnWhereItStopped,
	"IsTakenInOnce":           archiveIsTakenInOnce,
	"KnowsForks":              archiveKnowsForks,
	"KnowsTheLatestStart":     archiveKnowsTheLatestStart,
	"KnowsAffinities":         archiveKnowsAffinities,
	"KnowsWhatSessionsDo":     archiveKnowsWhatSessionsDo,
	"IsNotMixedWithAnother":   archiveIsNotMixedWithAnother,
	"NeedsItsSubscriptions":   archiveNeedsItsSubscriptions,
	"IsTakenInByAPrunedStore": archiveIsTakenInByAPrunedStore,
	"OfNothing":               archiveOfNothing,
	"EndsWithTheError":        archiveEndsWithTheError,
}

// archive is a store as one, where it is; the suite asserts nothing of others.
func (h *harness) archive(store pool.Store) pool.Archive {
	h.Helper()
	a, is := store.(pool.Archive)
	if !is {
		h.Skip("the store is no archive")
	}
	return a
}

func (h *harness) dump(store pool.Store) (records []pool.Record) {
	h.Helper()
	require.NoError(h, h.archive(store).Dump(h.ctx, func(r pool.Record) error {
		records = append(records, r)
		return nil
	}))
	return records
}

// lines are the records as text, each of them checked.
func (h *harness) lines(records []pool.Record) []string {
	h.Helper()
	var check pool.Checker
	var lines []string
	for _, r := range records {
		lines = append(lines, strings.Join(strings.Fields(inWords(r)), " "))
		require.NoError(h, check.Check(r), lines[len(lines)-1])
	}
	return lines
}

func each(records []pool.Record) iter.Seq2[pool.Record, error] {
	return func(yield func(pool.Record, error) bool) {
		for _, r := range records {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// copied takes the ledger into another store, whose subscriptions have other ids.
func (h *harness) copied() pool.Store {
	h.Helper()
	other := h.withSubscriptions()
	records := h.dump(h.store)
	there, _, err := pool.TakeIn(h.ctx, h.archive(other), each(records))
	require.NoError(h, err)
	require.Zero(h, there)
	require.Equal(h, h.lines(records), h.lines(h.dump(other)))
	return other
}

// withSubscriptions is another store with the same subscriptions.
func (h *harness) withSubscriptions() pool.Store {
	h.Helper()
	other := h.another()
	subscriptions, err := h.store.Subscriptions(h.ctx)
	require.NoError(h, err)
	slices.Reverse(subscriptions)
	for _, s := range append([]pool.Subscription{{Name: "more", ConfigDir: "/more"}}, subscriptions...) {
		_, err := other.AddSubscription(h.ctx, s)
		require.NoError(h, err)
	}
	return other
}

// reports are all that reports say of a store. Ids of use outside are the store's own.
func (h *harness) reports(store pool.Store) (all []string) {
	h.Helper()
	for _, by := range append([]pool.Dimension{""}, pool.Dimensions...) {
		query := pool.UsageQuery{Location: zone(h, "Asia/Kathmandu")}
		if by != "" {
			query.By = []pool.Dimension{by}
		}
		rows, err := store.Usage(h.ctx, query)
		require.NoError(h, err)
		var words []string
		for _, row := range rows {
			if by == pool.BySession && strings.HasPrefix(row.Keys[0], "outside-") {
				row.Keys[0] = "outside"
			}
			words = append(words, inWords(row))
		}
		slices.Sort(words)
		all = append(all, fmt.Sprint(by, words))
	}
	sessions, err := store.Sessions(h.ctx, true, 0)
	require.NoError(h, err)
	for _, s := range sessions {
		if s.End.Reason == pool.EndedOutside {
			s.ID = "outside"
		}
		s.SubscriptionID = 0
		all = append(all, inWords(s))
	}
	checkpoints, err := store.Checkpoints(h.ctx, "")
	require.NoError(h, err)
	return append(all, inWords(checkpoints))
}

// played is a player after a long game.
func (h *harness) played(seed uint64) *player {
	h.Logf("seed %d", seed)
	p := newPlayer(h, h.store, seed)
	for range 600 {
		p.play()
	}
	h.now = p.now
	return p
}

func archiveIsTheSameInAnother(h *harness, seed uint64) {
	h.played(seed)
	other := h.copied()
	require.Equal(h, h.reports(h.store), h.reports(other))
	for _, candidate := range h.candidates(h.store) {
		found := slices.IndexFunc(h.candidates(other), func(c pool.Candidate) bool { return c.Subscription.Name == candidate.Subscription.Name })
		same := h.candidates(other)[found]
		require.Equal(h, candidate.Week, same.Week)
		require.Equal(h, candidate.HourCost, same.HourCost)
		require.Equal(h, candidate.Running, same.Running)
	}
}

func (h *harness) candidates(store pool.Store) []pool.Candidate {
	h.Helper()
	candidates, err := store.Candidates(h.ctx, h.now)
	require.NoError(h, err)
	return candidates
}

// archiveGoesOnAsTheSame: whatever is booked next, on what was moved and anew, comes out the same in both.
func archiveGoesOnAsTheSame(h *harness, seed uint64) {
	here := h.played(seed)
	there := *here
	there.store, there.read = h.copied(), map[string]pool.Checkpoint{}
	there.ids, there.ordinal = slices.Clone(here.ids), maps.Clone(here.ordinal)
	here.read = map[string]pool.Checkpoint{}
	for path, c := range h.checkpoints() {
		here.read[path], there.read[path] = c, c
	}
	here.rnd, there.rnd = rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(seed, 1))
	for i := range 150 {
		require.Equal(h, here.playBooking(), there.playBooking(), "operation %d", i)
	}
	// In which order entries of one transaction are written is left open, and so is what number a new session gets.
	require.ElementsMatch(h, h.lines(renumbered(h.dump(here.store))), h.lines(renumbered(h.dump(there.store))))
	require.Equal(h, h.reports(here.store), h.reports(there.store))
}

// playBooking does one of the operations that change the ledger, on no sessions but those that are known.
func (p *player) playBooking() string {
	p.now = p.now.Add(time.Duration(p.rnd.Int64N(int64(p.pause()))))
	ctx, store := p.h.ctx, p.store
	switch n := p.rnd.IntN(100); {
	case n < 40:
		return answer("transcript", nil, store.BookTranscript(ctx, p.transcript()))
	case n < 80:
		return answer("observe", nil, store.Observe(ctx, one(p, p.ids...), p.observation()))
	case n < 90:
		return answer("restore", nil, p.restore(ctx))
	case n < 92:
		_, err := store.Prune(ctx, pool.Prune{Before: p.now.Add(-time.Duration(p.rnd.Int64N(int64(20 * 24 * time.Hour))))})
		return answer("prune", nil, err)
	default:
		return answer("release", nil, store.Release(ctx, one(p, p.ids...), pool.End{Reason: pool.EndedByExit}, p.now))
	}
}

// renumbered are records whose sessions are numbered from 1 on.
func renumbered(records []pool.Record) []pool.Record {
	numbers := map[int64]int64{}
	for i := range records {
		switch r := &records[i]; {
		case r.Session != nil:
			numbers[r.Session.Number] = int64(len(numbers) + 1)
			r.Session.Number = numbers[r.Session.Number]
		case r.Visit != nil:
			r.Visit.Session = numbers[r.Visit.Session]
		case r.Entry != nil:
			before := fmt.Sprintf("told/%d/", r.Entry.Session)
			r.Entry.Session = numbers[r.Entry.Session]
			if rest, is := strings.CutPrefix(r.Entry.ID, before); is {
				r.Entry.ID = fmt.Sprintf("told/%d/%s", r.Entry.Session, rest)
			}
		case r.Tally != nil:
			r.Tally.Session = numbers[r.Tally.Session]
		}
	}
	return records
}
