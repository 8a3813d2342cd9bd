package pgstore

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"claudepool/pool"
)

// Reclaim implements pool.Store. It goes batch by batch, each in a transaction of its own, until one has none dead: the
// dead send no heartbeat, so they come first.
func (s *Store) Reclaim(ctx context.Context, probe pool.Probe, now time.Time) ([]pool.Session, error) {
	ended, err := s.reclaimAll(ctx, probe, now)
	slices.SortFunc(ended, func(a, b numbered) int {
		return cmp.Or(b.StartedAt.Compare(a.StartedAt), cmp.Compare(b.number, a.number))
	})
	var sessions []pool.Session
	for _, session := range ended {
		sessions = append(sessions, session.Session)
	}
	return sessions, err
}

func (s *Store) reclaimAll(ctx context.Context, probe pool.Probe, now time.Time) (all []numbered, err error) {
	for after := fromTheOldest; ; {
		gone, err := s.findGone(ctx, after, probe, now)
		if err != nil || gone.none() {
			return all, err
		}
		var ended []numbered
		err = s.write(ctx, "reclaim sessions", func(tx pgx.Tx) error {
			ended, err = gone.end(ctx, tx, now)
			return err
		})
		if err != nil {
			return all, err
		}
		all, after = append(all, ended...), gone.last
	}
}

// gone is what processes have left behind that are no more.
type gone struct {
	sessions []numbered
	tickets  []int64
	// last is the last session that was looked at.
	last position
}

// position is a place among the running sessions, the oldest heartbeat first.
type position struct{ heartbeat, number int64 }

var fromTheOldest = position{heartbeat: math.MinInt64}

func (g gone) none() bool { return len(g.sessions) == 0 && len(g.tickets) == 0 }

// end ends what is gone and returns the sessions that it ended itself.
func (g gone) end(ctx context.Context, tx pgx.Tx, now time.Time) ([]numbered, error) {
	ended, err := endDead(ctx, tx, g.sessions, now)
	if err != nil {
		return nil, err
	}
	if err := tellReclaimed(ctx, tx, ended); err != nil {
		return nil, err
	}
	return ended, leave(ctx, tx, g.tickets...)
}

// tellReclaimed tells of sessions that were ended because their process was gone.
func tellReclaimed(ctx context.Context, tx pgx.Tx, ended []numbered) error {
	of := map[int64]concerned{}
	for _, session := range ended {
		c, known := of[session.SubscriptionID]
		if !known && session.SubscriptionID != 0 {
			var err error
			if c, err = concernedBy(ctx, tx, session.SubscriptionID); err != nil {
				return err
			}
			of[session.SubscriptionID] = c
		}
		if err := insertEvents(ctx, tx, pool.ReclaimedEvent(session.Session, c.Subscription)); err != nil {
			return err
		}
	}
	return nil
}

// findGone looks at the processes, outside of any transaction.
func (s *Store) findGone(ctx context.Context, after position, probe pool.Probe, now time.Time) (g gone, err error) {
	b := &batch{}
	g.findDead(b, after, probe, now)
	g.findLeft(b, probe, now)
	return g, translate("look for what is gone", b.send(ctx, s.db))
}

// deadBatch is how many sessions are looked at, and ended in one transaction, at most: a launch does no more, and
// others wait for the write lock.
const deadBatch = 200

// findDead looks at the running sessions whose heartbeat is the oldest. Where no more are running than a batch takes,
// these are all.
func (g *gone) findDead(b *batch, after position, probe pool.Probe, now time.Time) {
	b.each(func(rows pgx.Rows) error {
		session, err := scanNumbered(rows)
		g.last = position{session.HeartbeatAt.UnixMilli(), session.number}
		if err == nil && session.IsDead(probe, now) {
			g.sessions = append(g.sessions, session)
		}
		return err
	}, oldestRunning, after.heartbeat, after.number, deadBatch)
}

// endDead ends sessions that were found dead and returns those that it ended itself: one that another
// process has ended meanwhile, or that has sent a heartbeat after all, is left alone.
func endDead(ctx context.Context, tx pgx.Tx, dead []numbered, now time.Time) (ended []numbered, err error) {
	for _, session := range dead {
		session.EndedAt, session.End = pool.Moment(now), pool.End{Reason: pool.EndedByReclaim}
		result, err := tx.Exec(ctx, `
			UPDATE sessions SET ended_at = $1, end_reason = $2
			WHERE number = $3 AND ended_at IS NULL AND heartbeat_at = $4`,
			session.EndedAt.UnixMilli(), session.End.Reason, session.number, session.HeartbeatAt.UnixMilli())
		ours, err := changed(result, err)
		if err != nil {
			return nil, err
		}
		if !ours {
			continue
		}
		if err := heardLast(ctx, tx, session.number); err != nil {
			return nil, err
		}
		ended = append(ended, session)
	}
	return ended, nil
}
