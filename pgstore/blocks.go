package pgstore

import (
	"context"
	"math"
	"time"

	"github.com/jackc/pgx/v5"

	"claudepool/pool"
)

// blockReader adds up usage by the blocks of each subscription. It goes through the whole ledger, since
// where one block begins depends on the one before.
type blockReader struct {
	*usageReader
	blocks map[int64]*pool.Blocks
	// entries are those of the quarter hour from a moment on, by subscription: most often several ask.
	entries     map[int64][]blockEntry
	entriesFrom int64
}

// quarterTotal is a row of totals.
type quarterTotal struct {
	quarter, subscriptionID int64
	model, project          string
	usage                   pool.Usage
}

func (r *usageReader) addBlocks(ctx context.Context) error {
	b := &blockReader{usageReader: r, blocks: map[int64]*pool.Blocks{}}
	if err := b.readResets(ctx); err != nil {
		return err
	}
	var group []quarterTotal // of one quarter hour and subscription
	err := r.eachTotal(ctx, func(t quarterTotal) error {
		if len(group) > 0 && (group[0].quarter != t.quarter || group[0].subscriptionID != t.subscriptionID) {
			if err := b.addQuarter(ctx, group); err != nil {
				return err
			}
			group = group[:0]
		}
		if t.usage != (pool.Usage{}) {
			group = append(group, t)
		}
		return nil
	})
	if err != nil || len(group) == 0 {
		return err
	}
	return b.addQuarter(ctx, group)
}

// totalsBatch is how many totals are read at once: f asks for more of the same connection.
const totalsBatch = 5000

// eachTotal calls f for every row of totals, in their order.
func (r *usageReader) eachTotal(ctx context.Context, f func(quarterTotal) error) error {
	last := quarterTotal{quarter: math.MinInt64}
	for {
		var batch []quarterTotal
		err := each(ctx, r.tx, func(rows pgx.Rows) error {
			var t quarterTotal
			err := rows.Scan(append([]any{&t.quarter, &t.subscriptionID, &t.model, &t.project}, figures(&t.usage)...)...)
			batch = append(batch, t)
			return err
		}, `
			SELECT quarter, subscription_id, model, project,
				messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated, cost_unknown
			FROM totals
			WHERE (quarter, subscription_id, model, project) > ($2, $3, $4, $5)
				AND ($1::bigint[] IS NULL OR subscription_id = ANY ($1))
			ORDER BY quarter, subscription_id, model, project
			LIMIT $6`, r.subscriptions, last.quarter, last.subscriptionID, last.model, last.project, totalsBatch)
		if err != nil || len(batch) == 0 {
			return err
		}
		for _, t := range batch {
			if err := f(t); err != nil {
				return err
			}
		}
		last = batch[len(batch)-1]
	}
}

func (b *blockReader) readResets(ctx context.Context) error {
	resets := map[int64][]time.Time{}
	err := each(ctx, b.tx, func(rows pgx.Rows) error {
		var id, at int64
		err := rows.Scan(&id, &at)
		resets[id] = append(resets[id], time.UnixMilli(at).UTC())
		return err
	}, `SELECT subscription_id, resets_at FROM resets`)
	for id := range b.members {
		b.blocks[id] = pool.NewBlocks(resets[id])
	}
	return err
}

// addQuarter adds a quarter hour of a subscription: as a whole where it is in one block, and else entry
// by entry.
func (b *blockReader) addQuarter(ctx context.Context, group []quarterTotal) error {
	from := group[0].quarter * quarterMillis
	to := from + quarterMillis
	start, whole := b.blocks[group[0].subscriptionID].Whole(time.UnixMilli(from), time.UnixMilli(to))
	outside := to <= b.from || from >= b.to
	if whole && outside {
		return nil
	}
	if whole && from >= b.from && to <= b.to && !b.query.Has(pool.ByConversation, pool.BySession) {
		for _, t := range group {
			b.addAt(t.subscriptionID, from, start, pool.UsageKey{Model: t.model, Project: t.project}, t.usage)
		}
		return nil
	}
	return b.addEntries(ctx, group)
}

// addEntries adds a quarter hour entry by entry. What was pruned of it comes first.
func (b *blockReader) addEntries(ctx context.Context, group []quarterTotal) error {
	id, from := group[0].subscriptionID, group[0].quarter*quarterMillis
	entries, err := b.entriesOf(ctx, id, from)
	if err != nil {
		return err
	}
	if group[0].quarter < b.horizon {
		for _, t := range group {
			gone := t.usage
			for _, e := range entries {
				if e.key.Model == t.model && e.key.Project == t.project {
					gone = gone.Minus(e.usage)
				}
			}
			if gone != (pool.Usage{}) {
				key := pool.UsageKey{Model: t.model, Project: t.project, Conversation: pool.Pruned, Session: pool.Pruned}
				b.addAt(id, from, b.blocks[id].At(time.UnixMilli(from)), key, gone)
			}
		}
	}
	for _, e := range entries {
		b.addAt(id, e.at, b.blocks[id].At(time.UnixMilli(e.at)), e.key, e.usage)
	}
	return nil
}

type blockEntry struct {
	at    int64
	key   pool.UsageKey
	usage pool.Usage
}

// entriesOf returns the entries of a subscription in the quarter hour from a moment on.
func (b *blockReader) entriesOf(ctx context.Context, subscriptionID, from int64) ([]blockEntry, error) {
	if b.entries != nil && b.entriesFrom == from {
		return b.entries[subscriptionID], nil
	}
	b.entries, b.entriesFrom = map[int64][]blockEntry{}, from
	err := each(ctx, b.tx, func(rows pgx.Rows) error {
		var e blockEntry
		var id int64
		err := rows.Scan(append([]any{&id, &e.at, &e.key.Model, &e.key.Project, &e.key.Conversation, &e.key.Session}, figures(&e.usage)...)...)
		if e.usage != (pool.Usage{}) {
			b.entries[id] = append(b.entries[id], e)
		}
		return err
	}, `
		SELECT coalesce(subscription_id, 0), at, model, cwd, entries.conversation, sessions.id,
			messages, input, output, cache_creation, cache_creation_1h, cache_read, coalesce(cost, 0), cost_estimated, (cost IS NULL)::int
		FROM entries JOIN sessions ON sessions.number = entries.session
		WHERE at >= $1 AND at < $2
		ORDER BY at`, from, from+quarterMillis)
	return b.entries[subscriptionID], err
}

// addAt adds what was used at a moment, if the query asks for it.
func (b *blockReader) addAt(subscriptionID, at int64, block time.Time, key pool.UsageKey, u pool.Usage) {
	if at < b.from || at >= b.to || b.query.Project != "" && !pool.InDirectory(key.Project, b.query.Project) {
		return
	}
	moment := time.UnixMilli(at)
	m := b.members[subscriptionID]
	key.Subscription, key.Tags, key.Block = m.name, m.tags, block
	key.Day, key.Hour = pool.LocalDay(moment, b.query.Location), pool.LocalHour(moment, b.query.Location)
	b.sum.Add(key, u)
}
