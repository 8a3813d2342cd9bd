package pgstore

import (
	"context"
	"encoding/json"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

// Enqueue implements pool.Store.
func (s *Store) Enqueue(ctx context.Context, req pool.Request, now time.Time) (ticket int64, err error) {
	err = s.write(ctx, "wait in the queue", func(tx pgx.Tx) error {
		waiting, err := waitingOf(ctx, tx, req)
		if err != nil {
			return err
		}
		text, err := json.Marshal(waiting)
		if err != nil {
			return err
		}
		p := req.Process
		return tx.QueryRow(ctx, `
			INSERT INTO queue (request, host, boot_id, pid_namespace, pid, start_time, heartbeat_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)
			RETURNING ticket`,
			string(text), p.Host, p.BootID, p.PIDNamespace, p.PID, p.StartTime, now.UnixMilli()).Scan(&ticket)
	})
	return ticket, err
}

// waitingOf is what to keep of a request that found no room.
func waitingOf(ctx context.Context, tx pgx.Tx, req pool.Request) (pool.Waiting, error) {
	candidates, err := subscriptions(ctx, tx)
	subs := make([]pool.Subscription, len(candidates))
	for i, c := range candidates {
		subs[i] = c.Subscription
	}
	return pool.NewWaiting(req, subs), err
}

// Leave implements pool.Store.
func (s *Store) Leave(ctx context.Context, ticket int64) error {
	return s.write(ctx, "leave the queue", func(tx pgx.Tx) error { return leave(ctx, tx, ticket) })
}

func leave(ctx context.Context, tx pgx.Tx, tickets ...int64) error {
	for _, ticket := range tickets {
		if ticket == 0 {
			continue
		}
		if _, err := tx.Exec(ctx, `DELETE FROM queue WHERE ticket = $1`, ticket); err != nil {
			return err
		}
	}
	return nil
}

// stillWaits notes that the one with the ticket waits, unless that was noted a moment ago: those who wait ask
// all the time.
func stillWaits(ctx context.Context, tx pgx.Tx, ticket int64, now time.Time) error {
	if ticket == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, `UPDATE queue SET heartbeat_at = $1 WHERE ticket = $2 AND heartbeat_at <= $3`,
		now.UnixMilli(), ticket, now.Add(-pool.HeartbeatEvery).UnixMilli())
	return err
}

// ahead reads the requests that wait before the ticket, all where it is 0.
func ahead(b *batch, ticket int64, now time.Time, requests *[]pool.Request) {
	b.each(func(rows pgx.Rows) error {
		var text string
		var waiting pool.Waiting
		if err := rows.Scan(&text); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &waiting); err != nil {
			return err
		}
		*requests = append(*requests, waiting.Request())
		return nil
	}, `
		SELECT request FROM queue
		WHERE ($1::bigint = 0 OR ticket < $1) AND heartbeat_at >= $2
		ORDER BY ticket`, ticket, now.Add(-pool.HeartbeatTimeout).UnixMilli())
}

// findLeft finds the tickets whose process is gone.
func (g *gone) findLeft(b *batch, probe pool.Probe, now time.Time) {
	b.each(func(rows pgx.Rows) error {
		var ticket int64
		var waiter pool.Session
		var heartbeat pgtype.Int8
		p := &waiter.Process
		err := rows.Scan(&ticket, &p.Host, &p.BootID, &p.PIDNamespace, &p.PID, &p.StartTime, &heartbeat)
		if waiter.HeartbeatAt = moment(heartbeat); err == nil && waiter.IsDead(probe, now) {
			g.tickets = append(g.tickets, ticket)
		}
		return err
	}, `SELECT ticket, host, boot_id, pid_namespace, pid, start_time, heartbeat_at FROM queue`)
}
