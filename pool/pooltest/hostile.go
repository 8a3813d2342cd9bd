package pooltest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/memstore"
	"claudepool/pool"
)

// hostileTests play with values that nobody should meet, on clocks that are set: the store and the one in memory agree, and
// after each operation every invariant holds. More seeds than are quick: CLAUDEPOOL_TEST_SEEDS=100; one again: CLAUDEPOOL_TEST_SEED=7.
func hostileTests() suite {
	seeds, err := strconv.Atoi(os.Getenv("CLAUDEPOOL_TEST_SEEDS"))
	if err != nil {
		seeds = 2
	}
	if seed, err := strconv.ParseUint(os.Getenv("CLAUDEPOOL_TEST_SEED"), 10, 64); err == nil {
		return suite{"OneSeed": func(h *harness) { survives(h, seed) }}
	}
	tests := suite{}
	for n := range seeds {
		tests[fmt.Sprint("Seed", n+1)] = func(h *harness) { survives(h, rand.Uint64()) }
	}
	return tests
}

// survives does the same hostile operations to the store under test and to a store in memory.
func survives(h *harness, seed uint64) {
	h.Logf("CLAUDEPOOL_TEST_SEED=%d", seed)
	seen := newWitness(h, h.store)
	tested := newPlayer(h, newTwister(seen, seed), seed)
	reference := newPlayer(h, newTwister(newWitness(h, memstore.New()), seed), seed)
	clock := rand.New(rand.NewPCG(seed, 2))
	for n := range operations {
		turn := turned(clock)
		tested.now, reference.now = tested.now.Add(turn), reference.now.Add(turn)
		play := (*player).play
		if clock.IntN(4) == 0 {
			play = (*player).playHostile
		}
		where := fmt.Sprintf("operation %d of CLAUDEPOOL_TEST_SEED=%d", n, seed)
		want, got := play(reference), play(tested)
		require.NotContains(h, got, "unexpected", where)
		requireSame(h, want, got, "%s", where)
		requireSame(h, reference.state(), tested.state(), "state after %s: %s", where, got)
		seen.checkAll(tested.now, where+": "+got)
	}
	problems, err := h.store.Check(h.ctx)
	require.NoError(h, err)
	require.Empty(h, problems)
}

// turned is by how much a clock is set: mostly by nothing, at times back by a week or forward by a year.
func turned(clock *rand.Rand) time.Duration {
	switch clock.IntN(40) {
	case 0:
		return -7 * 24 * time.Hour
	case 1:
		return 365 * 24 * time.Hour
	case 2:
		return -time.Duration(clock.Int64N(int64(time.Minute)))
	}
	return 0
}

// playHostile does one of the operations that else are not played at random.
func (p *player) playHostile() string {
	ctx := p.h.ctx
	switch p.rnd.IntN(10) {
	case 0:
		_, err := p.store.UpdateSubscription(ctx, p.name(), func(s *pool.Subscription) error {
			s.Name, s.Reserve = p.name(), one(p, 0, 0.5, 0.999)
			s.WeeklyBudget, s.MaxSessions = one(p, 0, 1, pool.NanoUSD(1<<62)), one(p, 0, 1, pool.MaxSessions)
			return nil
		})
		return answer("rename", nil, err)
	case 1:
		return answer("record", nil, p.store.RecordEvents(ctx, pool.StoreTroubleEvent(one(p, hostileTexts...), p.now), pool.StoreTroubleEvent("x", p.now)))
	case 2:
		full := pool.Window{Kind: pool.FiveHour, Status: pool.StatusRejected, ResetsAt: p.now.Add(time.Hour), ObservedAt: p.now}
		paid := pool.Window{Kind: pool.Overage, Status: pool.StatusAllowed, ObservedAt: p.now}
		return answer("limit", nil, p.store.ObserveWindows(ctx, p.name(), []pool.Window{full, paid}[:1+p.rnd.IntN(2)]))
	case 3:
		return p.deliverAll(ctx)
	case 4, 5:
		return p.moveOne(ctx)
	case 6, 7: // many want the same task
		task, began, err := one(p, "t", "u"), false, error(nil)
		for range 3 {
			began, err = p.store.BeginTask(ctx, task, 0, pool.Process{PID: p.rnd.IntN(20)}, p.probe, p.now)
		}
		return answer("begin", began, err)
	default:
		return answer("dispatch", nil, p.store.Dispatch(ctx, one(p, "c", "d"), start.AddDate(-1, 0, 0), func(pool.Event) bool { return true }))
	}
}

// moveOne moves a conversation that may be moved, if there is one.
func (p *player) moveOne(ctx context.Context) string {
	from, to := p.name(), p.name()
	found, err := p.store.Conversations(ctx, pool.ConversationQuery{Subscription: from, Until: p.now})
	if err != nil || len(found) == 0 {
		return answer("nothing to move", nil, err)
	}
	moved, err := p.store.MoveConversation(ctx, pool.Move{Conversation: found[0], From: from, To: to, Reason: one(p, hostileTexts...)}, p.now)
	return answer("move", moved, err)
}

// deliverAll delivers all that is due on a channel, one after the other.
func (p *player) deliverAll(ctx context.Context) string {
	channel, count := one(p, "c", "d"), 0
	for {
		due, err := p.store.NextDeliveries(ctx, channel, p.now, 1)
		if err != nil || len(due) == 0 {
			return answer("deliver all", count, err)
		}
		if err := p.store.NoteTry(ctx, channel, due[0].Event.Number, pool.Try{At: p.now, State: pool.DeliveryDelivered}); err != nil {
			return answer("deliver all", count, err)
		}
		count++
	}
}
