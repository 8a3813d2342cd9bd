package sqlitestore

import (
	"context"
	"database/sql"
	"fmt"

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

// settle brings what was told of a cluster in line with the messages that were read of it.
func (l *ledger) settle(ctx context.Context, key settleKey, at int64) error {
	tally, err := readTally(ctx, l.tx, key)
	if err != nil || tally.OneSided() {
		return err
	}
	rows, err := l.told(ctx, key)
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

func (l *ledger) told(ctx context.Context, key settleKey) ([]toldRow, error) {
	var rows []toldRow
	err := each(ctx, l.tx, func(r *sql.Rows) error {
		var row toldRow
		var cost sql.NullInt64
		u := &row.usage
		t := &u.Tokens
		err := r.Scan(&row.number, &row.account.number, &row.account.subscriptionID, &row.account.cwd, &row.model, &row.at,
			&u.Messages, &t.Input, &t.Output, &t.CacheCreation, &t.CacheCreation1h, &t.CacheRead, &cost)
		u.Cost = pool.NanoUSD(cost.Int64)
		if !cost.Valid {
			u.CostUnknown = 1
		}
		if pool.BaseModel(row.model) == key.model {
			rows = append(rows, row)
		}
		return err
	}, `
		SELECT entries.number, session, ifnull(subscription_id, 0), cwd, model, at,
			messages, input, output, cache_creation, cache_creation_1h, cache_read, cost
		FROM entries JOIN sessions ON sessions.number = entries.session
		WHERE cluster = ? AND entries.conversation = ? AND source = 'told'
		ORDER BY at, entries.number`, key.cluster, key.conversation)
	return rows, err
}

// firstTold makes an empty entry for what only the transcript's cost-state lines tell.
func (l *ledger) firstTold(ctx context.Context, key settleKey, at int64) ([]toldRow, error) {
	a, err := accountByNumber(ctx, l.tx, key.cluster)
	if err != nil {
		return nil, err
	}
	e := pool.Entry{
		ID:           fmt.Sprintf("told/%d/%s/%s", key.cluster, key.conversation, key.model),
		Conversation: key.conversation, Model: key.model, CostSource: pool.CostFromCLI,
	}
	e.At = moment(sql.NullInt64{Int64: at, Valid: true})
	if _, err := l.insert(ctx, a, key.cluster, sourceTold, e); err != nil {
		return nil, err
	}
	return l.told(ctx, key)
}

// change writes new figures of an entry, and the difference to the sums.
func (l *ledger) change(ctx context.Context, row toldRow, u pool.Usage) error {
	if u == row.usage {
		return nil
	}
	t := u.Tokens
	_, err := l.tx.ExecContext(ctx, `
		UPDATE entries SET messages = ?, input = ?, output = ?, cache_creation = ?, cache_creation_1h = ?, cache_read = ?, cost = ?
		WHERE number = ?`,
		u.Messages, t.Input, t.Output, t.CacheCreation, t.CacheCreation1h, t.CacheRead,
		sql.NullInt64{Int64: int64(u.Cost), Valid: u.CostUnknown == 0}, row.number)
	l.sums.add(row.account, row.model, row.at, u.Minus(row.usage))
	return err
}
