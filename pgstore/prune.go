package pgstore

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

// pruneBatch is how much one transaction of Prune takes away at most: a launch waits for the write lock.
const pruneBatch = 2000

// Prune implements pool.Store. It goes on where an earlier one was interrupted.
func (s *Store) Prune(ctx context.Context, p pool.Prune) (report pool.PruneReport, err error) {
	horizon, err := s.moveHorizon(ctx, p)
	if err != nil {
		return report, err
	}
	for _, step := range []func(pruning) (int64, error){
		pruning.told, pruning.messages, pruning.visits, pruning.sessions, pruning.conversations, pruning.rest,
	} {
		for more := true; more; {
			err := s.write(ctx, "prune the ledger", func(tx pgx.Tx) error {
				n, err := step(pruning{ctx, tx, horizon * quarterMillis, p.Gone, &report})
				more = n > 0
				return err
			})
			if err != nil {
				return report, err
			}
		}
	}
	return report, nil
}

// pruning is one transaction of Prune. Its steps return how much they took away: 0 when they are done.
type pruning struct {
	ctx    context.Context
	tx     pgx.Tx
	before int64 // in Unix milliseconds
	gone   []string
	report *pool.PruneReport
}

func (p pruning) delete(statement string, args ...any) (int64, error) {
	result, err := p.tx.Exec(p.ctx, statement, args...)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected(), nil
}

// moveHorizon notes how far detail is pruned, which comes first: from then on nothing older is booked.
func (s *Store) moveHorizon(ctx context.Context, p pool.Prune) (horizon int64, err error) {
	err = s.write(ctx, "note how far the ledger is pruned", func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `UPDATE horizon SET quarter = greatest(quarter, $1) RETURNING quarter`,
			quarterOf(p.Horizon())).Scan(&horizon)
	})
	return horizon, err
}

// isPruned tells whether a moment is one of which detail has been pruned, so that nothing of it can be
// booked.
func (l *ledger) isPruned(ctx context.Context, at int64) (bool, error) {
	if l.horizon < 0 {
		if err := l.tx.QueryRow(ctx, `SELECT quarter * 900000 FROM horizon`).Scan(&l.horizon); err != nil {
			return false, err
		}
	}
	return at < l.horizon, nil
}

// told takes away the tallies of conversations that have been quiet, and with them what was told of
// these: settling one without the other would book it again. Use of no known conversation goes by session.
func (p pruning) told() (int64, error) {
	type quiet struct {
		conversation string
		session      pgtype.Int8
	}
	var found []quiet
	err := each(p.ctx, p.tx, func(rows pgx.Rows) error {
		var q quiet
		err := rows.Scan(&q.conversation, &q.session)
		found = append(found, q)
		return err
	}, `
		SELECT conversation, CASE WHEN conversation = '' THEN session END FROM tallies
		GROUP BY 1, 2
		HAVING max(latest) < $1
		LIMIT $2`, p.before, pruneBatch)
	if err != nil {
		return 0, err
	}
	for _, q := range found {
		n, err := p.delete(`
			DELETE FROM entries
			WHERE source = 'told' AND conversation = $1
				AND session IN (
					SELECT session FROM tallies WHERE conversation = $1 AND session = coalesce($2, session)
					UNION SELECT session FROM visits WHERE conversation = $1)`,
			q.conversation, q.session)
		if err != nil {
			return 0, err
		}
		p.report.Entries += n
		_, err = p.delete(`DELETE FROM tallies WHERE conversation = $1 AND session = coalesce($2, session)`,
			q.conversation, q.session)
		if err != nil {
			return 0, err
		}
	}
	return int64(len(found)), nil
}

// messages takes away the messages of conversations that have been quiet: those without a tally.
func (p pruning) messages() (int64, error) {
	n, err := p.delete(`
		DELETE FROM entries
		WHERE number IN (
			SELECT number FROM entries
			WHERE at < $1 AND CASE conversation
				WHEN '' THEN NOT EXISTS (SELECT 1 FROM tallies WHERE conversation = '' AND session = entries.session)
				ELSE NOT EXISTS (SELECT 1 FROM tallies WHERE tallies.conversation = entries.conversation) END
			LIMIT $2)`, p.before, pruneBatch)
	p.report.Entries += n
	return n, err
}

// visits takes away those of conversations that have been quiet: no session there runs or ended later,
// and there is no tally.
func (p pruning) visits() (int64, error) {
	return p.delete(`
		DELETE FROM visits
		WHERE (conversation, session) IN (
			SELECT conversation, session FROM visits
			WHERE NOT EXISTS (SELECT 1 FROM tallies WHERE tallies.conversation = visits.conversation)
				AND NOT EXISTS (
					SELECT 1 FROM visits AS other JOIN sessions ON sessions.number = other.session
					WHERE other.conversation = visits.conversation AND coalesce(ended_at, $1) >= $1)
			LIMIT $2)`, p.before, pruneBatch)
}

// sessions takes away those that nothing refers to any more.
func (p pruning) sessions() (int64, error) {
	n, err := p.delete(`
		DELETE FROM sessions
		WHERE number IN (
			SELECT number FROM sessions
			WHERE ended_at < $1
				AND NOT EXISTS (SELECT 1 FROM entries WHERE session = sessions.number)
				AND NOT EXISTS (SELECT 1 FROM tallies WHERE session = sessions.number)
				AND NOT EXISTS (SELECT 1 FROM visits WHERE session = sessions.number)
			LIMIT $2)`, p.before, pruneBatch)
	p.report.Sessions += n
	return n, err
}

// conversations takes away the affinities of those that have been quiet: no session was there, and there is no tally.
func (p pruning) conversations() (int64, error) {
	return p.delete(`
		DELETE FROM conversations
		WHERE id IN (
			SELECT id FROM conversations
			WHERE subscription_id IN (SELECT id FROM subscriptions) AND active_at < $1
				AND NOT EXISTS (SELECT 1 FROM tallies WHERE tallies.conversation = conversations.id)
				AND NOT EXISTS (SELECT 1 FROM visits WHERE visits.conversation = conversations.id)
			LIMIT $2)`, p.before, pruneBatch)
}

// rest takes away what is known of transcripts that are gone and what no launch reads any more. It is
// done at once.
func (p pruning) rest() (int64, error) {
	n, err := p.delete(`
		DELETE FROM checkpoints
		WHERE latest < $1 AND path = ANY ($2)`, p.before, p.gone)
	p.report.Checkpoints += n
	if err != nil {
		return 0, err
	}
	if _, err := p.delete(`DELETE FROM forks WHERE conversation NOT IN (SELECT conversation FROM tallies)`); err != nil {
		return 0, err
	}
	_, err = p.delete(`DELETE FROM weeks WHERE day < $1`, floorDiv(p.before, quarterMillis*96))
	return 0, err
}
