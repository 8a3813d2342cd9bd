package pool

import (
	"fmt"
	"time"
)

// Record is a piece of a ledger, complete enough that nothing is booked twice when the transcripts are read again.
// Exactly one of its fields is set. Records come in the order of the fields, and those of one kind in the order
// that is said at each, texts by their bytes. They refer to what came before only. Times are as Moment has them.
type Record struct {
	Horizon    *HorizonRecord    `json:"horizon,omitempty"`
	Reset      *ResetRecord      `json:"reset,omitempty"`
	Pruned     *PrunedRecord     `json:"pruned,omitempty"`
	Session    *SessionRecord    `json:"session,omitempty"`
	Visit      *VisitRecord      `json:"visit,omitempty"`
	Affinity   *AffinityRecord   `json:"affinity,omitempty"`
	Entry      *EntryRecord      `json:"entry,omitempty"`
	Tally      *TallyRecord      `json:"tally,omitempty"`
	Fork       *ForkRecord       `json:"fork,omitempty"`
	Checkpoint *CheckpointRecord `json:"checkpoint,omitempty"`
}

// Member names a subscription. Its settings are no part of the ledger.
type Member struct {
	// Name is "" for what could not be attributed.
	Name string `json:"subscription,omitempty"`
	// Removed is 0 for one that is in the pool, else its number among the removed ones of that name, from 1 on.
	Removed int `json:"removed,omitempty"`
	// Tags are those of a removed one: nothing else tells them any more.
	Tags []string `json:"tags,omitempty"`
}

// HorizonRecord is the time before which detail has been pruned. There is one, or none where nothing was.
type HorizonRecord struct {
	Before time.Time `json:"before"`
}

// ResetRecord is when a five-hour window reset that was observed; see ResetTime. By name, number and time.
type ResetRecord struct {
	Member
	At time.Time `json:"at"`
}

// PrunedRecord is what Prune made of entries, for the quarter hour that begins At. By time, name, number, model
// and project.
type PrunedRecord struct {
	At time.Time `json:"at"`
	Member
	Model   string `json:"model"`
	Project string `json:"project"`
	Usage   Usage  `json:"usage"`
}

// SessionRecord is a session. By number.
type SessionRecord struct {
	// Number is the store's. Other records refer to it, and ids of entries may hold it.
	Number int64 `json:"number"`
	// ID is "" for use outside: that is OutsideID, which each store has its own of.
	ID string `json:"id,omitempty"`
	Member
	Conversation string       `json:"conversation,omitempty"`
	Process      Process      `json:"process,omitzero"`
	CWD          string       `json:"cwd,omitempty"`
	StartedAt    time.Time    `json:"started_at"`
	HeartbeatAt  time.Time    `json:"heartbeat_at"`
	ActiveAt     time.Time    `json:"active_at"`
	Said         SessionState `json:"said,omitempty"`
	EndedAt      time.Time    `json:"ended_at,omitzero"`
	Follows      string       `json:"follows,omitempty"`
	Met          WindowKind   `json:"met,omitempty"`
	End          End          `json:"end,omitzero"`
}

// VisitRecord is the stay of a session on a conversation. By conversation and session.
type VisitRecord struct {
	Conversation string    `json:"conversation"`
	Session      int64     `json:"session"`
	Since        time.Time `json:"since"`
	// Until is zero where the stay ends with the session.
	Until time.Time `json:"until,omitzero"`
}

// AffinityRecord is the subscription that a conversation goes on with. By conversation.
type AffinityRecord struct {
	Conversation string `json:"conversation"`
	Member
	// Project is the directory that it was last on in.
	Project string `json:"project,omitempty"`
	// ActiveAt is when it was last heard of.
	ActiveAt time.Time `json:"active_at"`
	// MovedAt is when a move gave it the subscription, zero where a session did. Only what is later takes it elsewhere.
	MovedAt time.Time `json:"moved_at,omitzero"`
}

// EntryRecord is an entry, in the order in which they were booked.
type EntryRecord struct {
	ID      string `json:"id"`
	Session int64  `json:"session"`
	// Told is set for what the CLI told, in contrast to a message of a transcript.
	Told         bool      `json:"told,omitempty"`
	At           time.Time `json:"at"`
	Conversation string    `json:"conversation"`
	Model        string    `json:"model"`
	Usage        Usage     `json:"usage"`
}

// TallyRecord is the two sides of a session on a conversation with a model. By session, conversation and model.
type TallyRecord struct {
	Session      int64  `json:"session"`
	Conversation string `json:"conversation"`
	Model        string `json:"model"`
	Tally
	// Latest is the time of the latest entry or figure that changed it.
	Latest time.Time `json:"latest"`
}

// ForkRecord is a conversation whose transcript holds messages of another one. By conversation and path.
type ForkRecord struct {
	Conversation string `json:"conversation"`
	// Path is that of the transcript, "" where it is not known.
	Path string `json:"path,omitempty"`
}

// CheckpointRecord is how far a transcript has been read. By path.
type CheckpointRecord struct {
	Path     string `json:"path"`
	Identity string `json:"identity"`
	Offset   int64  `json:"offset"`
	Figures  string `json:"figures,omitempty"`
	// Latest is the latest time that was read of it.
	Latest time.Time `json:"latest"`
}

// OutsideID is the id of the session that stands for all use of a conversation outside of any session; the
// subscription is 0 where it could not be attributed.
func OutsideID(subscriptionID int64, conversation string) string {
	return fmt.Sprintf("outside-%d-%s", subscriptionID, conversation)
}

// RecordOf is the record of a session.
func RecordOf(s Session, number int64, m Member) *SessionRecord {
	r := &SessionRecord{
		Number: number, ID: s.ID, Member: m, Conversation: s.Conversation, Process: s.Process, CWD: s.CWD,
		StartedAt: s.StartedAt, HeartbeatAt: s.HeartbeatAt, ActiveAt: s.ActiveAt, Said: s.Said,
		EndedAt: s.EndedAt, Follows: s.Follows, Met: s.Met, End: s.End,
	}
	if s.ID == OutsideID(s.SubscriptionID, s.Conversation) {
		r.ID = ""
	}
	return r
}

// SessionOf is the session of a record, on a subscription that has an id of the store's.
func (r *SessionRecord) SessionOf(subscriptionID int64) Session {
	s := Session{
		ID: r.ID, SubscriptionID: subscriptionID, Subscription: r.Name, Conversation: r.Conversation, Process: r.Process, CWD: r.CWD,
		StartedAt: r.StartedAt, HeartbeatAt: r.HeartbeatAt, ActiveAt: r.ActiveAt, Said: r.Said,
		EndedAt: r.EndedAt, Follows: r.Follows, Met: r.Met, End: r.End,
	}
	if s.ID == "" {
		s.ID = OutsideID(subscriptionID, r.Conversation)
	}
	return s
}

// Of returns the subscription of a record, and false for one that names none.
func (r Record) Of() (Member, bool) {
	switch {
	case r.Reset != nil:
		return r.Reset.Member, true
	case r.Pruned != nil:
		return r.Pruned.Member, true
	case r.Session != nil:
		return r.Session.Member, true
	case r.Affinity != nil:
		return r.Affinity.Member, true
	}
	return Member{}, false
}
