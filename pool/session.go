package pool

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"time"
)

// Session is one run of the CLI on one subscription, from launch to exit: the lease that the pool
// hands out.
type Session struct {
	// ID is unique for good; see NewSessionID.
	ID string
	// SubscriptionID is 0, and Subscription "", for a run that could not be attributed.
	SubscriptionID int64
	Subscription   string
	// Conversation is the CLI's own session id, "" until it is known.
	Conversation string
	// Process is the wrapper's process: the session is dead when that is.
	Process Process
	// CWD is the directory that the CLI was started in; the ledger calls it the project.
	CWD         string
	StartedAt   time.Time
	HeartbeatAt time.Time
	// ActiveAt is when something was last heard of it beside its heartbeat.
	ActiveAt time.Time
	// Said is what the CLI last said of itself: StateRunning or StateIdle, "" where it said nothing.
	Said SessionState
	// EndedAt is zero while the session runs.
	EndedAt time.Time
	// Follows is the session that this one goes on for, because that met a limit; "" where there is none.
	Follows string
	// Met is the window whose limit the session met last, "" where it met none.
	Met WindowKind
	// End says how the session ended; its Reason is "" while it runs.
	End End
}

// NewSession is what Acquire inserts for a request that got sub.
func NewSession(req Request, sub Subscription, now time.Time) Session {
	now = Moment(now)
	return Session{
		ID: NewSessionID(), SubscriptionID: sub.ID, Subscription: sub.Name,
		Conversation: req.Conversation, Process: req.Process, CWD: req.CWD,
		StartedAt: now, HeartbeatAt: now, ActiveAt: now, Follows: req.Follows,
	}
}

// LastConversation is the conversation that a session was on at the end of what was observed in it.
func LastConversation(s Session, observed []Observation) string {
	last := s.Conversation
	for _, o := range observed {
		last = cmp.Or(o.Conversation, last)
	}
	return last
}

// Moment returns t as stores keep it: in UTC, in whole milliseconds.
func Moment(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return time.UnixMilli(t.UnixMilli()).UTC()
}

// Running tells whether the session still holds its place.
func (s Session) Running() bool { return s.EndedAt.IsZero() }

// EndReason says what ended a session.
type EndReason string

const (
	// EndedByExit: the CLI ended and the wrapper gave the session back.
	EndedByExit EndReason = "exit"
	// EndedByHand: a person released the session.
	EndedByHand EndReason = "released"
	// EndedOutside: it was no session of the pool's, but stands for the use of a conversation outside.
	EndedOutside EndReason = "outside"
	// EndedByReclaim: the wrapper was gone without having released it.
	EndedByReclaim EndReason = "reclaimed"
)

// End is how a session ended.
type End struct {
	Reason EndReason `json:"reason"`
	// Code is the CLI's exit status, 0 to 255; nil where none is known.
	Code *int `json:"code"`
	// Signal is the name of the signal that killed the CLI, as in "SIGTERM"; "" where none did.
	Signal string `json:"signal"`
}

// Process identifies a process beyond the reuse of its pid.
type Process struct {
	// Host names the machine; processes of another host can't be looked at.
	Host string `json:"host"`
	// BootID changes at every start of the machine.
	BootID string `json:"boot_id"`
	// PIDNamespace names the namespace that PID counts in; "" where there are none.
	PIDNamespace string `json:"pid_namespace"`
	PID          int    `json:"pid"`
	// StartTime is when the process started, in the unit of the system (Linux: clock ticks since boot).
	StartTime int64 `json:"start_time"`
}

// Liveness is what looking at a process found.
type Liveness int

const (
	// Unseen: the process can't be looked at from here, so its heartbeat decides.
	Unseen Liveness = iota
	Alive
	Dead
)

// Probe looks at a process.
type Probe func(Process) Liveness

// HeartbeatEvery is how often a running wrapper says that it lives, and HeartbeatTimeout after how
// long without that an unseen process counts as dead.
const (
	HeartbeatEvery   = 30 * time.Second
	HeartbeatTimeout = 5 * time.Minute
)

// IsDead tells whether a running session's process is gone, as far as that can be known at now.
func (s Session) IsDead(probe Probe, now time.Time) bool {
	switch probe(s.Process) {
	case Alive:
		return false
	case Dead:
		return true
	default:
		return now.Sub(s.HeartbeatAt) > HeartbeatTimeout
	}
}

// NewSessionID returns a random id of 16 hexadecimal digits.
func NewSessionID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand crashes the program instead
	return hex.EncodeToString(b[:])
}
