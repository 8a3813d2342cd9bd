package pgstore

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

// loadBatch is how many records one transaction of Load takes: a launch waits for the write lock.
const loadBatch = 2000

// Load implements pool.Archive.
func (s *Store) Load(ctx context.Context, records iter.Seq2[pool.Record, error]) error {
	batch := make([]pool.Record, 0, loadBatch)
	for r, err := range records {
		if err != nil {
			return err
		}
		if batch = append(batch, r); len(batch) == loadBatch {
			if err := s.loadBatch(ctx, batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
	return s.loadBatch(ctx, batch)
}

func (s *Store) loadBatch(ctx context.Context, records []pool.Record) error {
	return s.write(ctx, "take in a ledger", func(tx pgx.Tx) error {
		if err := lockLaunches(ctx, tx); err != nil { // it notes starts
			return err
		}
		l := loading{newLedger(s.teller(tx, time.Time{})), &batch{}, map[memberKey]int64{}, map[int64]account{}}
		for _, r := range records {
			if err := l.record(ctx, r); err != nil {
				return err
			}
		}
		if err := l.flush(ctx); err != nil {
			return err
		}
		if err := l.sums.write(ctx, tx); err != nil {
			return err
		}
		// The numbers that were given here must not be given out again.
		_, err := tx.Exec(ctx, `SELECT setval(pg_get_serial_sequence('sessions', 'number'), greatest(max(number), 1)) FROM sessions`)
		return err
	})
}

// loading is one transaction of Load. It settles nothing: that has been done where the records are from.
type loading struct {
	*ledger
	// pending are rows that are still to be written, many in one round trip.
	pending  *batch
	members  map[memberKey]int64
	accounts map[int64]account
}

type memberKey struct {
	name    string
	removed int
}

func (l *loading) record(ctx context.Context, r pool.Record) error {
	switch {
	case r.Horizon != nil:
		return l.put(ctx, `UPDATE horizon SET quarter = greatest(quarter, $1)`, quarterOf(r.Horizon.Before))
	case r.Reset != nil:
		return l.reset(ctx, *r.Reset)
	case r.Pruned != nil:
		return l.pruned(ctx, *r.Pruned)
	case r.Session != nil:
		return l.session(ctx, r.Session)
	case r.Visit != nil:
		v := r.Visit
		return l.put(ctx, `INSERT INTO visits (conversation, session, since, until) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
			v.Conversation, v.Session, v.Since.UnixMilli(), millis(v.Until))
	case r.Affinity != nil:
		return l.affinity(ctx, *r.Affinity)
	case r.Entry != nil:
		return l.entry(ctx, *r.Entry)
	case r.Tally != nil:
		return l.tallyOf(ctx, *r.Tally)
	case r.Fork != nil:
		return l.put(ctx, `INSERT INTO forks (conversation, path) VALUES ($1, $2) ON CONFLICT DO NOTHING`, r.Fork.Conversation, r.Fork.Path)
	case r.Checkpoint != nil:
		c := r.Checkpoint
		return l.put(ctx, `
			INSERT INTO checkpoints (path, identity, "offset", figures, latest) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT DO NOTHING`, c.Path, c.Identity, c.Offset, c.Figures, c.Latest.UnixMilli())
	}
	return nil
}

// put writes one row, in time, and fails where it is there already.
func (l *loading) put(_ context.Context, statement string, args ...any) error {
	l.pending.Queue(statement, toTexts(args)...).Exec(func(result pgconn.CommandTag) error {
		if result.RowsAffected() == 0 {
			return pool.ErrOtherLedger
		}
		return nil
	})
	return nil
}

// flush writes what is pending.
func (l *loading) flush(ctx context.Context) error {
	b := l.pending
	l.pending = &batch{}
	return b.send(ctx, l.tx)
}

func (l *loading) reset(ctx context.Context, r pool.ResetRecord) error {
	id, err := l.member(ctx, r.Member)
	if err != nil {
		return err
	}
	return l.put(ctx, `INSERT INTO resets (subscription_id, resets_at) VALUES ($1, $2) ON CONFLICT DO NOTHING`, id, r.At.UnixMilli())
}

func (l *loading) pruned(ctx context.Context, p pool.PrunedRecord) error {
	id, err := l.member(ctx, p.Member)
	if err != nil {
		return err
	}
	l.sums.add(account{subscriptionID: id, cwd: p.Project}, p.Model, p.At.UnixMilli(), p.Usage)
	return nil
}

func (l *loading) session(ctx context.Context, r *pool.SessionRecord) error {
	id, err := l.member(ctx, r.Member)
	if err != nil {
		return err
	}
	s := r.SessionOf(id)
	err = l.put(ctx, `
		INSERT INTO sessions
			(number, id, subscription_id, conversation, host, boot_id, pid_namespace, pid, start_time, cwd,
			started_at, heartbeat_at, active_at, said, ended_at, follows, met, end_reason, exit_code, signal)
		VALUES ($1, $2, nullif($3::bigint, 0), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
		ON CONFLICT DO NOTHING`,
		r.Number, s.ID, id, s.Conversation, s.Process.Host, s.Process.BootID, s.Process.PIDNamespace, s.Process.PID, s.Process.StartTime, s.CWD,
		s.StartedAt.UnixMilli(), s.HeartbeatAt.UnixMilli(), s.ActiveAt.UnixMilli(), s.Said, millis(s.EndedAt),
		s.Follows, s.Met, s.End.Reason, s.End.Code, s.End.Signal)
	if err != nil || id == 0 || s.End.Reason == pool.EndedOutside {
		return err
	}
	return l.put(ctx, `
		UPDATE starts SET number = nextval('start_numbers'), last_started_at = greatest(last_started_at, $1)
		WHERE subscription_id = $2`, s.StartedAt.UnixMilli(), id)
}

func (l *loading) affinity(ctx context.Context, a pool.AffinityRecord) error {
	id, err := l.member(ctx, a.Member)
	if err != nil {
		return err
	}
	return l.put(ctx, `
		INSERT INTO conversations (id, subscription_id, project, active_at, moved_at) VALUES ($1, $2, $3, $4, coalesce($5::bigint, 0))
		ON CONFLICT DO NOTHING`, a.Conversation, id, a.Project, a.ActiveAt.UnixMilli(), millis(a.MovedAt))
}

func (l *loading) entry(ctx context.Context, r pool.EntryRecord) error {
	a, known := l.accounts[r.Session]
	if !known {
		err := l.flush(ctx) // the session may be there
		if err != nil {
			return err
		}
		if a, err = accountByNumber(ctx, l.tx, r.Session); err != nil {
			return err
		}
		l.accounts[r.Session] = a
	}
	source := sourceMessage
	if r.Told {
		source = sourceTold
	}
	t, u := r.Usage.Tokens, r.Usage
	l.sums.add(a, r.Model, r.At.UnixMilli(), u)
	return l.put(ctx, `
		INSERT INTO entries
			(id, session, source, at, conversation, model,
			messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (id) DO NOTHING`,
		r.ID, a.number, source, r.At.UnixMilli(), r.Conversation, r.Model, u.Messages,
		t.Input, t.Output, t.CacheCreation, t.CacheCreation1h, t.CacheRead,
		pgtype.Int8{Int64: int64(u.Cost), Valid: u.CostUnknown == 0}, u.CostEstimated)
}

// tallyOf writes the sides that have something, and of an empty tally that of the messages.
func (l *loading) tallyOf(ctx context.Context, t pool.TallyRecord) error {
	for _, side := range []string{sidePrinted, sideStated, sideRead} {
		u := *sideOf(&t.Tally, side)
		if u == (pool.Usage{}) && (side != sideRead || t.Tally != (pool.Tally{})) {
			continue
		}
		err := l.put(ctx, `
			INSERT INTO tallies
				(session, conversation, model, side, latest,
				messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated, cost_unknown)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
			ON CONFLICT DO NOTHING`,
			append([]any{t.Session, t.Conversation, t.Model, side, t.Latest.UnixMilli()}, values(u)...)...)
		if err != nil {
			return err
		}
	}
	return nil
}

// member returns the id of a subscription, 0 for none. One that was removed is made where there is none.
func (l *loading) member(ctx context.Context, m pool.Member) (id int64, err error) {
	if m.Name == "" {
		return 0, nil
	}
	key := memberKey{m.Name, m.Removed}
	if id, known := l.members[key]; known {
		return id, nil
	}
	if m.Removed > 0 {
		id, err = removedMember(ctx, l.tx, m)
	} else if id, err = subscriptionID(ctx, l.tx, m.Name); err != nil {
		err = fmt.Errorf("subscription %s: %w", m.Name, err)
	}
	l.members[key] = id
	return id, err
}

// removedMember finds a removed subscription by its number among those of its name, and gives it the tags. It makes
// as many as are missing.
func removedMember(ctx context.Context, tx pgx.Tx, m pool.Member) (id int64, err error) {
	for {
		err = tx.QueryRow(ctx, `
			UPDATE subscriptions SET tags = $3
			WHERE id = (SELECT id FROM subscriptions WHERE name = $1 AND removed_at IS NOT NULL ORDER BY id LIMIT 1 OFFSET $2::bigint - 1)
			RETURNING id`, m.Name, m.Removed, joinTags(m.Tags)).Scan(&id)
		if !errors.Is(err, pgx.ErrNoRows) {
			return id, err
		}
		gone := pgtype.Int8{Valid: true} // long ago: nothing asks when
		_, err = insertSubscription(ctx, tx, pool.Subscription{Name: m.Name}, gone)
		if err != nil {
			return 0, err
		}
	}
}
