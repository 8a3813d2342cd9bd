package pool

import (
	"context"
	"fmt"
	"time"
)

// Conversation is what the pool knows of one. It keeps an affinity to a subscription, which a run that resumes it
// prefers: the one that it was last on, or was moved to.
type Conversation struct {
	ID           string
	Subscription string
	// Project is the directory that it was last on in.
	Project string
	// ActiveAt is when it was last heard of.
	ActiveAt time.Time
}

// Conversations keeps the affinities.
type Conversations interface {
	// Conversations returns those of a subscription, of which no session runs, that were heard of since Since and
	// not after Until, the latest first.
	Conversations(ctx context.Context, q ConversationQuery) ([]Conversation, error)
	// MoveConversation gives a conversation another subscription, with its event, in one transaction. It tells
	// false, and changes nothing, where the conversation is not of From any more, a session runs on it, or it was
	// heard of after the time that the move was planned for. Errors: ErrNotFound for the subscriptions.
	MoveConversation(ctx context.Context, m Move, now time.Time) (moved bool, err error)
}

// ConversationQuery asks for conversations that are idle.
type ConversationQuery struct {
	Subscription string
	Since, Until time.Time
	// Limit is the most that is returned; 0 for no limit.
	Limit int
}

// Move is the change of a conversation's affinity.
type Move struct {
	Conversation Conversation
	From, To     string
	// Reason says by how much the one is used more than the other.
	Reason string
}

// RebalancedEvent is that of a move.
func RebalancedEvent(m Move, to Subscription, now time.Time) Event {
	return newEvent(EventRebalanced, to, now, fmt.Sprintf("%s/%d", m.Conversation.ID, now.UnixMilli()),
		"a conversation was moved from "+m.From+" to "+m.To+": "+m.Reason,
		EventDetails{Conversation: m.Conversation.ID, Project: m.Conversation.Project, From: m.From, To: m.To, Reason: m.Reason})
}
