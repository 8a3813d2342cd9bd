package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"claudepool/pool"
)

// account is the session that something is booked to.
type account struct {
	number         int64
	subscriptionID int64 // 0 where it could not be attributed
	conversation   string
	cwd            string
}

// Observe implements pool.Store.
func (s *Store) Observe(ctx context.Context, sessionID string, o pool.Observation) error {
	return s.write(ctx, "book to session "+sessionID, func(tx pgx.Tx) error {
		a, err := hearFrom(ctx, tx, sessionID, o)
		if err != nil {
			return err
		}
		l := newLedger(s.teller(tx, o.At))
		if o.Conversation != "" && o.Conversation != a.conversation {
			if err := setConversation(ctx, tx, a, o.Conversation); err != nil {
				return err
			}
			if err := visit(ctx, tx, a.number, o.Conversation, o.At); err != nil {
				return err
			}
			if err := l.revisit(ctx, o.Conversation); err != nil {
				return err
			}
		}
		if err := l.book(ctx, a, o); err != nil {
			return err
		}
		return l.finish(ctx)
	})
}

func accountOf(ctx context.Context, tx pgx.Tx, sessionID string) (account, error) {
	return scanAccount(tx.QueryRow(ctx, `
		SELECT number, coalesce(subscription_id, 0), conversation, cwd FROM sessions WHERE id = $1`, sessionID))
}

// hearFrom notes when a session was heard from, and what the CLI said of itself, and returns the session.
func hearFrom(ctx context.Context, tx pgx.Tx, sessionID string, o pool.Observation) (account, error) {
	return scanAccount(tx.QueryRow(ctx, `
		UPDATE sessions SET active_at = greatest(active_at, $1), said = CASE WHEN $2 <> '' AND $1 >= active_at THEN $2 ELSE said END
		WHERE id = $3
		RETURNING number, coalesce(subscription_id, 0), conversation, cwd`, o.At.UnixMilli(), o.State, sessionID))
}

func scanAccount(row pgx.Row) (a account, err error) {
	err = row.Scan(&a.number, &a.subscriptionID, &a.conversation, &a.cwd)
	if errors.Is(err, pgx.ErrNoRows) {
		return a, pool.ErrNotFound
	}
	return a, err
}

// setConversation notes the conversation that a session was on last.
func setConversation(ctx context.Context, tx pgx.Tx, a account, conversation string) error {
	_, err := tx.Exec(ctx, `UPDATE sessions SET conversation = $1 WHERE number = $2`, conversation, a.number)
	return err
}

// visit begins the stay of a session on a conversation and ends its stay on any other. Its first stay
// begins with the session, however late it is heard of.
func visit(ctx context.Context, tx pgx.Tx, session int64, conversation string, at time.Time) error {
	_, err := tx.Exec(ctx, `
		UPDATE visits SET until = greatest($1, since) WHERE session = $2 AND until IS NULL AND conversation <> $3`,
		at.UnixMilli(), session, conversation)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO visits (conversation, session, since)
		SELECT $3, $2, CASE WHEN EXISTS (SELECT 1 FROM visits WHERE session = $2) THEN greatest($1, (SELECT started_at FROM sessions WHERE number = $2))
			ELSE (SELECT started_at FROM sessions WHERE number = $2) END
		ON CONFLICT (conversation, session) DO UPDATE SET until = NULL`,
		at.UnixMilli(), session, conversation)
	if err != nil {
		return err
	}
	return hearOf(ctx, tx, conversation, session, at)
}

// book writes the entries and windows of an observation.
func (l *ledger) book(ctx context.Context, a account, o pool.Observation) error {
	for _, e := range o.Entries {
		if err := l.bookPrinted(ctx, a, e.Bounded()); err != nil {
			return err
		}
	}
	return l.signal(ctx, a.number, a.subscriptionID, pool.Signal{At: o.At, Windows: o.Windows, Met: o.Met, Outcome: o.Outcome})
}
