package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"claudepool/pool"
)

// Conversations implements pool.Store.
func (s *Store) Conversations(ctx context.Context, q pool.ConversationQuery) (found []pool.Conversation, err error) {
	limit := q.Limit
	if limit <= 0 {
		limit = -1 // SQLite's word for no limit
	}
	err = each(ctx, s.db, func(rows *sql.Rows) error {
		c := pool.Conversation{Subscription: q.Subscription}
		var active sql.NullInt64
		err := rows.Scan(&c.ID, &c.Project, &active)
		c.ActiveAt = moment(active)
		found = append(found, c)
		return err
	}, `
		SELECT id, project, active_at FROM conversations
		WHERE subscription_id = (SELECT id FROM subscriptions WHERE name = ? AND removed_at IS NULL)
			AND active_at BETWEEN ? AND ?
			AND NOT EXISTS (
				SELECT 1 FROM sessions
				WHERE sessions.conversation = conversations.id AND sessions.conversation <> '' AND ended_at IS NULL)
		ORDER BY active_at DESC, id DESC
		LIMIT ?`, q.Subscription, q.Since.UnixMilli(), q.Until.UnixMilli(), limit)
	return found, translate("list conversations", err)
}

// MoveConversation implements pool.Store.
func (s *Store) MoveConversation(ctx context.Context, m pool.Move, now time.Time) (moved bool, err error) {
	err = s.write(ctx, "move conversation "+m.Conversation.ID, func(tx *sql.Tx) error {
		from, err := subscriptionID(ctx, tx, m.From)
		if err != nil {
			return err
		}
		to, err := subscriptionNamed(ctx, tx, m.To)
		if err != nil {
			return err
		}
		result, err := tx.ExecContext(ctx, `
			UPDATE conversations SET subscription_id = ?1, moved_at = ?2
			WHERE id = ?3 AND subscription_id = ?4 AND active_at <= ?5
				AND NOT EXISTS (
					SELECT 1 FROM sessions WHERE conversation = ?3 AND conversation <> '' AND ended_at IS NULL)`,
			to.ID, now.UnixMilli(), m.Conversation.ID, from, m.Conversation.ActiveAt.UnixMilli())
		if moved, err = changed(result, err); err != nil || !moved {
			return err
		}
		return insertEvents(ctx, tx, pool.RebalancedEvent(m, to, now))
	})
	return moved && err == nil, err
}

// home returns the subscription that a request goes on with, 0 where there is none.
func home(ctx context.Context, q querier, req pool.Request) (id int64, err error) {
	conversation := req.Conversation
	if conversation == "" && req.Continues {
		if id, conversation, err = latestOf(ctx, q, req.CWD); err != nil {
			return 0, err
		}
	}
	if conversation == "" {
		return id, nil
	}
	err = q.QueryRowContext(ctx, `SELECT subscription_id FROM conversations WHERE id = ?`, conversation).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return id, nil
	}
	return id, err
}

// latestOf returns the subscription and the conversation of the latest session of a directory, 0 and "" where
// they are not known.
func latestOf(ctx context.Context, q querier, cwd string) (id int64, conversation string, err error) {
	err = q.QueryRowContext(ctx, `
		SELECT ifnull(subscription_id, 0), conversation FROM sessions
		WHERE cwd = ? AND end_reason <> 'outside'
		ORDER BY started_at DESC, number DESC
		LIMIT 1`, cwd).Scan(&id, &conversation)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", nil
	}
	return id, conversation, err
}

// hearOf notes that a conversation was heard of in a session. It is at home there then, unless it was heard of
// later elsewhere, or moved later. What could not be attributed has no home to give.
func hearOf(ctx context.Context, tx *sql.Tx, conversation string, session int64, at time.Time) error {
	_, err := tx.ExecContext(ctx, `
		INSERT INTO conversations (id, subscription_id, project, active_at)
		SELECT ?1, home, cwd, max(?3, started_at)
		FROM (
			SELECT ifnull(subscription_id, (SELECT subscription_id FROM conversations WHERE id = ?1)) AS home, cwd, started_at
			FROM sessions WHERE number = ?2)
		WHERE home IS NOT NULL
		ON CONFLICT (id) DO UPDATE SET
			subscription_id = iif(excluded.active_at >= max(active_at, moved_at), excluded.subscription_id, subscription_id),
			project = iif(excluded.active_at >= max(active_at, moved_at), excluded.project, project),
			active_at = max(active_at, excluded.active_at)`, conversation, session, at.UnixMilli())
	return err
}

// heardLast notes, as a session ends, when something was last heard of the conversation that it was on.
func heardLast(ctx context.Context, tx *sql.Tx, session int64) error {
	_, err := tx.ExecContext(ctx, `
		UPDATE conversations SET active_at = max(conversations.active_at, ended.active_at)
		FROM sessions AS ended
		WHERE ended.number = ? AND conversations.id = ended.conversation`, session)
	return err
}
