package pooltest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"claudepool/pool"
)

func one[T any](p *player, of ...T) T { return of[p.rnd.IntN(len(of))] }

func (p *player) name() string { return one(p, "a", "b", "c", "d", "nobody") }

func (p *player) conversation() string { return one(p, "", "", "c1", "c2", "c3") }

func (p *player) id() string {
	if len(p.ids) == 0 || p.rnd.IntN(20) == 0 {
		return one(p, "", "restored-", "nobody")
	}
	return one(p, p.ids...)
}

func (p *player) end() pool.End {
	code := p.rnd.IntN(256)
	return one(p, pool.End{Reason: pool.EndedByExit, Code: &code}, pool.End{Reason: pool.EndedByHand, Signal: "SIGTERM"})
}

func (p *player) subscription() pool.Subscription {
	return pool.Subscription{
		Name: p.name(), ConfigDir: one(p, "", "/1", "/2", "/3", "/4"), Tags: one(p, nil, []string{"x"}, []string{"y", "x"}),
		MaxSessions: p.rnd.IntN(4), WeeklyBudget: one(p, pool.NanoUSD(0), 3000), Enabled: p.rnd.IntN(5) > 0, CreatedAt: p.now,
		Tier: p.rnd.IntN(2), Priority: p.rnd.IntN(3) - 1, Reserve: one(p, 0, 0, 0.25),
		AllowOverage: p.rnd.IntN(2) == 0, API: p.rnd.IntN(3) == 0, RampUp: p.rnd.IntN(3) == 0,
	}
}

func (p *player) request() pool.Request {
	return pool.Request{
		Names: one(p, nil, nil, nil, []string{"a"}, []string{"b", "c"}), Tags: one(p, nil, nil, []string{"x"}),
		Forced: one(p, "", "", "", "", "a"), Model: one(p, "", "opus", "sonnet"),
		Conversation: p.conversation(), Continues: p.rnd.IntN(3) == 0,
		Process: pool.Process{PID: p.rnd.IntN(20)}, CWD: one(p, "/x", "/y"),
		Tried: one(p, nil, nil, []string{"b"}), Follows: one(p, "", "", "x", p.id()),
	}
}

func (p *player) observation() pool.Observation {
	o := pool.Observation{At: p.now, Conversation: p.conversation()}
	for range p.rnd.IntN(4) {
		o.Entries = append(o.Entries, pool.Entry{
			ID: fmt.Sprintf("e%d", p.rnd.IntN(200)), At: p.moment(), Conversation: p.conversation(), Model: one(p, "", "opus", "sonnet"),
			Messages: p.rnd.IntN(5), Tokens: p.tokens(),
			Cost: pool.NanoUSD(p.rnd.Int64N(500)), CostSource: one(p, pool.CostUnknown, pool.CostFromCLI),
		})
	}
	o.Windows, o.Met, o.Outcome = p.windows(), p.met(), p.outcome()
	o.State = one(p, "", "", pool.StateIdle, pool.StateRunning)
	return o
}

// move is one of a conversation that may be idle, or may have been a moment ago.
func (p *player) move(ctx context.Context) pool.Move {
	m := pool.Move{From: p.name(), To: p.name(), Reason: "r"}
	found, err := p.store.Conversations(ctx, pool.ConversationQuery{Subscription: m.From, Until: p.now})
	if err == nil && len(found) > 0 {
		m.Conversation = found[p.rnd.IntN(len(found))]
	} else {
		m.Conversation = pool.Conversation{ID: one(p, "c1", "c2"), ActiveAt: p.moment()}
	}
	return m
}

func (p *player) windows() (windows []pool.Window) {
	for range p.rnd.IntN(3) {
		share := p.rnd.Float64()
		windows = append(windows, pool.Window{
			Kind:   one(p, pool.FiveHour, pool.SevenDay, pool.SevenDayOpus, pool.Overage),
			Status: one(p, pool.StatusUnknown, pool.StatusAllowed, pool.StatusRejected), Utilization: one(p, nil, &share),
			ResetsAt: one(p, time.Time{}, p.now.Add(time.Hour), p.now.Add(-time.Hour)), ObservedAt: p.moment(),
			Source: one(p, pool.FromStream, pool.FromStatusLine),
		})
	}
	return windows
}

func (p *player) met() pool.WindowKind { return one(p, "", "", pool.FiveHour) }

func (p *player) outcome() pool.Outcome {
	return one(p, pool.NoOutcome, pool.NoOutcome, pool.OutcomeAnswered, pool.OutcomeAnswered,
		pool.OutcomeThrottled, pool.OutcomeSignedOut, pool.OutcomeRefused)
}

func (p *player) tokens() pool.Tokens {
	return pool.Tokens{
		Input: p.rnd.Int64N(100) - 5, Output: p.rnd.Int64N(100), CacheCreation: p.rnd.Int64N(100),
		CacheCreation1h: p.rnd.Int64N(150), CacheRead: p.rnd.Int64N(100),
	}
}

// transcript is a piece of one: mostly the next, at times one that another process was first to read.
func (p *player) transcript() pool.Transcript {
	path := one(p, "/1", "/2", "/3")
	t := pool.Transcript{Before: p.read[path], Owner: one(p, "", "a", "nobody"), ReadAt: one(p, p.now, p.now, time.Time{})}
	t.Checkpoint = pool.Checkpoint{Path: path, Identity: one(p, "i", "i", "j"), Offset: t.Before.Offset + p.rnd.Int64N(9)}
	if p.rnd.IntN(10) == 0 {
		t.Before.Offset++
	} else {
		p.read[path] = t.Checkpoint
	}
	conversation := one(p, "c1", "c2", "c3")
	at := func() time.Time {
		return one(p, p.now, p.now.Add(-time.Duration(p.rnd.Int64N(int64(time.Hour)))), p.moment())
	}
	for range p.rnd.IntN(5) {
		t.Messages = append(t.Messages, pool.Message{
			ID: fmt.Sprintf("m%d", p.rnd.IntN(40)), At: at(), Conversation: conversation, Model: one(p, "opus", "opus-20251001", "sonnet"),
			Project: "/t", Tokens: p.tokens(), Cost: pool.NanoUSD(p.rnd.Int64N(500)), CostSource: one(p, pool.CostUnknown, pool.CostEstimated),
		})
	}
	if p.rnd.IntN(3) == 0 {
		t.Stated = []pool.Stated{{
			At: at(), Conversation: conversation, Model: one(p, "opus", "sonnet"), Project: "/t", Tokens: p.tokens(),
			Cost: pool.NanoUSD(p.rnd.Int64N(500)), First: p.rnd.IntN(3) == 0,
		}}
	}
	for range p.rnd.IntN(2) {
		t.Signals = append(t.Signals, pool.Signal{
			At: at(), Conversation: conversation, Windows: p.windows(), Met: p.met(), Outcome: p.outcome(),
		})
	}
	return t
}

// moment is a time around now, at times a round one.
func (p *player) moment() time.Time {
	at := p.now.Add(-time.Duration(p.rnd.Int64N(int64(10 * 24 * time.Hour))))
	return one(p, at, p.now, at.Truncate(15*time.Minute))
}

func (p *player) query() pool.UsageQuery {
	// Not sessions, whose ids are the store's own.
	dimensions := slices.DeleteFunc(slices.Clone(pool.Dimensions), func(d pool.Dimension) bool { return d == pool.BySession })
	p.rnd.Shuffle(len(dimensions), func(i, j int) { dimensions[i], dimensions[j] = dimensions[j], dimensions[i] })
	return pool.UsageQuery{
		By: dimensions[:p.rnd.IntN(5)], Location: one(p, p.zones...),
		Since: one(p, time.Time{}, p.moment()), Until: one(p, time.Time{}, p.moment()),
		Subscriptions: one(p, nil, nil, []string{p.name(), ""}), Project: one(p, "", "", "/x", "/r"),
	}
}

func (p *player) state() string { return state(p.h.ctx, p.store, p.now, p.plain) }

func (h *harness) state() string {
	return state(h.ctx, h.store, h.now, func(sessions []pool.Session) []pool.Session { return sessions })
}

// state is all that can be read of a store.
func state(ctx context.Context, store pool.Store, now time.Time, plain func([]pool.Session) []pool.Session) string {
	sessions, err := store.Sessions(ctx, true, 0)
	if err != nil {
		return err.Error()
	}
	candidates, err := store.Candidates(ctx, now)
	if err != nil {
		return err.Error()
	}
	for i := range candidates {
		candidates[i].Subscription.ID = 0
	}
	rows, err := store.Usage(ctx, pool.UsageQuery{By: []pool.Dimension{pool.BySubscription, pool.ByModel, pool.ByDay, pool.ByProject}})
	if err != nil {
		return err.Error()
	}
	tasks, err := store.Tasks(ctx)
	if err != nil {
		return err.Error()
	}
	var conversations []pool.Conversation
	for _, c := range candidates {
		found, err := store.Conversations(ctx, pool.ConversationQuery{Subscription: c.Subscription.Name, Until: now.AddDate(1, 0, 0)})
		if err != nil {
			return err.Error()
		}
		conversations = append(conversations, found...)
	}
	events, err := store.Events(ctx, pool.EventQuery{})
	if err != nil {
		return err.Error()
	}
	shortages, err := store.Shortages(ctx)
	if err != nil {
		return err.Error()
	}
	return inWords([]any{plain(sessions), candidates, rows, tasks, conversations, shortages, plainEvents(events, plain), deliveryState(ctx, store)})
}

// plainEvents are events with what is random taken out, but for their ids.
func plainEvents(events []pool.Event, plain func([]pool.Session) []pool.Session) (list []any) {
	for _, e := range events {
		if e.Session != "" {
			named := plain([]pool.Session{{ID: e.Session}})[0].ID
			e.Cause, e.Session = strings.ReplaceAll(e.Cause, e.Session, named), named
		}
		e.ID = ""
		list = append(list, e, e.Cause)
	}
	return list
}

func inWords(value any) string {
	text, err := json.MarshalIndent(value, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}
