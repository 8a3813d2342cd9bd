package pooltest

import (
	"context"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"claudepool/pool"
)

// twister makes values hostile on their way to a store: two of the same seed do the same.
type twister struct {
	pool.Store
	rnd *rand.Rand
}

func newTwister(store pool.Store, seed uint64) *twister {
	return &twister{store, rand.New(rand.NewPCG(seed, 3))}
}

// hostileTexts are those that may stand for a name that the pool does not give: a conversation, a model, a window.
var hostileTexts = []string{
	"x", strings.Repeat("é", 2048), "a/b:c%_*", "it's \"quoted\" -- ;", "nul\x00byte", "\u202eevil", "line\nline\x1b[31m", "budget", "five_hour/0",
}

var hostileNumbers = []int64{0, 1, -1, math.MaxInt64, math.MinInt64, int64(pool.MaxCost), pool.MaxTokens + 1}

var hostileShares = []float64{
	0, 1, -1, 0.8, 0.95, 0.94999, 1.5, 1e300, math.Copysign(0, -1), math.NaN(), math.Inf(1), math.Inf(-1), math.SmallestNonzeroFloat64,
}

func (t *twister) twists() bool { return t.rnd.IntN(3) == 0 }

func pick[T any](t *twister, of ...T) T { return of[t.rnd.IntN(len(of))] }

func (t *twister) text(kept string) string {
	if t.twists() {
		return pick(t, hostileTexts...)
	}
	return kept
}

// moment is one that a clock, or a server, may tell.
func (t *twister) moment(kept time.Time) time.Time {
	if !t.twists() {
		return kept
	}
	return pick(t, time.Time{}, time.Unix(0, 0), time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		kept.Add(-7*24*time.Hour), kept.AddDate(1, 0, 0), kept.Add(time.Nanosecond))
}

func (t *twister) windows(windows []pool.Window) []pool.Window {
	for i := range windows {
		w := &windows[i]
		w.Kind, w.Status, w.Source = pool.WindowKind(t.text(string(w.Kind))), pool.WindowStatus(t.text(string(w.Status))), pool.WindowSource(t.text(string(w.Source)))
		w.ResetsAt, w.ObservedAt = t.moment(w.ResetsAt), t.moment(w.ObservedAt)
		if t.twists() {
			w.ResetsAt = pick(t, time.UnixMilli(math.MaxInt64), time.UnixMilli(math.MinInt64), time.Unix(1<<40, 0))
		}
		if t.twists() {
			share := pick(t, hostileShares...)
			w.Utilization = &share
		}
	}
	return windows
}

func (t *twister) tokens(kept pool.Tokens) pool.Tokens {
	for _, n := range []*int64{&kept.Input, &kept.Output, &kept.CacheCreation, &kept.CacheCreation1h, &kept.CacheRead} {
		if t.rnd.IntN(6) == 0 {
			*n = pick(t, hostileNumbers...)
		}
	}
	return kept
}

func (t *twister) observation(o pool.Observation) pool.Observation {
	o.Conversation, o.Windows, o.Met = t.text(o.Conversation), t.windows(o.Windows), pool.WindowKind(t.text(string(o.Met)))
	o.Outcome = pool.Outcome(t.text(string(o.Outcome)))
	for i := range o.Entries {
		e := &o.Entries[i]
		e.At, e.Conversation, e.Model, e.Tokens = t.moment(e.At), t.text(e.Conversation), t.text(e.Model), t.tokens(e.Tokens)
		if t.twists() {
			e.Cost, e.Messages = pool.NanoUSD(pick(t, hostileNumbers...)), int(pick(t, hostileNumbers...))
		}
	}
	return o
}

// Observe implements pool.Store.
func (t *twister) Observe(ctx context.Context, sessionID string, o pool.Observation) error {
	return t.Store.Observe(ctx, sessionID, t.observation(o))
}

// ObserveWindows implements pool.Store.
func (t *twister) ObserveWindows(ctx context.Context, name string, windows []pool.Window) error {
	return t.Store.ObserveWindows(ctx, name, t.windows(windows))
}

// Restore implements pool.Store.
func (t *twister) Restore(ctx context.Context, s pool.Session, observed []pool.Observation) error {
	for i := range observed {
		observed[i] = t.observation(observed[i])
	}
	s.CWD, s.Conversation = t.text(s.CWD), t.text(s.Conversation)
	return t.Store.Restore(ctx, s, observed)
}

// BookTranscript implements pool.Store.
func (t *twister) BookTranscript(ctx context.Context, read pool.Transcript) error {
	for i := range read.Messages {
		m := &read.Messages[i]
		m.At, m.Model, m.Project, m.Tokens = t.moment(m.At), t.text(m.Model), t.text(m.Project), t.tokens(m.Tokens)
	}
	for i := range read.Stated {
		s := &read.Stated[i]
		s.At, s.Model, s.Tokens, s.Cost = t.moment(s.At), t.text(s.Model), t.tokens(s.Tokens), pool.NanoUSD(pick(t, hostileNumbers...))
	}
	for i := range read.Signals {
		read.Signals[i].Windows = t.windows(read.Signals[i].Windows)
	}
	return t.Store.BookTranscript(ctx, read)
}

// Acquire implements pool.Store.
func (t *twister) Acquire(
	ctx context.Context, req pool.Request, policy pool.Policy, probe pool.Probe, now time.Time,
) (pool.Session, pool.Subscription, error) {
	if t.twists() {
		req.Conversation, req.Model, req.CWD = t.text(req.Conversation), t.text(req.Model), t.text(req.CWD)
		policy = t.policy(policy)
	}
	return t.Store.Acquire(ctx, req, policy, probe, now)
}

func (t *twister) policy(p pool.Policy) pool.Policy {
	w := &p.Weights
	for _, f := range []*float64{&w.Start, &w.Week, &w.FiveHour, &w.Session, &w.Burn, &w.BurnFree, &w.Idle, &p.BudgetThreshold} {
		*f = pick(t, append(hostileShares, *f)...)
	}
	w.WeekHalfLife, w.FiveHourHalfLife = time.Duration(pick(t, hostileNumbers...)), time.Duration(pick(t, hostileNumbers...))
	p.RampUp = pick(t, p.RampUp, nil, []int{0, -1, math.MaxInt})
	return p
}

// BeginTask implements pool.Store.
func (t *twister) BeginTask(
	ctx context.Context, name string, every time.Duration, runner pool.Process, probe pool.Probe, now time.Time,
) (bool, error) {
	if t.twists() {
		every = time.Duration(pick(t, hostileNumbers...))
	}
	return t.Store.BeginTask(ctx, name, every, runner, probe, now)
}

// EndTask implements pool.Store.
func (t *twister) EndTask(ctx context.Context, name string, runner pool.Process, report, trouble string, now time.Time) error {
	return t.Store.EndTask(ctx, name, runner, t.text(report), t.text(trouble), now)
}

// NoteTry implements pool.Store.
func (t *twister) NoteTry(ctx context.Context, channel string, event int64, try pool.Try) error {
	if try.Trouble = t.text(try.Trouble); t.twists() {
		try.NextAt = pick(t, time.Time{}, try.NextAt.Add(-7*24*time.Hour), try.NextAt.AddDate(1, 0, 0))
	}
	return t.Store.NoteTry(ctx, channel, event, try)
}
