package pgstore

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"

	"claudepool/pool"
)

// Restore implements pool.Store.
func (s *Store) Restore(ctx context.Context, session pool.Session, observed []pool.Observation) error {
	return s.write(ctx, "restore session "+session.ID, func(tx pgx.Tx) error {
		a, err := takeIn(ctx, tx, session)
		if err != nil {
			return err
		}
		// A conversation that is known may be a later one than what is restored.
		if last := pool.LastConversation(session, observed); a.conversation == "" && last != "" {
			if err := setConversation(ctx, tx, a, last); err != nil {
				return err
			}
		}
		first := pool.Observation{At: session.StartedAt, Conversation: session.Conversation}
		if a.conversation != "" {
			first.Conversation = "" // the stay is known
		}
		l := newLedger(s.teller(tx, session.StartedAt))
		l.late = true
		if err := l.visitAll(ctx, a, append([]pool.Observation{first}, observed...)); err != nil {
			return err
		}
		for _, o := range observed {
			if _, err := hearFrom(ctx, tx, session.ID, o); err != nil {
				return err
			}
			if l.now = o.At; o.At.IsZero() {
				l.now = session.StartedAt
			}
			if err := l.book(ctx, a, o); err != nil {
				return err
			}
		}
		return l.finish(ctx)
	})
}

// visitAll notes the stays of a session that was taken in late.
func (l *ledger) visitAll(ctx context.Context, a account, observed []pool.Observation) error {
	for _, o := range observed {
		if o.Conversation == "" {
			continue
		}
		if err := visit(ctx, l.tx, a.number, o.Conversation, o.At); err != nil {
			return err
		}
	}
	for _, o := range observed {
		if o.Conversation == "" {
			continue
		}
		if err := l.revisit(ctx, o.Conversation); err != nil {
			return err
		}
	}
	return nil
}

// takeIn inserts the session unless it is known, and ends it if it has ended.
func takeIn(ctx context.Context, tx pgx.Tx, session pool.Session) (account, error) {
	id, err := subscriptionID(ctx, tx, session.Subscription)
	if err != nil && !errors.Is(err, pool.ErrNotFound) {
		return account{}, err
	}
	session.SubscriptionID, session.Conversation = id, ""
	if err := lockLaunches(ctx, tx); err != nil { // it notes a start
		return account{}, err
	}
	if err := insertSession(ctx, tx, session); err != nil {
		return account{}, err
	}
	a, err := accountOf(ctx, tx, session.ID)
	if err != nil {
		return account{}, err
	}
	if !session.Running() {
		if err := endSession(ctx, tx, a.number, session.End, session.EndedAt); err != nil {
			return account{}, err
		}
	}
	return a, nil
}
