package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"claudepool/pool"
)

// bookedMessage is a message of a transcript as the ledger has it.
type bookedMessage struct {
	number, session int64
	at              int64
	conversation    string
	model           string
	usage           pool.Usage
	// outside is set where it is booked to no session of the pool's.
	outside bool
}

// messageColumns are what scan reads.
const messageColumns = `
	SELECT entries.number, session, at, entries.conversation, model,
		input, output, cache_creation, cache_creation_1h, cache_read, cost, cost_estimated, end_reason = 'outside'
	FROM entries JOIN sessions ON sessions.number = session`

func (m *bookedMessage) scan(row interface{ Scan(...any) error }) error {
	var cost pgtype.Int8
	t := &m.usage.Tokens
	err := row.Scan(&m.number, &m.session, &m.at, &m.conversation, &m.model,
		&t.Input, &t.Output, &t.CacheCreation, &t.CacheCreation1h, &t.CacheRead, &cost, &m.usage.CostEstimated, &m.outside)
	m.usage.Messages, m.usage.Cost = 1, pool.NanoUSD(cost.Int64)
	if !cost.Valid {
		m.usage.CostUnknown = 1
	}
	return err
}

func (m *bookedMessage) key() settleKey { return keyOf(m.session, m.conversation, m.model) }

func (m *bookedMessage) moment() time.Time { return time.UnixMilli(m.at).UTC() }

// look finds a message by its id; nil where it is not known.
func (b *transcriptBooking) look(ctx context.Context, id string) (*bookedMessage, error) {
	var m bookedMessage
	err := m.scan(b.tx.QueryRow(ctx, messageColumns+` WHERE entries.id = $1`, id))
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	return &m, err
}

// again takes a message that is known already: a copy, or one that was read before with smaller figures,
// as those of its start.
func (b *transcriptBooking) again(ctx context.Context, known *bookedMessage, e pool.Entry) error {
	if known.conversation != e.Conversation {
		if err := b.copy(ctx, known, e.Conversation); err != nil {
			return err
		}
	}
	if e.Tokens.Total() <= known.usage.Tokens.Total() || e.Model != known.model {
		return nil
	}
	a, err := b.accountOf(ctx, known.session)
	if err != nil {
		return err
	}
	t := e.Tokens
	_, err = b.tx.Exec(ctx, `
		UPDATE entries SET input = $1, output = $2, cache_creation = $3, cache_creation_1h = $4, cache_read = $5, cost = $6, cost_estimated = $7
		WHERE number = $8`, t.Input, t.Output, t.CacheCreation, t.CacheCreation1h, t.CacheRead,
		pgtype.Int8{Int64: int64(e.Cost), Valid: e.CostSource != pool.CostUnknown}, e.Usage().CostEstimated, known.number)
	added := e.Usage().Minus(known.usage)
	b.sums.add(a, known.model, known.at, added)
	b.tally(known.key(), sideRead, added, known.at)
	return err
}

// copy takes a message that is known from another conversation. If that was no session's at the time and
// this one was, then this is where it came from, and the copy was read first.
func (b *transcriptBooking) copy(ctx context.Context, known *bookedMessage, conversation string) error {
	visits, err := b.visitsOf(ctx, conversation)
	if err != nil {
		return err
	}
	visit, found := pool.Attribute(visits, known.moment())
	if !known.outside || !found || !visit.Covers(known.moment()) {
		return b.noteFork(ctx, conversation, b.path)
	}
	if err := b.noteFork(ctx, known.conversation, ""); err != nil {
		return err
	}
	return b.move(ctx, known, visit.Session, conversation)
}

func (b *transcriptBooking) noteFork(ctx context.Context, conversation, path string) error {
	known := [2]string{conversation, path}
	if b.forks[known] {
		return nil
	}
	b.forks[known] = true
	_, err := b.tx.Exec(ctx, `INSERT INTO forks (conversation, path) VALUES ($1, $2) ON CONFLICT DO NOTHING`, conversation, path)
	return err
}

// move books a message to another session. What the CLI's figures said of it where it was does not count
// there any more.
func (l *ledger) move(ctx context.Context, m *bookedMessage, session int64, conversation string) error {
	from, err := accountByNumber(ctx, l.tx, m.session)
	if err != nil {
		return err
	}
	to, err := accountByNumber(ctx, l.tx, session)
	if err != nil {
		return err
	}
	if err := l.unstate(ctx, m); err != nil {
		return err
	}
	l.tally(m.key(), sideRead, pool.Usage{}.Minus(m.usage), m.at)
	l.sums.add(from, m.model, m.at, pool.Usage{}.Minus(m.usage))
	m.session, m.conversation, m.outside = session, conversation, false
	l.tally(m.key(), sideRead, m.usage, m.at)
	l.sums.add(to, m.model, m.at, m.usage)
	_, err = l.tx.Exec(ctx, `UPDATE entries SET session = $1, conversation = $2 WHERE number = $3`, session, conversation, m.number)
	return err
}

// unstate takes a message out of what the CLI stated where it is booked, as far as that goes.
func (l *ledger) unstate(ctx context.Context, m *bookedMessage) error {
	stated, err := l.stated(ctx, m.key())
	if err != nil {
		return err
	}
	l.tally(m.key(), sideStated, stated.Without(m.usage).Minus(stated), m.at)
	return nil
}

// stated is what the CLI stated of one session.
func (l *ledger) stated(ctx context.Context, key settleKey) (pool.Usage, error) {
	tally, err := readTally(ctx, l.tx, key, []int64{key.session})
	return tally.Stated.Plus(l.added[tallyKey{key, sideStated}].usage), err
}
