package pgstore

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

// outsider is a session that stands for all use of a conversation outside of any session.
type outsider struct {
	account
	first, last int64
}

// outside returns the session that stands for all use of a conversation outside of any session: of the
// subscription that owns the transcript, or of nobody known.
func (b *transcriptBooking) outside(ctx context.Context, conversation, project string, at int64) (account, error) {
	if o := b.outsiders[conversation]; o != nil {
		o.first, o.last = min(o.first, at), max(o.last, at)
		return o.account, nil
	}
	session := pool.Session{
		ID: pool.OutsideID(b.owner, conversation), SubscriptionID: b.owner, Conversation: conversation, CWD: project,
		StartedAt: moment(pgtype.Int8{Int64: at, Valid: true}), End: pool.End{Reason: pool.EndedOutside},
	}
	session.HeartbeatAt, session.EndedAt = session.StartedAt, session.StartedAt
	if err := insertSession(ctx, b.tx, session); err != nil {
		return account{}, err
	}
	a, err := accountOf(ctx, b.tx, session.ID)
	b.outsiders[conversation] = &outsider{a, at, at}
	return a, err
}

// stretchOutsiders makes the sessions of use outside last from its first message to its last.
func (b *transcriptBooking) stretchOutsiders(ctx context.Context) error {
	for _, o := range b.outsiders {
		_, err := b.tx.Exec(ctx, `
			UPDATE sessions SET started_at = least(started_at, $1), ended_at = greatest(ended_at, $2) WHERE number = $3`,
			o.first, o.last, o.number)
		if err != nil {
			return err
		}
	}
	return nil
}

// revisit books anew what a visit that was heard of late changes: messages that were taken for use
// outside, and which sessions were there at once.
func (l *ledger) revisit(ctx context.Context, conversation string) error {
	visits, err := l.visitsOf(ctx, conversation)
	if err != nil {
		return err
	}
	messages, err := l.messagesOutside(ctx, conversation)
	if err != nil {
		return err
	}
	// The messages of each key by the session to which they go, 0 for those that stay.
	moves := map[settleKey]map[int64][]*bookedMessage{}
	for _, m := range messages {
		visit, _ := pool.Attribute(visits, m.moment())
		if moves[m.key()] == nil {
			moves[m.key()] = map[int64][]*bookedMessage{}
		}
		moves[m.key()][visit.Session] = append(moves[m.key()][visit.Session], m)
	}
	for key, bySession := range moves {
		if err := l.moveAll(ctx, key, bySession); err != nil {
			return err
		}
	}
	for _, v := range visits {
		if err := l.unsettle(ctx, v, conversation); err != nil {
			return err
		}
	}
	// What was taken for a copy may be the session's own: that is seen when it is read again.
	_, err = l.tx.Exec(ctx, `
		UPDATE checkpoints SET identity = '', "offset" = 0
		WHERE path IN (SELECT path FROM forks WHERE conversation = $1)`, conversation)
	return err
}

// moveAll books messages to sessions of the same conversation. Where they all go to one, what the CLI
// stated goes with them.
func (l *ledger) moveAll(ctx context.Context, key settleKey, bySession map[int64][]*bookedMessage) error {
	for session, messages := range bySession {
		if session == 0 {
			continue
		}
		if len(bySession) == 1 {
			stated, err := l.stated(ctx, key)
			if err != nil {
				return err
			}
			at := messages[0].at
			l.tally(key, sideStated, pool.Usage{}.Minus(stated), at)
			l.tally(settleKey{session, key.conversation, key.model}, sideStated, stated, at)
		}
		for _, m := range messages {
			if err := l.move(ctx, m, session, key.conversation); err != nil {
				return err
			}
		}
	}
	return nil
}

// unsettle has all that is known of a visit settled again.
func (l *ledger) unsettle(ctx context.Context, v pool.Visit, conversation string) error {
	return each(ctx, l.tx, func(rows pgx.Rows) error {
		var model string
		err := rows.Scan(&model)
		key := keyOf(v.Session, conversation, model)
		l.unsettled[key] = max(l.unsettled[key], v.Since.UnixMilli())
		return err
	}, `SELECT DISTINCT model FROM tallies WHERE session = $1 AND conversation = $2`, v.Session, conversation)
}

// messagesOutside returns the messages of a conversation that were booked to no session of the pool's.
func (l *ledger) messagesOutside(ctx context.Context, conversation string) ([]*bookedMessage, error) {
	spans := map[int64][2]int64{} // most often there is none
	err := each(ctx, l.tx, func(rows pgx.Rows) error {
		var number, first, last int64
		err := rows.Scan(&number, &first, &last)
		spans[number] = [2]int64{first, last}
		return err
	}, `
		SELECT number, started_at, ended_at FROM sessions
		WHERE conversation = $1 AND conversation <> '' AND end_reason = 'outside'`, conversation)
	var messages []*bookedMessage
	for number, span := range spans {
		if err != nil {
			break
		}
		err = each(ctx, l.tx, func(rows pgx.Rows) error {
			var m bookedMessage
			err := m.scan(rows)
			messages = append(messages, &m)
			return err
		}, messageColumns+` WHERE at BETWEEN $1 AND $2 AND session = $3 AND source = 'message'`, span[0], span[1], number)
	}
	return messages, err
}
