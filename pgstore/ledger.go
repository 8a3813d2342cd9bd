package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

// quarter is the length of what totals sum up.
const quarter = 15 * time.Minute

// ledger books entries in one transaction. What it adds to the sums is written by finish.
type ledger struct {
	teller
	sums *sums
	// added is what each side has more.
	added map[tallyKey]addition
	// unsettled are those of which one side, or the company, has changed, with the moment of the latest
	// change.
	unsettled map[settleKey]int64
	// visits are those of the conversations that were asked for.
	visits map[string][]pool.Visit
	// horizon is the moment before which detail has been pruned; -1 until it is asked for.
	horizon int64
}

// addition is what a side has more, and the time of the latest entry or figure of it.
type addition struct {
	usage  pool.Usage
	latest int64
}

type tallyKey struct {
	settleKey
	side string
}

// settleKey is a session on a conversation with a model. The two sides are compared for it, and for all
// that were there at once with it.
type settleKey struct {
	session             int64
	conversation, model string
}

func keyOf(session int64, conversation, model string) settleKey {
	return settleKey{session, conversation, pool.BaseModel(model)}
}

func newLedger(t teller) *ledger {
	return &ledger{
		teller: t, sums: newSums(), added: map[tallyKey]addition{}, unsettled: map[settleKey]int64{},
		visits: map[string][]pool.Visit{}, horizon: -1,
	}
}

// The sides of a tally.
const (
	sidePrinted = "printed"
	sideStated  = "stated"
	sideRead    = "read"
)

// The sources of an entry.
const (
	sourceTold    = "told"
	sourceMessage = "message"
)

// bookPrinted books what standard output told. A known id is passed over, and so is what is older than
// what has been pruned.
func (l *ledger) bookPrinted(ctx context.Context, a account, e pool.Entry) error {
	if pruned, err := l.isPruned(ctx, e.At.UnixMilli()); err != nil || pruned {
		return err
	}
	isNew, err := l.insert(ctx, a, sourceTold, e)
	if err != nil || !isNew {
		return err
	}
	l.tally(keyOf(a.number, e.Conversation, e.Model), sidePrinted, e.Usage(), e.At.UnixMilli())
	return nil
}

// insert writes an entry and adds it to the sums, unless its id is known.
func (l *ledger) insert(ctx context.Context, a account, source string, e pool.Entry) (isNew bool, err error) {
	return l.insertUsage(ctx, a, source, e, e.Usage())
}

// insertUsage does it with other figures than those of the entry: of what was told, a part can be estimated.
func (l *ledger) insertUsage(ctx context.Context, a account, source string, e pool.Entry, u pool.Usage) (isNew bool, err error) {
	cost := pgtype.Int8{Int64: int64(u.Cost), Valid: u.CostUnknown == 0}
	t := u.Tokens
	result, err := l.tx.Exec(ctx, `
		INSERT INTO entries
			(id, session, source, at, conversation, model,
			messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (id) DO NOTHING`,
		e.ID, a.number, source, e.At.UnixMilli(), e.Conversation, e.Model, u.Messages,
		t.Input, t.Output, t.CacheCreation, t.CacheCreation1h, t.CacheRead, cost, u.CostEstimated)
	if err != nil {
		return false, err
	}
	if isNew = result.RowsAffected() > 0; isNew {
		l.sums.add(a, e.Model, e.At.UnixMilli(), u)
	}
	return isNew, nil
}

// tally adds to one side, to be written and settled by finish.
func (l *ledger) tally(key settleKey, side string, u pool.Usage, at int64) {
	l.unsettled[key] = max(l.unsettled[key], at)
	a := l.added[tallyKey{key, side}]
	l.added[tallyKey{key, side}] = addition{a.usage.Plus(u), max(a.latest, at)}
}

func (l *ledger) writeTally(ctx context.Context, key tallyKey, a addition) error {
	_, err := l.tx.Exec(ctx, `
		INSERT INTO tallies
			(session, conversation, model, side,
			messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated, cost_unknown,
			latest)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
		ON CONFLICT (session, conversation, model, side) DO UPDATE SET
			messages = tallies.messages + excluded.messages,
			input = tallies.input + excluded.input,
			output = tallies.output + excluded.output,
			cache_creation = tallies.cache_creation + excluded.cache_creation,
			cache_creation_1h = tallies.cache_creation_1h + excluded.cache_creation_1h,
			cache_read = tallies.cache_read + excluded.cache_read,
			cost = tallies.cost + excluded.cost,
			cost_estimated = tallies.cost_estimated + excluded.cost_estimated,
			cost_unknown = tallies.cost_unknown + excluded.cost_unknown,
			latest = greatest(tallies.latest, excluded.latest)`,
		append(append([]any{key.session, key.conversation, key.model, key.side}, values(a.usage)...), a.latest)...)
	return err
}

// finish settles what has changed and writes the sums, with the events of these. It comes last in the transaction.
func (l *ledger) finish(ctx context.Context) error {
	for key, a := range l.added {
		if err := l.writeTally(ctx, key, a); err != nil {
			return err
		}
	}
	clusters, changed, err := l.clusters(ctx)
	if err != nil {
		return err
	}
	for key, cluster := range clusters {
		if err := l.settle(ctx, key, cluster, changed[key]); err != nil {
			return err
		}
	}
	return l.budgets(ctx, l.sums)
}

// clusters returns the sessions to settle together, by the key of the earliest of them, and when they
// changed.
func (l *ledger) clusters(ctx context.Context) (clusters map[settleKey][]int64, changed map[settleKey]int64, err error) {
	clusters, changed = map[settleKey][]int64{}, map[settleKey]int64{}
	for key, at := range l.unsettled {
		visits, err := l.visitsOf(ctx, key.conversation)
		if err != nil {
			return nil, nil, err
		}
		cluster := pool.ClusterOf(visits, key.session)
		key.session = cluster[0]
		clusters[key], changed[key] = cluster, max(changed[key], at)
	}
	return clusters, changed, nil
}

// readTally adds up the sides of a cluster.
func readTally(ctx context.Context, q querier, key settleKey, cluster []int64) (t pool.Tally, err error) {
	for _, session := range cluster {
		err := each(ctx, q, func(rows pgx.Rows) error {
			var side string
			var u pool.Usage
			err := rows.Scan(append([]any{&side}, figures(&u)...)...)
			switch side {
			case sidePrinted:
				t.Printed = t.Printed.Plus(u)
			case sideStated:
				t.Stated = t.Stated.Plus(u)
			case sideRead:
				t.Messages = t.Messages.Plus(u)
			}
			return err
		}, `
			SELECT side, messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated, cost_unknown
			FROM tallies
			WHERE session = $1 AND conversation = $2 AND model = $3`, session, key.conversation, key.model)
		if err != nil {
			return t, err
		}
	}
	return t, nil
}

// visitsOf reads the visits of a conversation, the earliest first.
func (l *ledger) visitsOf(ctx context.Context, conversation string) ([]pool.Visit, error) {
	if visits, known := l.visits[conversation]; known || conversation == "" {
		return visits, nil
	}
	var visits []pool.Visit
	err := each(ctx, l.tx, func(rows pgx.Rows) error {
		var v pool.Visit
		var since, until pgtype.Int8
		err := rows.Scan(&v.Session, &v.SubscriptionID, &since, &until, &v.FromStart)
		v.Since, v.Until = moment(since), moment(until)
		visits = append(visits, v)
		return err
	}, `
		SELECT session, coalesce(subscription_id, 0), since, coalesce(until, ended_at), since = started_at
		FROM visits JOIN sessions ON sessions.number = visits.session
		WHERE visits.conversation = $1
		ORDER BY since, session`, conversation)
	l.visits[conversation] = visits
	return visits, err
}

// accountByNumber returns the account of a session.
func accountByNumber(ctx context.Context, q querier, number int64) (a account, err error) {
	err = q.QueryRow(ctx, `
		SELECT number, coalesce(subscription_id, 0), conversation, cwd FROM sessions WHERE number = $1`, number,
	).Scan(&a.number, &a.subscriptionID, &a.conversation, &a.cwd)
	if errors.Is(err, pgx.ErrNoRows) {
		return a, pool.ErrNotFound
	}
	return a, err
}

// quarterOf numbers the quarter hours since 1970.
func quarterOf(t time.Time) int64 { return floorDiv(t.UnixMilli(), quarter.Milliseconds()) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
