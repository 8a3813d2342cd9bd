package pgstore

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"
)

// stay is a session on a conversation.
type stay struct {
	conversation string
	session      int64
}

// hear takes a new message of a conversation in a session.
func (b *transcriptBooking) hear(conversation string, session int64, at time.Time) {
	on := stay{conversation, session}
	if known, ok := b.heard[on]; !ok || at.After(known) {
		b.heard[on] = at
	}
}

// noteHeard notes when something was last heard of the conversations and the running sessions that messages were
// read of, the earliest first.
func (b *transcriptBooking) noteHeard(ctx context.Context) error {
	stays := slices.SortedFunc(maps.Keys(b.heard), func(x, y stay) int {
		return cmp.Or(b.heard[x].Compare(b.heard[y]), cmp.Compare(x.session, y.session))
	})
	for _, on := range stays {
		at := b.heard[on]
		_, err := b.tx.Exec(ctx, `
			UPDATE sessions SET active_at = $1 WHERE number = $2 AND ended_at IS NULL AND active_at < $1`, at.UnixMilli(), on.session)
		if err != nil {
			return err
		}
		if on.conversation == "" {
			continue
		}
		if err := hearOf(ctx, b.tx, on.conversation, on.session, at); err != nil {
			return err
		}
	}
	return nil
}
