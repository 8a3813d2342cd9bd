package pgstore

import (
	"cmp"
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

var _ pool.Archive = (*Store)(nil)

// Dump implements pool.Archive. The transaction that it reads in holds up no writer.
func (s *Store) Dump(ctx context.Context, yield func(pool.Record) error) error {
	var own error // of yield, which is nothing about the database
	err := s.read(ctx, "read the ledger", func(tx pgx.Tx) error {
		d := dump{tx: tx, yield: func(r pool.Record) error {
			own = yield(r)
			return own
		}}
		var err error
		if d.members, err = membersOf(ctx, tx); err != nil {
			return err
		}
		for _, part := range []func(*dump, context.Context) error{
			(*dump).horizon, (*dump).resets, (*dump).pruned, (*dump).sessions, (*dump).visits, (*dump).affinities, (*dump).entries,
			(*dump).tallies, (*dump).forks, (*dump).checkpoints,
		} {
			if err := part(&d, ctx); err != nil {
				return err
			}
		}
		return nil
	})
	return cmp.Or(own, err)
}

type dump struct {
	tx      pgx.Tx
	yield   func(pool.Record) error
	members map[int64]pool.Member
}

// membersOf returns what records call the subscriptions, by id; 0 is what could not be attributed.
func membersOf(ctx context.Context, q querier) (map[int64]pool.Member, error) {
	members := map[int64]pool.Member{0: {}}
	removed := map[string]int{}
	err := each(ctx, q, func(rows pgx.Rows) error {
		var id int64
		var m pool.Member
		var tags string
		var isRemoved bool
		err := rows.Scan(&id, &m.Name, &tags, &isRemoved)
		if isRemoved {
			removed[m.Name]++
			m.Removed, m.Tags = removed[m.Name], splitTags(tags)
		}
		members[id] = m
		return err
	}, `SELECT id, name, tags, removed_at IS NOT NULL FROM subscriptions ORDER BY id`)
	return members, err
}

// each yields a record for each row.
func (d *dump) each(ctx context.Context, scan func(pgx.Rows) (pool.Record, error), query string, args ...any) error {
	return each(ctx, d.tx, func(rows pgx.Rows) error {
		r, err := scan(rows)
		if err != nil {
			return err
		}
		return d.yield(r)
	}, query, args...)
}

func (d *dump) horizon(ctx context.Context) error {
	return d.each(ctx, func(rows pgx.Rows) (pool.Record, error) {
		var before pgtype.Int8
		err := rows.Scan(&before)
		return pool.Record{Horizon: &pool.HorizonRecord{Before: moment(before)}}, err
	}, `SELECT quarter * 900000 FROM horizon WHERE quarter > 0`)
}

func (d *dump) resets(ctx context.Context) error {
	return d.each(ctx, func(rows pgx.Rows) (pool.Record, error) {
		var id int64
		var at pgtype.Int8
		err := rows.Scan(&id, &at)
		return pool.Record{Reset: &pool.ResetRecord{Member: d.members[id], At: moment(at)}}, err
	}, `
		SELECT subscription_id, resets_at FROM resets JOIN subscriptions ON subscriptions.id = subscription_id
		ORDER BY name, removed_at IS NOT NULL, subscription_id, resets_at`)
}

// pruned yields what the totals have beyond the entries, which is what Prune has left of those.
func (d *dump) pruned(ctx context.Context) error {
	return d.each(ctx, func(rows pgx.Rows) (pool.Record, error) {
		var p pool.PrunedRecord
		var at pgtype.Int8
		var id int64
		err := rows.Scan(append([]any{&at, &id, &p.Model, &p.Project}, figures(&p.Usage)...)...)
		p.At, p.Member = moment(at), d.members[id]
		return pool.Record{Pruned: &p}, err
	}, `
		SELECT quarter * 900000, subscription_id, model, project,
			messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated, cost_unknown
		FROM (
			SELECT quarter, subscription_id, model, project,
				sum(messages)::bigint AS messages, sum(input)::bigint AS input, sum(output)::bigint AS output, sum(cache_creation)::bigint AS cache_creation,
				sum(cache_creation_1h)::bigint AS cache_creation_1h, sum(cache_read)::bigint AS cache_read,
				sum(cost)::bigint AS cost, sum(cost_estimated)::bigint AS cost_estimated, sum(cost_unknown)::bigint AS cost_unknown
			FROM (
				SELECT * FROM totals WHERE quarter < (SELECT quarter FROM horizon)
				UNION ALL
				SELECT at / 900000, coalesce(subscription_id, 0), model, cwd,
					-messages, -input, -output, -cache_creation, -cache_creation_1h, -cache_read,
					-coalesce(cost, 0), -cost_estimated, -(cost IS NULL)::int
				FROM entries JOIN sessions ON sessions.number = entries.session
				WHERE at < (SELECT quarter * 900000 FROM horizon)) AS both_sides
			GROUP BY quarter, subscription_id, model, project) AS rest
		LEFT JOIN subscriptions ON subscriptions.id = subscription_id
		WHERE messages <> 0 OR input <> 0 OR output <> 0 OR cache_creation <> 0 OR cache_read <> 0
			OR cost <> 0 OR cost_estimated <> 0 OR cost_unknown <> 0
		ORDER BY quarter, coalesce(name, ''), removed_at IS NOT NULL, subscription_id, model, project`)
}

func (d *dump) sessions(ctx context.Context) error {
	return d.each(ctx, func(rows pgx.Rows) (pool.Record, error) {
		var number int64
		s, err := scanSession(rows, &number)
		return pool.Record{Session: pool.RecordOf(s, number, d.members[s.SubscriptionID])}, err
	}, `SELECT number, `+sessionFields+` FROM sessions ORDER BY number`)
}

func (d *dump) visits(ctx context.Context) error {
	return d.each(ctx, func(rows pgx.Rows) (pool.Record, error) {
		var v pool.VisitRecord
		var since, until pgtype.Int8
		err := rows.Scan(&v.Conversation, &v.Session, &since, &until)
		v.Since, v.Until = moment(since), moment(until)
		return pool.Record{Visit: &v}, err
	}, `SELECT conversation, session, since, until FROM visits ORDER BY conversation, session`)
}

func (d *dump) affinities(ctx context.Context) error {
	return d.each(ctx, func(rows pgx.Rows) (pool.Record, error) {
		var a pool.AffinityRecord
		var id int64
		var active, moved pgtype.Int8
		err := rows.Scan(&a.Conversation, &id, &a.Project, &active, &moved)
		a.Member, a.ActiveAt, a.MovedAt = d.members[id], moment(active), moment(moved)
		return pool.Record{Affinity: &a}, err
	}, `SELECT id, subscription_id, project, active_at, nullif(moved_at, 0) FROM conversations ORDER BY id`)
}

func (d *dump) entries(ctx context.Context) error {
	return d.each(ctx, func(rows pgx.Rows) (pool.Record, error) {
		var e pool.EntryRecord
		var at pgtype.Int8
		err := rows.Scan(append([]any{&e.ID, &e.Session, &e.Told, &at, &e.Conversation, &e.Model}, figures(&e.Usage)...)...)
		e.At = moment(at)
		return pool.Record{Entry: &e}, err
	}, `
		SELECT id, session, source = 'told', at, conversation, model,
			messages, input, output, cache_creation, cache_creation_1h, cache_read, coalesce(cost, 0), cost_estimated, (cost IS NULL)::int
		FROM entries
		ORDER BY number`)
}

// tallies yields the sides of a tally as one record.
func (d *dump) tallies(ctx context.Context) error {
	var open *pool.TallyRecord
	err := each(ctx, d.tx, func(rows pgx.Rows) error {
		var t pool.TallyRecord
		var side string
		var u pool.Usage
		var at pgtype.Int8
		if err := rows.Scan(append([]any{&t.Session, &t.Conversation, &t.Model, &side, &at}, figures(&u)...)...); err != nil {
			return err
		}
		if open == nil || open.Session != t.Session || open.Conversation != t.Conversation || open.Model != t.Model {
			if err := d.tally(open); err != nil {
				return err
			}
			open = &t
		}
		if latest := moment(at); latest.After(open.Latest) {
			open.Latest = latest
		}
		*sideOf(&open.Tally, side) = u
		return nil
	}, `
		SELECT session, conversation, model, side, latest,
			messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated, cost_unknown
		FROM tallies
		ORDER BY session, conversation, model`)
	if err != nil {
		return err
	}
	return d.tally(open)
}

func (d *dump) tally(t *pool.TallyRecord) error {
	if t == nil {
		return nil
	}
	return d.yield(pool.Record{Tally: t})
}

func sideOf(t *pool.Tally, side string) *pool.Usage {
	switch side {
	case sidePrinted:
		return &t.Printed
	case sideStated:
		return &t.Stated
	default:
		return &t.Messages
	}
}

func (d *dump) forks(ctx context.Context) error {
	return d.each(ctx, func(rows pgx.Rows) (pool.Record, error) {
		var f pool.ForkRecord
		err := rows.Scan(&f.Conversation, &f.Path)
		return pool.Record{Fork: &f}, err
	}, `SELECT conversation, path FROM forks ORDER BY conversation, path`)
}

func (d *dump) checkpoints(ctx context.Context) error {
	return d.each(ctx, func(rows pgx.Rows) (pool.Record, error) {
		var c pool.CheckpointRecord
		var latest pgtype.Int8
		err := rows.Scan(&c.Path, &c.Identity, &c.Offset, &c.Figures, &latest)
		c.Latest = moment(latest)
		return pool.Record{Checkpoint: &c}, err
	}, `SELECT path, identity, "offset", figures, latest FROM checkpoints ORDER BY path`)
}
