package pgstore

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

// Shortages implements pool.Outbox.
func (s *Store) Shortages(ctx context.Context) ([]pool.Shortage, error) {
	found, err := shortages(ctx, s.db)
	return found, translate("list shortages", err)
}

func shortages(ctx context.Context, q querier) (found []pool.Shortage, err error) {
	err = each(ctx, q, func(rows pgx.Rows) error {
		one, err := scanShortage(rows)
		found = append(found, one)
		return err
	}, `SELECT scope, since, last_at, waiting FROM shortages ORDER BY scope`)
	return found, err
}

func scanShortage(row interface{ Scan(...any) error }) (s pool.Shortage, err error) {
	var since, last pgtype.Int8
	var waiting string
	if err := row.Scan(&s.Scope, &since, &last, &waiting); err != nil {
		return s, err
	}
	s.Since, s.LastAt = moment(since), moment(last)
	return s, json.Unmarshal([]byte(waiting), &s.Waiting)
}

// shortageOf returns the shortage of a scope, and false where there is none.
func shortageOf(ctx context.Context, q querier, scope string) (s pool.Shortage, found bool, err error) {
	s, err = scanShortage(q.QueryRow(ctx, `SELECT scope, since, last_at, waiting FROM shortages WHERE scope = $1`, scope))
	if errors.Is(err, pgx.ErrNoRows) {
		return s, false, nil
	}
	return s, err == nil, err
}

// noteShortage begins the shortage of what a request that was turned away has asked for, or prolongs it. Those who wait
// ask all the time, so it is written now and then only.
func noteShortage(ctx context.Context, tx pgx.Tx, req pool.Request, refused error, now time.Time) error {
	if req.Forced != "" || !errors.Is(refused, pool.ErrExhausted) {
		return nil
	}
	s, found, err := shortageOf(ctx, tx, req.Scope())
	if err != nil || found && !s.IsNews(now) {
		return err
	}
	if !found {
		s = pool.Shortage{Scope: req.Scope(), Since: pool.Moment(now)}
	}
	if s.Waiting, err = waitingOf(ctx, tx, req); err != nil {
		return err
	}
	text, err := json.Marshal(s.Waiting)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO shortages (scope, since, last_at, waiting) VALUES ($1, $2, $3, $4)
		ON CONFLICT (scope) DO UPDATE SET last_at = excluded.last_at, waiting = excluded.waiting`,
		s.Scope, s.Since.UnixMilli(), now.UnixMilli(), string(text))
	if err != nil || found {
		return err
	}
	return insertEvents(ctx, tx, pool.ExhaustedEvent(s, refused))
}

// endShortage ends the shortage of what a request has got, unless runs were turned away a moment ago.
func endShortage(ctx context.Context, tx pgx.Tx, req pool.Request, now time.Time) error {
	if req.Forced != "" {
		return nil
	}
	s, found, err := shortageOf(ctx, tx, req.Scope())
	if err != nil || !found || !s.IsOver(now) {
		return err
	}
	return recovered(ctx, tx, s, now)
}

// EndShortages implements pool.Outbox.
func (s *Store) EndShortages(ctx context.Context, policy pool.Policy, now time.Time) error {
	if known, err := s.Shortages(ctx); err != nil || len(known) == 0 { // no lock where there is nothing to end
		return err
	}
	return s.write(ctx, "end shortages", func(tx pgx.Tx) error {
		if err := lockLaunches(ctx, tx); err != nil {
			return err
		}
		known, err := shortages(ctx, tx)
		if err != nil {
			return err
		}
		candidates, err := loadCandidates(ctx, tx, now)
		if err != nil {
			return err
		}
		for _, s := range known {
			if err := endUnasked(ctx, tx, s, policy, candidates, now); err != nil {
				return err
			}
		}
		return nil
	})
}

// endUnasked ends a shortage that nobody asks for any more.
func endUnasked(ctx context.Context, tx pgx.Tx, s pool.Shortage, policy pool.Policy, candidates []pool.Candidate, now time.Time) error {
	switch {
	case s.IsOver(now) && s.HasRoom(policy, candidates, now):
		return recovered(ctx, tx, s, now)
	case s.IsForgotten(now):
		return dropShortage(ctx, tx, s)
	}
	return nil
}

func dropShortage(ctx context.Context, tx pgx.Tx, s pool.Shortage) error {
	_, err := tx.Exec(ctx, `DELETE FROM shortages WHERE scope = $1`, s.Scope)
	return err
}

func recovered(ctx context.Context, tx pgx.Tx, s pool.Shortage, now time.Time) error {
	if err := dropShortage(ctx, tx, s); err != nil {
		return err
	}
	return insertEvents(ctx, tx, pool.RecoveredEvent(s, now))
}
