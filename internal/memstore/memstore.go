// Package memstore is a pool.Store in memory, for tests.
package memstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"claudepool/pool"
)

// Store is a pool in memory. It lasts as long as it is referred to.
type Store struct {
	mu            sync.Mutex
	lastID        int64
	lastTicket    int64
	queue         []waiter // in the order in which they came
	subscriptions map[int64]*subscription
	sessions      []*pool.Session // in the order in which they were taken in
	entries       []entry
	booked        map[string]int // index into entries, by their ids
	visits        map[string][]visit
	tallies       map[settleKey]*pool.Tally
	unsettled     map[settleKey]time.Time
	forks         map[string][]string // the transcripts of each conversation that hold messages of another
	checkpoints   map[string]pool.Checkpoint
	changed       map[settleKey]time.Time // when tallies changed last
	latest        map[string]time.Time    // what was read last of the transcripts of checkpoints
	conversations map[string]*conversation
	tasks         map[string]pool.Task
	horizon       time.Time // detail of before it has been pruned
	thresholds    []float64
	lastEvent     int64
	events        []pool.Event             // in the order of their numbers
	shortages     map[string]pool.Shortage // by scope
	shown         map[string]int64         // by channel, the number of the latest event that it was shown
	deliveries    []*pool.Delivery         // in the order in which they were made
}

type subscription struct {
	pool.Subscription
	removed     bool
	lastStarted time.Time
	standing    pool.Standing
	budgetTold  float64 // the share of the budget that an event has told of
	windows     map[pool.WindowKind]pool.Window
	resets      []time.Time // of the five-hour windows that were observed
}

type entry struct {
	pool.Entry
	told           bool          // by the CLI, and not a message
	session        *pool.Session // nil once it was pruned
	pruned         pool.Usage    // what it is then; nothing but the time and the model is left of the Entry
	subscriptionID int64
	project        string
	estimated      pool.NanoUSD // of the cost of what was told
}

// Usage is what the entry adds to a sum.
func (e entry) Usage() pool.Usage {
	if e.session == nil {
		return e.pruned
	}
	u := e.Entry.Usage()
	if e.told {
		u.CostEstimated = e.estimated
	}
	return u
}

var _ pool.Store = (*Store)(nil)

// New returns an empty pool. Without thresholds those of pool.DefaultThresholds count.
func New(thresholds ...float64) *Store {
	if len(thresholds) == 0 {
		thresholds = pool.DefaultThresholds
	}
	return &Store{
		thresholds: thresholds, shortages: map[string]pool.Shortage{},
		subscriptions: map[int64]*subscription{}, booked: map[string]int{},
		visits: map[string][]visit{}, tallies: map[settleKey]*pool.Tally{},
		unsettled: map[settleKey]time.Time{}, forks: map[string][]string{}, checkpoints: map[string]pool.Checkpoint{},
		changed: map[settleKey]time.Time{}, latest: map[string]time.Time{},
		conversations: map[string]*conversation{}, tasks: map[string]pool.Task{},
		shown: map[string]int64{},
	}
}

// lock takes the lock unless the context has ended; the caller unlocks where err is nil.
func (s *Store) lock(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s.mu.Lock()
	return nil
}

// Close implements pool.Store.
func (s *Store) Close() error { return nil }

// AddSubscription implements pool.Store.
func (s *Store) AddSubscription(ctx context.Context, sub pool.Subscription) (pool.Subscription, error) {
	if err := sub.Check(); err != nil {
		return pool.Subscription{}, err
	}
	if err := s.lock(ctx); err != nil {
		return pool.Subscription{}, err
	}
	defer s.mu.Unlock()
	if s.named(sub.Name) != nil {
		return pool.Subscription{}, fmt.Errorf("add %s: %w", sub.Name, pool.ErrNameTaken)
	}
	for _, other := range s.inPool() {
		if other.ConfigDir == sub.ConfigDir {
			return pool.Subscription{}, fmt.Errorf("add %s: %w by %s", sub.Name, pool.ErrDirTaken, other.Name)
		}
	}
	s.lastID++
	sub = sub.Normal()
	sub.ID = s.lastID
	s.subscriptions[sub.ID] = &subscription{Subscription: sub, windows: map[pool.WindowKind]pool.Window{}}
	return sub.Normal(), nil
}

// RemoveSubscription implements pool.Store.
func (s *Store) RemoveSubscription(ctx context.Context, name string, _ time.Time) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	sub := s.named(name)
	if sub == nil {
		return fmt.Errorf("remove %s: %w", name, pool.ErrNotFound)
	}
	if s.running(sub.ID) > 0 {
		return fmt.Errorf("remove %s: %w", name, pool.ErrInUse)
	}
	sub.removed = true
	return nil
}

// SetEnabled implements pool.Store.
func (s *Store) SetEnabled(ctx context.Context, name string, enabled bool) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.mu.Unlock()
	sub := s.named(name)
	if sub == nil {
		return fmt.Errorf("switch %s: %w", name, pool.ErrNotFound)
	}
	sub.Enabled = enabled
	return nil
}

// Subscriptions implements pool.Store.
func (s *Store) Subscriptions(ctx context.Context) ([]pool.Subscription, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	var subs []pool.Subscription
	for _, sub := range s.inPool() {
		subs = append(subs, sub.Normal())
	}
	return subs, nil
}

// inPool returns the subscriptions that are not removed, by name.
func (s *Store) inPool() []*subscription {
	var subs []*subscription
	for _, sub := range s.subscriptions {
		if !sub.removed {
			subs = append(subs, sub)
		}
	}
	slices.SortFunc(subs, func(a, b *subscription) int { return cmp.Compare(a.Name, b.Name) })
	return subs
}

func (s *Store) named(name string) *subscription {
	for _, sub := range s.inPool() {
		if sub.Name == name {
			return sub
		}
	}
	return nil
}

// Candidates implements pool.Store.
func (s *Store) Candidates(ctx context.Context, now time.Time) ([]pool.Candidate, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.mu.Unlock()
	return s.candidates(now), nil
}

func (s *Store) candidates(now time.Time) []pool.Candidate {
	var candidates []pool.Candidate
	for _, sub := range s.inPool() {
		c := pool.Candidate{
			Subscription: sub.Normal(), Running: s.running(sub.ID), Week: s.week(sub.ID, now), HourCost: s.hourCost(sub.ID, now),
			LastStarted: sub.lastStarted, Standing: sub.standing, Windows: sub.windowList(),
		}
		for i := range c.Windows { // what only events go by
			c.Windows[i].Since, c.Windows[i].Told = time.Time{}, 0
		}
		candidates = append(candidates, c)
	}
	return candidates
}

// windowList are the windows of a subscription, by kind.
func (sub *subscription) windowList() (windows []pool.Window) {
	for _, w := range sub.windows {
		windows = append(windows, w)
	}
	slices.SortFunc(windows, func(a, b pool.Window) int { return cmp.Compare(a.Kind, b.Kind) })
	return windows
}

func (s *Store) running(subscriptionID int64) int {
	n := 0
	for _, session := range s.sessions {
		if session.Running() && session.SubscriptionID == subscriptionID {
			n++
		}
	}
	return n
}

func (s *Store) week(subscriptionID int64, now time.Time) (sum pool.Usage) {
	last := pool.UTCDay(now)
	if last < pool.UTCDay(s.horizon) { // by a clock that was set back: nobody keeps the weeks of then
		return sum
	}
	for _, e := range s.entries {
		day := pool.UTCDay(e.At)
		if e.subscriptionID == subscriptionID && day <= last && day > last-pool.WeekDays {
			sum = sum.Plus(e.Usage())
		}
	}
	return sum
}

// hourCost sums up what was used since the quarter hour before the last hour began.
func (s *Store) hourCost(subscriptionID int64, now time.Time) (sum pool.NanoUSD) {
	const quarter = 15 * time.Minute
	begin := now.UTC().Truncate(quarter).Add(-time.Hour)
	end := begin.Add(time.Hour + quarter)
	for _, e := range s.entries {
		if e.subscriptionID == subscriptionID && !e.At.Before(begin) && e.At.Before(end) {
			sum += e.Usage().Cost
		}
	}
	return sum
}

// byPrefix finds a session by its id, or else by a prefix that no other id shares.
func (s *Store) byPrefix(prefix string) (*pool.Session, error) {
	if session := s.byID(prefix); session != nil {
		return session, nil
	}
	var found *pool.Session
	for _, session := range s.sessions {
		switch {
		case prefix == "" || !strings.HasPrefix(session.ID, prefix):
		case found != nil:
			return nil, fmt.Errorf("session %s: %w", prefix, pool.ErrAmbiguous)
		default:
			found = session
		}
	}
	if found == nil {
		return nil, fmt.Errorf("session %s: %w", prefix, pool.ErrNotFound)
	}
	return found, nil
}

func (s *Store) byID(id string) *pool.Session {
	for _, session := range s.sessions {
		if session.ID == id {
			return session
		}
	}
	return nil
}
