package pgstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

// open are the states of what has not arrived. Each has an index of its own, so it is asked for by itself: what
// waits before what is dead, since Retry makes the one of the other.
var open = []pool.DeliveryState{pool.DeliveryWaits, pool.DeliveryDead}

// isOpen is the condition on a delivery d for each of them: a constant, or the index is not used.
var isOpen = map[pool.DeliveryState]string{
	pool.DeliveryWaits: `d.state = 'waiting'`,
	pool.DeliveryDead:  `d.state = 'dead'`,
}

// Deliveries implements pool.Outbox.
func (s *Store) Deliveries(ctx context.Context, q pool.DeliveryQuery) ([]pool.Delivery, error) {
	var found []pool.Delivery
	err := s.read(ctx, "read the deliveries", func(tx pgx.Tx) error {
		for _, where := range deliveryWheres(q) {
			err := each(ctx, tx, func(rows pgx.Rows) error {
				d, err := scanDelivery(rows)
				found = append(found, d)
				return err
			}, placed(`
				SELECT `+deliveryColumns+`
				FROM deliveries d JOIN events e ON e.number = d.event
				WHERE `+where.text+`
				ORDER BY d.event DESC, d.channel
				LIMIT ?`), append(where.args, atMost(q.Limit))...)
			if err != nil {
				return err
			}
		}
		return nil
	})
	slices.SortStableFunc(found, func(a, b pool.Delivery) int {
		return cmp.Or(-cmp.Compare(a.Event.Number, b.Event.Number), cmp.Compare(a.Channel, b.Channel))
	})
	if q.Limit > 0 {
		found = found[:min(len(found), q.Limit)]
	}
	return found, err
}

// where is a condition with its arguments.
type where struct {
	text string
	args []any
}

// and adds a condition.
func (w where) and(text string, args ...any) where {
	return where{w.text + ` AND ` + text, append(slices.Clone(w.args), args...)}
}

// placed numbers the arguments of a statement that was put together.
func placed(statement string) string {
	parts := strings.Split(statement, `?`)
	var b strings.Builder
	for i, part := range parts {
		if i > 0 {
			fmt.Fprintf(&b, `$%d`, i)
		}
		b.WriteString(part)
	}
	return b.String()
}

// deliveryWheres are the conditions of a query, to be asked for one after the other.
func deliveryWheres(q pool.DeliveryQuery) (wheres []where) {
	if len(q.States) == 0 || slices.ContainsFunc(q.States, func(s pool.DeliveryState) bool { return isOpen[s] == "" }) {
		all := where{text: `true`}
		if len(q.States) > 0 {
			all.text = `d.state IN (?` + strings.Repeat(`, ?`, len(q.States)-1) + `)`
			for _, state := range q.States {
				all.args = append(all.args, state)
			}
		}
		return []where{all.narrowed(q)}
	}
	for _, state := range open {
		if slices.Contains(q.States, state) {
			wheres = append(wheres, where{text: isOpen[state]}.narrowed(q))
		}
	}
	return wheres
}

// narrowed adds what a query asks for beside the states.
func (w where) narrowed(q pool.DeliveryQuery) where {
	if q.Channel != "" {
		w = w.and(`d.channel = ?`, q.Channel)
	}
	if q.Event != "" { // ids are hexadecimal: "g" is behind all that begin so
		w = w.and(`d.event IN (SELECT number FROM events WHERE id >= ? AND id < ?)`, q.Event, q.Event+"g")
	}
	return w
}

// Backlogs implements pool.Outbox.
func (s *Store) Backlogs(ctx context.Context) ([]pool.Backlog, error) {
	backlogs := map[string]*pool.Backlog{}
	latest := map[string]int64{}
	err := each(ctx, s.db, func(rows pgx.Rows) error {
		var channel, trouble string
		var waiting, dead, tried int64
		var oldest pgtype.Int8
		if err := rows.Scan(&channel, &waiting, &dead, &oldest, &tried, &trouble); err != nil {
			return err
		}
		b := backlogs[channel]
		if b == nil {
			b = &pool.Backlog{Channel: channel}
			backlogs[channel] = b
		}
		b.Waiting, b.Dead = b.Waiting+waiting, b.Dead+dead
		if oldest.Valid {
			b.Oldest = moment(oldest)
		}
		if tried > latest[channel] {
			latest[channel], b.Trouble = tried, trouble
		}
		return nil
	}, `
		SELECT d.channel, count(*), 0, (
			SELECT at FROM events WHERE number = (
				SELECT min(first.event) FROM deliveries first WHERE first.state = 'waiting' AND first.channel = d.channel
			)
		), coalesce(max(d.tried_at), 0), (array_agg(d.trouble ORDER BY d.tried_at DESC NULLS LAST))[1]
		FROM deliveries d WHERE d.state = 'waiting' GROUP BY d.channel
		UNION ALL
		SELECT d.channel, 0, count(*), NULL, coalesce(max(d.tried_at), 0), (array_agg(d.trouble ORDER BY d.tried_at DESC NULLS LAST))[1]
		FROM deliveries d WHERE d.state = 'dead' GROUP BY d.channel`)
	var list []pool.Backlog
	for _, b := range backlogs {
		list = append(list, *b)
	}
	slices.SortFunc(list, func(a, b pool.Backlog) int { return cmp.Compare(a.Channel, b.Channel) })
	return list, translate("count what has not arrived", err)
}

// Retry implements pool.Outbox.
func (s *Store) Retry(ctx context.Context, q pool.DeliveryQuery, now time.Time) (int64, error) {
	return s.changeOpen(ctx, "retry deliveries", q, `state = 'waiting', tries = 0, next_at = ?`, now.UnixMilli())
}

// Drop implements pool.Outbox.
func (s *Store) Drop(ctx context.Context, q pool.DeliveryQuery) (int64, error) {
	return s.changeOpen(ctx, "drop deliveries", q, `state = 'dropped'`)
}

// changeOpen changes what has not arrived of what a query asks for, and returns how many that was.
func (s *Store) changeOpen(ctx context.Context, what string, q pool.DeliveryQuery, set string, args ...any) (changed int64, err error) {
	if len(q.States) == 0 {
		q.States = open
	}
	q.States = slices.DeleteFunc(slices.Clone(q.States), func(s pool.DeliveryState) bool { return isOpen[s] == "" })
	if len(q.States) == 0 {
		return 0, nil
	}
	err = s.write(ctx, what, func(tx pgx.Tx) error {
		for _, where := range deliveryWheres(q) {
			result, err := tx.Exec(ctx, placed(`UPDATE deliveries AS d SET `+set+` WHERE `+where.text), append(slices.Clone(args), where.args...)...)
			if err != nil {
				return err
			}
			n := result.RowsAffected()
			changed += n
		}
		return nil
	})
	return changed, err
}
