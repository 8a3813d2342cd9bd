package sqlitestore

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"claudepool/pool"
)

// Enqueue implements pool.Store.
func (s *Store) Enqueue(ctx context.Context, req pool.Request, now time.Time) (ticket int64, err error) {
	err = s.write(ctx, "wait in the queue", func(tx *sql.Tx) error {
		waiting, err := waitingOf(ctx, tx, req)
		if err != nil {
			return err
		}
		text, err := json.Marshal(waiting)
		if err != nil {
			return err
		}
		p := req.Process
		return tx.QueryRowContext(ctx, `
			INSERT INTO queue (request, host, boot_id, pid_namespace, pid, start_time, heartbeat_at)
			VALUES (?, ?, ?, ?, ?, ?, ?)
			RETURNING ticket`,
			string(text), p.Host, p.BootID, p.PIDNamespace, p.PID, p.StartTime, now.UnixMilli()).Scan(&ticket)
	})
	return ticket, err
}

// waitingOf is what to keep of a request that found no room.
func waitingOf(ctx context.Context, tx *sql.Tx, req pool.Request) (pool.Waiting, error) {
	candidates, err := subscriptions(ctx, tx)
	subs := make([]pool.Subscription, len(candidates))
	for i, c := range candidates {
		subs[i] = c.Subscription
	}
	return pool.NewWaiting(req, subs), err
}

// Leave implements pool.Store.
func (s *Store) Leave(ctx context.Context, ticket int64) error {
	return s.write(ctx, "leave the queue", func(tx *sql.Tx) error { return leave(ctx, tx, ticket) })
}

func leave(ctx context.Context, tx *sql.Tx, tickets ...int64) error {
	for _, ticket := range tickets {
		if ticket == 0 {
			continue
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM queue WHERE ticket = ?`, ticket); err != nil {
			return err
		}
	}
	return nil
}

// stillWaits notes that the one with the ticket waits, unless that was noted a moment ago: those who wait ask
// all the time.
func stillWaits(ctx context.Context, tx *sql.Tx, ticket int64, now time.Time) error {
	if ticket == 0 {
		return nil
	}
	_, err := tx.ExecContext(ctx, `UPDATE queue SET heartbeat_at = ? WHERE ticket = ? AND heartbeat_at <= ?`,
		now.UnixMilli(), ticket, now.Add(-pool.HeartbeatEvery).UnixMilli())
	return err
}

// ahead returns the requests that wait before the ticket, all where it is 0.
func ahead(ctx context.Context, q querier, ticket int64, now time.Time) ([]pool.Request, error) {
	var requests []pool.Request
	err := each(ctx, q, func(rows *sql.Rows) error {
		var text string
		var waiting pool.Waiting
		if err := rows.Scan(&text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &waiting); err != nil {
			return err
		}
		requests = append(requests, waiting.Request())
		return nil
	}, `
		SELECT request FROM queue
		WHERE (?1 = 0 OR ticket < ?1) AND heartbeat_at >= ?2
		ORDER BY ticket`, ticket, now.Add(-pool.HeartbeatTimeout).UnixMilli())
	return requests, err
}

// findLeft returns the tickets whose process is gone.
func (s *Store) findLeft(ctx context.Context, probe pool.Probe, now time.Time) ([]int64, error) {
	var tickets []int64
	err := each(ctx, s.db, func(rows *sql.Rows) error {
		var ticket int64
		var waiter pool.Session
		var heartbeat sql.NullInt64
		p := &waiter.Process
		err := rows.Scan(&ticket, &p.Host, &p.BootID, &p.PIDNamespace, &p.PID, &p.StartTime, &heartbeat)
		if waiter.HeartbeatAt = moment(heartbeat); err == nil && waiter.IsDead(probe, now) {
			tickets = append(tickets, ticket)
		}
		return err
	}, `SELECT ticket, host, boot_id, pid_namespace, pid, start_time, heartbeat_at FROM queue`)
	return tickets, translate("look at the queue", err)
}
