package pgstore

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

// teller writes the events of what a transaction books.
type teller struct {
	tx         pgx.Tx
	thresholds []float64
	// now is the present: nothing is told of what is long over.
	now time.Time
	// late is set where the present may be long over: what has been told of a budget does not fall then.
	late bool
}

func (s *Store) teller(tx pgx.Tx, now time.Time) teller {
	return teller{tx: tx, thresholds: s.thresholds, now: now}
}

// concerned is a subscription as far as events tell of it.
type concerned struct {
	pool.Subscription
	standing   pool.Standing
	budgetTold float64
	// removed is set where it is not in the pool any more: nobody wants to hear of it.
	removed bool
}

func concernedBy(ctx context.Context, q querier, subscriptionID int64) (c concerned, err error) {
	var tags string
	var heard, backoff pgtype.Int8
	s, standing := &c.Subscription, &c.standing
	err = q.QueryRow(ctx, `
		SELECT id, name, tags, weekly_budget, allow_overage, api, login, heard_at, throttles, backoff_until, budget_told, removed_at IS NOT NULL
		FROM subscriptions WHERE id = $1`, subscriptionID,
	).Scan(&s.ID, &s.Name, &tags, &s.WeeklyBudget, &s.AllowOverage, &s.API,
		&standing.Login, &heard, &standing.Throttles, &backoff, &c.budgetTold, &c.removed)
	s.Tags, standing.HeardAt, standing.BackoffUntil = splitTags(tags), moment(heard), moment(backoff)
	return c, err
}

// windows tells what there is to tell of windows that were just observed, once all of them are booked: whether one is closed
// depends on the others.
func (t teller) windows(ctx context.Context, c concerned, seen []pool.Window) error {
	if c.removed || len(seen) == 0 {
		return nil
	}
	windows, err := windowsOf(ctx, t.tx, c.ID)
	if err != nil {
		return err
	}
	for i, w := range windows {
		if !slices.ContainsFunc(seen, func(s pool.Window) bool { return s.Kind == w.Kind }) {
			continue
		}
		if err := insertEvents(ctx, t.tx, w.Alert(c.Subscription, windows, t.thresholds, t.now)...); err != nil {
			return err
		}
		if w.Told == windows[i].Told {
			continue
		}
		_, err := t.tx.Exec(ctx, `UPDATE windows SET told = $1 WHERE subscription_id = $2 AND kind = $3`, w.Told, c.ID, w.Kind)
		if err != nil {
			return err
		}
	}
	return nil
}

// weekOf is what the week that ends with the present holds of a subscription.
func (t teller) weekOf(ctx context.Context, subscriptionID int64) (u pool.Usage, err error) {
	err = each(ctx, t.tx, func(rows pgx.Rows) error { return rows.Scan(figures(&u)...) }, `
		SELECT messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated, cost_unknown
		FROM weeks WHERE day = $1 AND subscription_id = $2`, pool.UTCDay(t.now), subscriptionID)
	return u, err
}

// budgets writes sums, and tells of the budgets that they pass. Where the present is not known nothing is told.
func (t teller) budgets(ctx context.Context, s *sums) error {
	before := map[int64]pool.Usage{}
	var withBudget []concerned
	for _, id := range s.subscriptions() {
		if t.now.IsZero() {
			break
		}
		c, err := concernedBy(ctx, t.tx, id)
		if err != nil {
			return err
		}
		if c.removed || c.WeeklyBudget == 0 {
			continue
		}
		withBudget = append(withBudget, c)
		if before[id], err = t.weekOf(ctx, id); err != nil {
			return err
		}
	}
	if err := s.write(ctx, t.tx); err != nil {
		return err
	}
	for _, c := range withBudget {
		if err := t.budget(ctx, c, before[c.ID]); err != nil {
			return err
		}
	}
	return nil
}

func (t teller) budget(ctx context.Context, c concerned, before pool.Usage) error {
	week, err := t.weekOf(ctx, c.ID)
	if err != nil || week == before {
		return err
	}
	events, told := pool.BudgetAlert(c.Subscription, before, week, c.budgetTold, t.thresholds, t.now)
	if t.late {
		told = max(told, c.budgetTold)
	}
	if err := insertEvents(ctx, t.tx, events...); err != nil || told == c.budgetTold {
		return err
	}
	_, err = t.tx.Exec(ctx, `UPDATE subscriptions SET budget_told = $1 WHERE id = $2`, told, c.ID)
	return err
}
