package pgstore

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

// The sources that usage is added up from. Their bounds are quarter hours, days or Unix milliseconds, as
// the source has them. What a query does not group by is NULL, so that it falls together.
const (
	byQuarter = arguments + `
		SELECT NULL, CASE WHEN $2 THEN model END,
			CASE WHEN $3 THEN (quarter * 900000 + $8) / 86400000 END,
			CASE WHEN $4 THEN (quarter * 900000 + $8) / 3600000 END,
			NULL, NULL, NULL,
			sum(messages)::bigint, sum(input)::bigint, sum(output)::bigint, sum(cache_creation)::bigint, sum(cache_creation_1h)::bigint, sum(cache_read)::bigint,
			sum(cost)::bigint, sum(cost_estimated)::bigint, sum(cost_unknown)::bigint
		FROM quarters
		WHERE quarter >= $9 AND quarter < $10
		GROUP BY 2, 3, 4`

	byQuarterAndAll = arguments + `
		SELECT CASE WHEN $1 THEN subscription_id END, CASE WHEN $2 THEN model END,
			CASE WHEN $3 THEN (quarter * 900000 + $8) / 86400000 END,
			CASE WHEN $4 THEN (quarter * 900000 + $8) / 3600000 END,
			CASE WHEN $5 THEN project END, NULL, NULL,
			sum(messages)::bigint, sum(input)::bigint, sum(output)::bigint, sum(cache_creation)::bigint, sum(cache_creation_1h)::bigint, sum(cache_read)::bigint,
			sum(cost)::bigint, sum(cost_estimated)::bigint, sum(cost_unknown)::bigint
		FROM totals
		WHERE quarter >= $9 AND quarter < $10` + asked + `
		GROUP BY 1, 2, 3, 4, 5`

	byDay = arguments + `
		SELECT CASE WHEN $1 THEN subscription_id END, CASE WHEN $2 THEN model END, CASE WHEN $3 THEN day END, NULL,
			CASE WHEN $5 THEN project END, NULL, NULL,
			sum(messages)::bigint, sum(input)::bigint, sum(output)::bigint, sum(cache_creation)::bigint, sum(cache_creation_1h)::bigint, sum(cache_read)::bigint,
			sum(cost)::bigint, sum(cost_estimated)::bigint, sum(cost_unknown)::bigint
		FROM days
		WHERE day >= $9 AND day < $10` + asked + `
		GROUP BY 1, 2, 3, 5`

	detail = arguments + `
		SELECT CASE WHEN $1 THEN subscription_id END, CASE WHEN $2 THEN model END,
			CASE WHEN $3 THEN (at + $8) / 86400000 END,
			CASE WHEN $4 THEN (at + $8) / 3600000 END,
			CASE WHEN $5 THEN project END,
			CASE WHEN $6 THEN conversation END, CASE WHEN $7 THEN session END,
			sum(messages)::bigint, sum(input)::bigint, sum(output)::bigint, sum(cache_creation)::bigint, sum(cache_creation_1h)::bigint, sum(cache_read)::bigint,
			sum(cost)::bigint, sum(cost_estimated)::bigint, sum(cost_unknown)::bigint
		FROM (
			SELECT coalesce(subscription_id, 0) AS subscription_id, model, at, cwd AS project, entries.conversation,
				sessions.id AS session, messages, input, output, cache_creation, cache_creation_1h, cache_read,
				coalesce(cost, 0) AS cost, cost_estimated, (cost IS NULL)::int AS cost_unknown
			FROM entries JOIN sessions ON sessions.number = entries.session
			WHERE at >= $9 AND at < $10) AS entries
		WHERE true` + asked + `
		GROUP BY 1, 2, 3, 4, 5, 6, 7`

	// arguments gives all of them a type: no source uses every one.
	arguments = `
		WITH arguments AS (
			SELECT $1::boolean, $2::boolean, $3::boolean, $4::boolean, $5::boolean, $6::boolean, $7::boolean,
				$8::bigint, $9::bigint, $10::bigint, $11::bigint[], $12::text)`

	// asked is what the query asks for only.
	asked = `
			AND ($11 IS NULL OR subscription_id = ANY ($11))
			AND ($12 IS NULL OR project <> '' AND substr(project || '/', 1, length($12)) = $12)`
)

// sourceKind says what the rows of a source are.
type sourceKind int

const (
	booked sourceKind = iota
	// pruned and notPruned are what has been in quarter hours of which detail was pruned, and what of it
	// is still there in detail: the difference is what was pruned.
	pruned
	notPruned
)

// add runs the query of a source and adds its rows to the sum.
func (r *usageReader) add(ctx context.Context, source string, from, to int64, kind sourceKind) error {
	if from >= to {
		return nil
	}
	has := r.query.Has
	return each(ctx, r.tx, func(rows pgx.Rows) error {
		var id, day, hour pgtype.Int8
		var model, project, conversation, session pgtype.Text
		var u pool.Usage
		err := rows.Scan(append([]any{&id, &model, &day, &hour, &project, &conversation, &session}, figures(&u)...)...)
		key := pool.UsageKey{
			Subscription: r.members[id.Int64].name, Tags: r.members[id.Int64].tags, Model: model.String,
			Day: day.Int64, Hour: time.UnixMilli(hour.Int64*3600_000 - r.offset), Project: project.String,
			Conversation: conversation.String, Session: session.String,
		}
		if kind != booked {
			key.Conversation, key.Session = pool.Pruned, pool.Pruned
		}
		if kind == notPruned {
			u = pool.Usage{}.Minus(u)
		}
		r.sum.Add(key, u)
		return err
	}, source,
		has(pool.BySubscription, pool.ByTag), has(pool.ByModel), has(pool.ByDay, pool.ByWeek, pool.ByMonth),
		has(pool.ByHour), has(pool.ByProject), has(pool.ByConversation), has(pool.BySession),
		r.offset, from, to, r.subscriptions, r.dir)
}

const quarterMillis = int64(quarter / time.Millisecond)

func ceilDiv(a, b int64) int64 { return -floorDiv(-a, b) }
