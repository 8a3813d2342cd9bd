package pool

import (
	"slices"
	"time"
)

// Message is one answer of the API, as a transcript tells it.
type Message struct {
	// ID is the API's own, so copies of a message in other conversations are known as such.
	ID           string
	At           time.Time
	Conversation string
	Model        string
	// Project is the directory that the CLI worked in.
	Project string
	Tokens  Tokens
	// Cost is an estimate at list price, and only meaningful where CostSource is not CostUnknown.
	Cost       NanoUSD
	CostSource CostSource
}

// Bounded returns the message as stores book it; see Entry.Bounded.
func (m Message) Bounded() Message {
	e := Entry{Tokens: m.Tokens, Cost: m.Cost}.Bounded()
	m.Tokens, m.Cost = e.Tokens, e.Cost
	return m
}

// Stated is what the CLI wrote into a transcript that a run used on a conversation with a model.
type Stated struct {
	At           time.Time
	Conversation string
	Model        string
	Project      string
	Tokens       Tokens
	Cost         NanoUSD
	// First is set for the first figures of a transcript: those of a fork hold its parent's too.
	First bool
}

// Checkpoint is how far a transcript has been read.
type Checkpoint struct {
	Path string
	// Identity tells this file from another one at the same path.
	Identity string
	// Offset is how many bytes have been read, up to the end of a line.
	Offset int64
	// Figures is what the reader needs to go on from there, in a form of its own.
	Figures string
}

// Transcript is what was newly read of a transcript.
type Transcript struct {
	// Before is how far it had been read, and Checkpoint how far it is now. A store books it only if
	// Before is still what it knows: else another process was first, and nothing is booked.
	Before, Checkpoint Checkpoint
	// Owner names the subscription that all use of this file is of, where no session is known to have
	// been on the conversation; "" where several share the directory.
	Owner    string
	Messages []Message
	Stated   []Stated
	// Signals are in the order of their times.
	Signals []Signal
	// ReadAt is when it was read: no event tells of what is long over.
	ReadAt time.Time
}

// Signal is what a transcript tells of the subscription that a conversation was on at a time: a limit that
// was met, or what the API said of the login.
type Signal struct {
	At           time.Time
	Conversation string
	Windows      []Window
	// Met is the window whose limit was met, "" where none was.
	Met     WindowKind
	Outcome Outcome
}

// Latest is the latest time in what was newly read, as entries can have it; that of 1970 for none.
func (t Transcript) Latest() time.Time {
	latest := earliest
	for _, m := range t.Messages {
		latest = later(latest, Entry{At: m.At}.Bounded().At)
	}
	for _, s := range t.Stated {
		latest = later(latest, Entry{At: s.At}.Bounded().At)
	}
	return latest
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// Visit is the stay of a session on a conversation.
type Visit struct {
	// Session is the store's number of the session.
	Session        int64
	SubscriptionID int64
	Since          time.Time
	// FromStart is set where the stay began with the session, so that it can't have begun earlier.
	FromStart bool
	// Until is zero while the session is there.
	Until time.Time
}

// visitSlack is how far a message may lie outside of the stay that it belongs to: that a session came to
// a conversation, or is gone, may be noticed late. No message is earlier than its session.
const visitSlack = 2 * time.Second

// Attribute returns the visit that a message of a moment belongs to: the earliest of those that cover it
// or, where none does, come close. Where these are of different subscriptions nobody can tell, and it
// returns false.
func Attribute(visits []Visit, at time.Time) (Visit, bool) {
	for _, slack := range []time.Duration{0, visitSlack} {
		var found []Visit
		for _, v := range visits {
			if v.covers(at, slack) {
				found = append(found, v)
			}
		}
		if len(found) == 0 {
			continue
		}
		first := slices.MinFunc(found, func(a, b Visit) int { return a.Since.Compare(b.Since) })
		same := func(v Visit) bool { return v.SubscriptionID == first.SubscriptionID }
		return first, !slices.ContainsFunc(found, func(v Visit) bool { return !same(v) })
	}
	return Visit{}, false
}

// Covers tells whether the visit was there at a moment, by the times as they were taken.
func (v Visit) Covers(at time.Time) bool { return v.covers(at, 0) }

func (v Visit) covers(at time.Time, slack time.Duration) bool {
	since := v.Since
	if !v.FromStart {
		since = since.Add(-slack)
	}
	return !at.Before(since) && (v.Until.IsZero() || !at.After(v.Until.Add(slack)))
}

// ClusterOf returns the sessions of a subscription that were on a conversation at once with the given
// one, or with one that was, and so on, the earliest first: the session itself where it was there alone.
// The visits are those of the conversation, the earliest first.
func ClusterOf(visits []Visit, session int64) []int64 {
	at := slices.IndexFunc(visits, func(v Visit) bool { return v.Session == session })
	if at < 0 {
		return []int64{session}
	}
	var cluster []int64
	var until time.Time
	open, found := false, false
	for _, v := range visits {
		if v.SubscriptionID != visits[at].SubscriptionID {
			continue
		}
		if len(cluster) > 0 && !open && !v.Since.Before(until) { // all before it had left
			if found {
				break
			}
			cluster, until = nil, time.Time{}
		}
		cluster = append(cluster, v.Session)
		found = found || v.Session == session
		open = open || v.Until.IsZero()
		if v.Until.After(until) {
			until = v.Until
		}
	}
	return cluster
}
