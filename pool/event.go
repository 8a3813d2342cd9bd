package pool

import (
	"cmp"
	"time"
)

// EventKind says what an event tells of.
type EventKind string

const (
	// EventThreshold: so much of a window or budget is used.
	EventThreshold EventKind = "threshold"
	// EventLimit: a window is full, and keeps its subscription closed.
	EventLimit EventKind = "limit"
	// EventFailover: a run that met a limit went on with another subscription.
	EventFailover EventKind = "failover"
	// EventExhausted: a run found no subscription that may be picked.
	EventExhausted EventKind = "exhausted"
	// EventRecovered: what was exhausted has room again.
	EventRecovered EventKind = "recovered"
	// EventOverage: a subscription is in paid use beyond its plan.
	EventOverage EventKind = "overage"
	// EventSignedOut: a login does not work any more.
	EventSignedOut EventKind = "signed-out"
	// EventLoginExpiring: a login is going to end soon.
	EventLoginExpiring EventKind = "login-expiring"
	// EventReclaimed: a session was ended because its process was gone.
	EventReclaimed EventKind = "reclaimed"
	// EventRebalanced: a conversation was moved to another subscription.
	EventRebalanced EventKind = "rebalanced"
	// EventStoreTrouble: the store could not be used, or is damaged.
	EventStoreTrouble EventKind = "store-trouble"

	// EventTest is made up to try a channel: no store has one.
	EventTest EventKind = "test"
)

// EventKinds are all that a store may have, in the order of the documents.
var EventKinds = []EventKind{
	EventThreshold, EventLimit, EventFailover, EventExhausted, EventRecovered, EventOverage, EventSignedOut,
	EventLoginExpiring, EventReclaimed, EventRebalanced, EventStoreTrouble,
}

// Level says how much an event matters.
type Level string

const (
	LevelInfo    Level = "info"
	LevelWarning Level = "warning"
	LevelError   Level = "error"
)

// Levels are all of them, the least first.
var Levels = []Level{LevelInfo, LevelWarning, LevelError}

var levelOf = map[EventKind]Level{
	EventThreshold: LevelWarning, EventLimit: LevelWarning, EventFailover: LevelWarning, EventExhausted: LevelError,
	EventRecovered: LevelInfo, EventOverage: LevelWarning, EventSignedOut: LevelError,
	EventLoginExpiring: LevelWarning, EventReclaimed: LevelInfo, EventRebalanced: LevelInfo, EventStoreTrouble: LevelError,
	EventTest: LevelInfo,
}

// EventVersion is that of the payload; see docs/events.md. It changes when a field changes its meaning.
const EventVersion = 1

// Event is something that happened to the pool, as stores keep it and channels deliver it: its JSON is the
// payload. A store writes it in the transaction that causes it.
type Event struct {
	// Number is the store's: events are in the order of their numbers.
	Number  int64 `json:"-"`
	Version int   `json:"version"`
	// ID is unique for good. Who hears of one event twice knows it by this.
	ID    string    `json:"id"`
	Kind  EventKind `json:"event"`
	Level Level     `json:"level"`
	At    time.Time `json:"at"`
	// Subscription is its name then, "" where the event is of the whole pool.
	Subscription   string `json:"subscription,omitempty"`
	SubscriptionID int64  `json:"-"`
	// Tags are those of the subscription then.
	Tags []string `json:"tags"`
	// Text is the event in one sentence.
	Text string `json:"text"`
	EventDetails
	// Cause names what the event is of. A store keeps one event of a cause.
	Cause string `json:"-"`
}

// EventDetails are what only some kinds have; docs/events.md says which.
type EventDetails struct {
	// Window is a window's kind, or "budget".
	Window WindowKind `json:"window,omitempty"`
	// Threshold is the share that was passed, and Used the one that was seen: 0 to 1, and beyond for a budget.
	Threshold float64  `json:"threshold,omitempty"`
	Used      *float64 `json:"used,omitempty"`
	// ResetsAt is when the window starts anew.
	ResetsAt time.Time `json:"resets_at,omitzero"`
	// FreeAt is when room is known to come.
	FreeAt time.Time `json:"free_at,omitzero"`
	// Since is when what the event tells of began, or what it ends.
	Since time.Time `json:"since,omitzero"`
	// ExpiresAt is when the login ends.
	ExpiresAt    time.Time `json:"expires_at,omitzero"`
	Session      string    `json:"session,omitempty"`
	Conversation string    `json:"conversation,omitempty"`
	Project      string    `json:"project,omitempty"`
	From         string    `json:"from,omitempty"`
	To           string    `json:"to,omitempty"`
	// Names and RequestedTags are what a run asked for.
	Names         []string `json:"names,omitempty"`
	RequestedTags []string `json:"requested_tags,omitempty"`
	// Reason says more in words.
	Reason string `json:"reason,omitempty"`
}

// newEvent makes an event. s is the zero Subscription where it is of the whole pool.
func newEvent(kind EventKind, s Subscription, at time.Time, cause, text string, details EventDetails) Event {
	return Event{
		Version: EventVersion, ID: NewSessionID(), Kind: kind, Level: levelOf[kind], At: Moment(at),
		Subscription: s.Name, SubscriptionID: s.ID, Tags: append([]string{}, s.Tags...), Text: text,
		EventDetails: details, Cause: string(kind) + "/" + cause,
	}
}

// AtLeast tells whether the level matters as much as another.
func (l Level) AtLeast(other Level) bool { return cmp.Compare(rank(l), rank(other)) >= 0 }

func rank(l Level) int {
	for i, level := range Levels {
		if l == level {
			return i
		}
	}
	return 0
}
