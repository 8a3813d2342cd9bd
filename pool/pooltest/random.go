package pooltest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/memstore"
	"claudepool/pool"
)

var randomTests = suite{
	"AgreesWithTheStoreInMemory1": func(h *harness) { agrees(h, rand.Uint64()) },
	"AgreesWithTheStoreInMemory2": func(h *harness) { agrees(h, rand.Uint64()) },
	"AgreesWithTheStoreInMemory3": func(h *harness) { agrees(h, 7) },
	// A transcript holds a message of before the horizon, and then a copy: both make it a fork.
	"AgreesWithTheStoreInMemory4": func(h *harness) { agrees(h, 6738817878454915440) },
}

// operations is how many random operations a sequence has.
const operations = 150

// agrees does the same random operations to the store under test and to a store in memory, and wants
// the same answers and the same state.
func agrees(h *harness, seed uint64) {
	h.Logf("seed %d", seed)
	tested, reference := newPlayer(h, h.store, seed), newPlayer(h, memstore.New(), seed)
	for n := range operations {
		want, got := reference.play(), tested.play()
		requireSame(h, want, got, "operation %d of seed %d", n, seed)
		requireSame(h, reference.state(), tested.state(), "state after operation %d of seed %d", n, seed)
	}
}

// requireSame fails at the first line that differs: the whole would fill the screen.
func requireSame(h *harness, want, got, format string, args ...any) {
	h.Helper()
	wanted, lines := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(wanted), len(lines)) {
		require.Equal(h, wanted[i], lines[i], "line %d of %s, after\n%s", i, fmt.Sprintf(format, args...), strings.Join(lines[max(0, i-15):i], "\n"))
	}
	require.Len(h, lines, len(wanted), format, args)
}

// player does random operations to a store: two of the same seed do the same.
type player struct {
	h       *harness
	store   pool.Store
	rnd     *rand.Rand
	now     time.Time
	ids     []string          // of the sessions, in the order of their start
	ordinal map[string]string // what stands for an id: ids are random
	dead    map[int]bool
	unseen  map[int]bool
	zones   []*time.Location
	// waiting is the latest request in the queue.
	waiting pool.Request
	// read is how far each transcript was read.
	read map[string]pool.Checkpoint
}

func newPlayer(h *harness, store pool.Store, seed uint64) *player {
	return &player{
		h: h, store: store, rnd: rand.New(rand.NewPCG(seed, seed)), now: start, ordinal: map[string]string{},
		dead: map[int]bool{}, unseen: map[int]bool{}, read: map[string]pool.Checkpoint{},
		zones: []*time.Location{nil, zone(h, "Asia/Kathmandu"), zone(h, "Europe/Berlin"), zone(h, "Pacific/Chatham")},
	}
}

// play does one operation and returns what came of it.
func (p *player) play() string {
	p.now = p.now.Add(time.Duration(p.rnd.Int64N(int64(p.pause()))))
	ctx, store := p.h.ctx, p.store
	switch n := p.rnd.IntN(140); {
	case n < 8:
		s, err := store.AddSubscription(ctx, p.subscription())
		s.ID = 0
		return answer("add", s, err)
	case n < 11:
		return answer("remove", nil, store.RemoveSubscription(ctx, p.name(), p.now))
	case n < 15:
		return answer("enable", nil, store.SetEnabled(ctx, p.name(), p.rnd.IntN(3) > 0))
	case n < 35:
		return p.acquire(ctx)
	case n < 45:
		return answer("release", nil, store.Release(ctx, p.id(), p.end(), p.now))
	case n < 65:
		return answer("observe", nil, store.Observe(ctx, p.id(), p.observation()))
	case n < 80:
		return answer("transcript", nil, store.BookTranscript(ctx, p.transcript()))
	case n < 85:
		return answer("heartbeat", nil, store.Heartbeat(ctx, p.id(), p.now))
	case n < 90:
		p.dead[p.rnd.IntN(20)], p.unseen[p.rnd.IntN(20)] = true, true
		ended, err := store.Reclaim(ctx, p.probe, p.now)
		return answer("reclaim", p.plain(ended), err)
	case n < 95:
		return answer("restore", nil, p.restore(ctx))
	case n < 96:
		_, err := store.Prune(ctx, pool.Prune{Before: p.now.Add(-time.Duration(p.rnd.Int64N(int64(20 * 24 * time.Hour))))})
		return answer("prune", nil, err)
	case n < 100:
		rows, err := store.Usage(ctx, p.query())
		return answer("usage", rows, err)
	case n >= 130:
		return p.playDeliveries(ctx, n-130)
	default:
		return p.playClosing(ctx, n-100)
	}
}

// playClosing does one of the operations that close and open subscriptions, and of the queue.
func (p *player) playClosing(ctx context.Context, n int) string {
	switch store := p.store; {
	case n < 4:
		return answer("cooldown", nil, store.SetCooldown(ctx, p.name(), p.now.Add(time.Duration(p.rnd.Int64N(int64(time.Hour))))))
	case n < 8:
		return answer("clear", nil, store.ClearCooldown(ctx, p.name(), p.now))
	case n < 12:
		return answer("windows", nil, store.ObserveWindows(ctx, p.name(), p.windows()))
	case n < 16:
		p.waiting = p.request()
		ticket, err := store.Enqueue(ctx, p.waiting, p.now)
		p.waiting.Ticket = ticket
		return answer("enqueue", ticket, err)
	case n < 18:
		return answer("leave", nil, store.Leave(ctx, p.waiting.Ticket))
	case n < 27:
		return p.playMaintenance(ctx, n-18)
	default:
		s, err := store.Session(ctx, p.id())
		return answer("session", p.plain([]pool.Session{s}), err)
	}
}

// playMaintenance does one of the operations that the pool does by itself.
func (p *player) playMaintenance(ctx context.Context, n int) string {
	task, runner := one(p, "t", "u"), pool.Process{PID: p.rnd.IntN(20)}
	switch store := p.store; {
	case n < 2:
		moved, err := store.MoveConversation(ctx, p.move(ctx), p.now)
		return answer("move", moved, err)
	case n < 4:
		began, err := store.BeginTask(ctx, task, one(p, 0, time.Hour), runner, p.probe, p.now)
		return answer("begin", began, err)
	case n < 5:
		kept, err := store.KeepTask(ctx, task, runner, p.now)
		return answer("keep", kept, err)
	case n < 6:
		return answer("shortages", nil, store.EndShortages(ctx, pool.DefaultPolicy(), p.now))
	case n < 7:
		limits := pool.EventLimits{Before: p.moment(), Most: one(p, 0, int64(5), 20), WaitingBefore: p.moment()}
		gone, err := store.PruneEvents(ctx, limits)
		return answer("events", gone, err)
	case n < 8:
		_, err := store.UpdateSubscription(ctx, p.name(), func(s *pool.Subscription) error {
			s.WeeklyBudget = one(p, 0, pool.NanoUSD(1000), 2000)
			return nil
		})
		return answer("budget", nil, err)
	default:
		return answer("end", nil, store.EndTask(ctx, task, runner, one(p, "", "{}"), one(p, "", "trouble"), p.now))
	}
}

// pause is how long at most to wait between operations: mostly short, at times days.
func (p *player) pause() time.Duration {
	if p.rnd.IntN(10) == 0 {
		return 40 * time.Hour
	}
	return 10 * time.Minute
}

func (p *player) acquire(ctx context.Context) string {
	req, policy := p.request(), pool.DefaultPolicy()
	if p.rnd.IntN(4) == 0 {
		req = p.waiting
	}
	policy.Strategy = one(p, pool.Strategies...)
	s, sub, err := p.store.Acquire(ctx, req, policy, p.probe, p.now)
	if err == nil {
		p.know(s.ID)
		sub.ID = 0
	}
	return answer("acquire", []any{p.plain([]pool.Session{s}), sub}, err)
}

func (p *player) restore(ctx context.Context) error {
	s := pool.Session{
		ID: fmt.Sprintf("restored-%d", p.rnd.IntN(10)), Subscription: p.name(), Conversation: p.conversation(),
		CWD: "/r", StartedAt: p.now.Add(-time.Hour), HeartbeatAt: p.now, EndedAt: p.now, End: p.end(), Follows: one(p, "", "x"),
	}
	if p.rnd.IntN(3) == 0 {
		s.EndedAt, s.End = time.Time{}, pool.End{}
	}
	if _, known := p.ordinal[s.ID]; !known {
		p.know(s.ID)
	}
	return p.store.Restore(ctx, s, []pool.Observation{p.observation(), p.observation()})
}

func (p *player) know(id string) {
	p.ordinal[id] = fmt.Sprintf("session %d", len(p.ids))
	p.ids = append(p.ids, id)
}

func (p *player) probe(process pool.Process) pool.Liveness {
	switch {
	case p.dead[process.PID]:
		return pool.Dead
	case p.unseen[process.PID]:
		return pool.Unseen
	}
	return pool.Alive
}

// plain returns sessions with what is random, or the store's own, taken out.
func (p *player) plain(sessions []pool.Session) []pool.Session {
	var plain []pool.Session
	for _, s := range sessions {
		s.ID, s.SubscriptionID = p.ordinal[s.ID], 0
		if ordinal, known := p.ordinal[s.Follows]; known {
			s.Follows = ordinal
		}
		plain = append(plain, s)
	}
	return plain
}

// answer puts an operation's answer into words; of an error, which one it is.
func answer(operation string, value any, err error) string {
	if err == nil {
		return fmt.Sprintf("%s: %s", operation, inWords(value))
	}
	var exhausted *pool.ExhaustedError
	if errors.As(err, &exhausted) {
		return fmt.Sprintf("%s: %s", operation, inWords(exhausted))
	}
	for _, sentinel := range []error{
		pool.ErrNotFound, pool.ErrNameTaken, pool.ErrDirTaken, pool.ErrInUse, pool.ErrAmbiguous, pool.ErrNoPool,
	} {
		if errors.Is(err, sentinel) {
			return fmt.Sprintf("%s: %v", operation, sentinel)
		}
	}
	return fmt.Sprintf("%s: unexpected: %v", operation, err)
}
