package pool

import (
	"context"
	"time"
)

// Outbox keeps the events and, for each channel, how far their delivery has got. The other methods of a Store write the
// events of what they cause in the transaction that causes it: see Window.Alert, Standing.Alert, BudgetAlert, and the
// functions that make an event.
type Outbox interface {
	// RecordEvents writes events that no other method causes. One whose cause is known is passed over.
	RecordEvents(ctx context.Context, events ...Event) error
	// Events returns events, the latest first.
	Events(ctx context.Context, q EventQuery) ([]Event, error)
	// Dispatch makes a delivery of each event that the channel has not been shown yet, and that it wants, in one
	// transaction. A channel that the store does not know is shown the events since the given time.
	Dispatch(ctx context.Context, channel string, since time.Time, wants func(Event) bool) error
	// NextDeliveries returns, the earliest first, what is due on a channel at now: of each subscription, and of the
	// events that are of none, the earliest that waits, so that they arrive in order. A limit of 0 means no limit.
	NextDeliveries(ctx context.Context, channel string, now time.Time, limit int) ([]Delivery, error)
	// NoteTry notes what became of a try. One of a delivery that does not wait any more changes nothing.
	NoteTry(ctx context.Context, channel string, event int64, try Try) error
	// Deliveries returns deliveries, the latest event first.
	Deliveries(ctx context.Context, q DeliveryQuery) ([]Delivery, error)
	// Backlogs tells, by channel, what has not arrived.
	Backlogs(ctx context.Context) ([]Backlog, error)
	// Retry makes deliveries that are dead or wait due at now, with all their tries before them, and returns how many.
	Retry(ctx context.Context, q DeliveryQuery, now time.Time) (int64, error)
	// Drop gives up deliveries that are dead or wait, and returns how many.
	Drop(ctx context.Context, q DeliveryQuery) (int64, error)
	// PruneEvents forgets events, and deliveries of these, and returns how many events: those of before a time, and
	// the earliest beyond a number, but none that waits to be delivered unless it is older than the waiting limit.
	PruneEvents(ctx context.Context, limits EventLimits) (int64, error)
	// Shortages returns what the pool is exhausted for, by scope.
	Shortages(ctx context.Context) ([]Shortage, error)
	// EndShortages ends those that are over and have room, with their events, and drops those that are forgotten.
	EndShortages(ctx context.Context, policy Policy, now time.Time) error
}

// EventQuery asks for events. Zero fields ask for all.
type EventQuery struct {
	Kinds []EventKind
	// Limit is the most that is returned; 0 for no limit.
	Limit int
}

// EventLimits say what to keep.
type EventLimits struct {
	// Before is the age from which on events go.
	Before time.Time
	// Most is how many are kept; 0 for no bound.
	Most int64
	// WaitingBefore is the age from which on an event goes that still waits to be delivered.
	WaitingBefore time.Time
}

// DeliveryState is how far the delivery of an event on a channel has got.
type DeliveryState string

const (
	// DeliveryWaits: it is to be tried, for the first time or again.
	DeliveryWaits     DeliveryState = "waiting"
	DeliveryDelivered DeliveryState = "delivered"
	// DeliveryDead: it was tried as often as it may be.
	DeliveryDead DeliveryState = "dead"
	// DeliveryDropped: it was given up by hand.
	DeliveryDropped DeliveryState = "dropped"
)

// Delivery is an event on its way to a channel.
type Delivery struct {
	Channel string
	Event   Event
	State   DeliveryState
	// Tries is how often it was tried.
	Tries int
	// NextAt is when it is due, where it waits.
	NextAt time.Time
	// TriedAt is when it was last tried; zero where it never was.
	TriedAt time.Time
	// Trouble is why the last try failed, "" where it did not.
	Trouble string
}

// Try is what became of a try to deliver an event.
type Try struct {
	At time.Time
	// State is what the delivery is then. Where it waits, NextAt is when it is tried again.
	State   DeliveryState
	NextAt  time.Time
	Trouble string
	// Uncounted is set where the channel was not even asked, as in quiet hours.
	Uncounted bool
}

// DeliveryQuery asks for deliveries. Zero fields ask for all.
type DeliveryQuery struct {
	Channel string
	// Event is the id of an event, or a prefix of it.
	Event  string
	States []DeliveryState
	// Limit is the most that is returned; 0 for no limit. Retry and Drop know no limit.
	Limit int
}

// Backlog is what has not arrived on a channel.
type Backlog struct {
	Channel       string
	Waiting, Dead int64
	// Oldest is the time of the earliest event that waits, zero for none.
	Oldest time.Time
	// Trouble is why the latest try of these failed, "" where none was tried.
	Trouble string
}

// FurthestTry is further ahead than any NextAt is set: one that is beyond it was set by a clock that was wrong, and is
// due.
const FurthestTry = 48 * time.Hour

// IsDue tells whether a delivery that waits is to be tried.
func (d Delivery) IsDue(now time.Time) bool {
	return !d.NextAt.After(now) || d.NextAt.After(now.Add(FurthestTry))
}
