package pgstore

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

// toldRow is an entry of what was told, which settling may change.
type toldRow struct {
	number  int64
	account account
	model   string
	at      int64
	usage   pool.Usage
}

// settle brings what was told of a cluster in line with the messages that were read of it. key is that
// of the earliest session.
func (l *ledger) settle(ctx context.Context, key settleKey, cluster []int64, at int64) error {
	tally, err := readTally(ctx, l.tx, key, cluster)
	if err != nil || tally.OneSided() {
		return err
	}
	rows, err := l.told(ctx, key, cluster)
	if err != nil {
		return err
	}
	want := tally.Remainder()
	if len(rows) == 0 && want == (pool.Usage{}) {
		return nil
	}
	if len(rows) == 0 {
		if rows, err = l.firstTold(ctx, key, at); err != nil {
			return err
		}
	}
	usages := make([]pool.Usage, len(rows))
	for i, row := range rows {
		usages[i] = row.usage
	}
	pool.Settle(usages, want)
	for i, row := range rows {
		if err := l.change(ctx, row, usages[i]); err != nil {
			return err
		}
	}
	return nil
}

// told returns the entries of what was told, the oldest first.
func (l *ledger) told(ctx context.Context, key settleKey, cluster []int64) ([]toldRow, error) {
	var rows []toldRow
	for _, session := range cluster {
		a, err := accountByNumber(ctx, l.tx, session)
		if err != nil {
			return nil, err
		}
		err = each(ctx, l.tx, func(r pgx.Rows) error {
			row := toldRow{account: a}
			err := row.scan(r)
			if pool.BaseModel(row.model) == key.model {
				rows = append(rows, row)
			}
			return err
		}, `
			SELECT number, model, at, messages, input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated
			FROM entries
			WHERE session = $1 AND conversation = $2 AND source = 'told'`, session, key.conversation)
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(rows, func(a, b toldRow) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.number, b.number))
	})
	return rows, nil
}

func (row *toldRow) scan(r pgx.Rows) error {
	var cost pgtype.Int8
	u := &row.usage
	t := &u.Tokens
	err := r.Scan(&row.number, &row.model, &row.at,
		&u.Messages, &t.Input, &t.Output, &t.CacheCreation, &t.CacheCreation1h, &t.CacheRead, &cost, &u.CostEstimated)
	u.Cost = pool.NanoUSD(cost.Int64)
	if !cost.Valid {
		u.CostUnknown = 1
	}
	return err
}

// firstTold makes an empty entry for what only the transcript's cost-state lines tell.
func (l *ledger) firstTold(ctx context.Context, key settleKey, at int64) ([]toldRow, error) {
	a, err := accountByNumber(ctx, l.tx, key.session)
	if err != nil {
		return nil, err
	}
	e := pool.Entry{
		ID: fmt.Sprintf("told/%d/%s/%s", key.session, key.conversation, key.model), At: moment(pgtype.Int8{Int64: at, Valid: true}),
		Conversation: key.conversation, Model: key.model, CostSource: pool.CostFromCLI,
	}
	if _, err := l.insert(ctx, a, sourceTold, e); err != nil {
		return nil, err
	}
	return l.told(ctx, key, []int64{key.session})
}

// change writes new figures of an entry, and the difference to the sums.
func (l *ledger) change(ctx context.Context, row toldRow, u pool.Usage) error {
	if u == row.usage {
		return nil
	}
	t := u.Tokens
	_, err := l.tx.Exec(ctx, `
		UPDATE entries SET messages = $1, input = $2, output = $3, cache_creation = $4, cache_creation_1h = $5, cache_read = $6, cost = $7, cost_estimated = $8
		WHERE number = $9`,
		u.Messages, t.Input, t.Output, t.CacheCreation, t.CacheCreation1h, t.CacheRead,
		pgtype.Int8{Int64: int64(u.Cost), Valid: u.CostUnknown == 0}, u.CostEstimated, row.number)
	l.sums.add(row.account, row.model, row.at, u.Minus(row.usage))
	return err
}
