package pgstore

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

// Conversations implements pool.Store.
func (s *Store) Conversations(ctx context.Context, q pool.ConversationQuery) (found []pool.Conversation, err error) {
	err = each(ctx, s.db, func(rows pgx.Rows) error {
		c := pool.Conversation{Subscription: q.Subscription}
		var active pgtype.Int8
		err := rows.Scan(&c.ID, &c.Project, &active)
		c.ActiveAt = moment(active)
		found = append(found, c)
		return err
	}, `
		SELECT id, project, active_at FROM conversations
		WHERE subscription_id = (SELECT id FROM subscriptions WHERE name = $1 AND removed_at IS NULL)
			AND active_at BETWEEN $2 AND $3
			AND NOT EXISTS (
				SELECT 1 FROM sessions
				WHERE sessions.conversation = conversations.id AND sessions.conversation <> '' AND ended_at IS NULL)
		ORDER BY active_at DESC, id DESC
		LIMIT $4`, q.Subscription, q.Since.UnixMilli(), q.Until.UnixMilli(), atMost(q.Limit))
	return found, translate("list conversations", err)
}

// MoveConversation implements pool.Store.
func (s *Store) MoveConversation(ctx context.Context, m pool.Move, now time.Time) (moved bool, err error) {
	err = s.write(ctx, "move conversation "+m.Conversation.ID, func(tx pgx.Tx) error {
		from, err := subscriptionID(ctx, tx, m.From)
		if err != nil {
			return err
		}
		to, err := subscriptionNamed(ctx, tx, m.To)
		if err != nil {
			return err
		}
		result, err := tx.Exec(ctx, `
			UPDATE conversations SET subscription_id = $1, moved_at = $2
			WHERE id = $3 AND subscription_id = $4 AND active_at <= $5
				AND NOT EXISTS (
					SELECT 1 FROM sessions WHERE conversation = $3 AND conversation <> '' AND ended_at IS NULL)`,
			to.ID, now.UnixMilli(), m.Conversation.ID, from, m.Conversation.ActiveAt.UnixMilli())
		if moved, err = changed(result, err); err != nil || !moved {
			return err
		}
		return insertEvents(ctx, tx, pool.RebalancedEvent(m, to, now))
	})
	return moved && err == nil, err
}

// home reads the subscription that a request goes on with: that of its conversation or, where it names none, of that of
// the latest session of its directory, or else of that session.
func home(b *batch, req pool.Request, id *int64) {
	scan := func(rows pgx.Rows) error { return rows.Scan(id) }
	switch {
	case req.Conversation != "":
		b.each(scan, `SELECT subscription_id FROM conversations WHERE id = $1`, req.Conversation)
	case req.Continues:
		b.each(scan, `
			SELECT coalesce((SELECT subscription_id FROM conversations WHERE id = conversation), subscription_id, 0)
			FROM sessions
			WHERE cwd = $1 AND end_reason <> 'outside'
			ORDER BY started_at DESC, number DESC
			LIMIT 1`, req.CWD)
	}
}

// hearOf notes that a conversation was heard of in a session. It is at home there then, unless it was heard of
// later elsewhere, or moved later. What could not be attributed has no home to give.
func hearOf(ctx context.Context, tx pgx.Tx, conversation string, session int64, at time.Time) error {
	_, err := tx.Exec(ctx, `
		INSERT INTO conversations (id, subscription_id, project, active_at)
		SELECT $1, home, cwd, greatest($3, started_at)
		FROM (
			SELECT coalesce(subscription_id, (SELECT subscription_id FROM conversations WHERE id = $1)) AS home, cwd, started_at
			FROM sessions WHERE number = $2) AS heard
		WHERE home IS NOT NULL
		ON CONFLICT (id) DO UPDATE SET
			subscription_id = CASE WHEN excluded.active_at >= greatest(conversations.active_at, conversations.moved_at) THEN excluded.subscription_id ELSE conversations.subscription_id END,
			project = CASE WHEN excluded.active_at >= greatest(conversations.active_at, conversations.moved_at) THEN excluded.project ELSE conversations.project END,
			active_at = greatest(conversations.active_at, excluded.active_at)`, conversation, session, at.UnixMilli())
	return err
}

// heardLast notes, as a session ends, when something was last heard of the conversation that it was on.
func heardLast(ctx context.Context, tx pgx.Tx, session int64) error {
	_, err := tx.Exec(ctx, `
		UPDATE conversations SET active_at = greatest(conversations.active_at, ended.active_at)
		FROM sessions AS ended
		WHERE ended.number = $1 AND conversations.id = ended.conversation`, session)
	return err
}
