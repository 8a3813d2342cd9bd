package sqlitestore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"claudepool/pool"
)

// Checkpoints implements pool.Store.
func (s *Store) Checkpoints(ctx context.Context) (map[string]pool.Checkpoint, error) {
	known := map[string]pool.Checkpoint{}
	err := s.read(ctx, "list checkpoints", func(tx *sql.Tx) error {
		return each(ctx, tx, func(rows *sql.Rows) error {
			var c pool.Checkpoint
			err := rows.Scan(&c.Path, &c.Identity, &c.Offset, &c.Figures)
			known[c.Path] = c
			return err
		}, `SELECT path, identity, offset, figures FROM checkpoints`)
	})
	return known, err
}

// BookTranscript implements pool.Store.
func (s *Store) BookTranscript(ctx context.Context, t pool.Transcript) error {
	return s.write(ctx, "book "+t.Checkpoint.Path, func(tx *sql.Tx) error {
		moved, err := moveCheckpoint(ctx, tx, t)
		if err != nil || !moved {
			return err
		}
		b := &transcriptBooking{ledger: newLedger(tx), visits: map[string][]pool.Visit{}, accounts: map[int64]account{}, outsiders: map[string]*outsider{}}
		if b.owner, err = ownerID(ctx, tx, t.Owner); err != nil {
			return err
		}
		for _, m := range t.Messages {
			if err := b.message(ctx, m.Bounded()); err != nil {
				return err
			}
		}
		for _, stated := range t.Stated {
			if err := b.state(ctx, stated); err != nil {
				return err
			}
		}
		if err := b.stretchOutsiders(ctx); err != nil {
			return err
		}
		return b.finish(ctx)
	})
}

// moveCheckpoint notes how far the transcript has been read, unless another process was first.
func moveCheckpoint(ctx context.Context, tx *sql.Tx, t pool.Transcript) (bool, error) {
	var known pool.Checkpoint
	err := tx.QueryRowContext(ctx, `SELECT identity, offset FROM checkpoints WHERE path = ?`, t.Checkpoint.Path).
		Scan(&known.Identity, &known.Offset)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, err
	}
	if known.Identity != t.Before.Identity || known.Offset != t.Before.Offset {
		return false, nil
	}
	c := t.Checkpoint
	_, err = tx.ExecContext(ctx, `
		INSERT INTO checkpoints (path, identity, offset, figures) VALUES (?, ?, ?, ?)
		ON CONFLICT (path) DO UPDATE SET identity = excluded.identity, offset = excluded.offset, figures = excluded.figures`,
		c.Path, c.Identity, c.Offset, c.Figures)
	return true, err
}

func ownerID(ctx context.Context, tx *sql.Tx, name string) (int64, error) {
	id, err := subscriptionID(ctx, tx, name)
	if errors.Is(err, pool.ErrNotFound) {
		return 0, nil
	}
	return id, err
}

// transcriptBooking books what was read of one transcript.
type transcriptBooking struct {
	*ledger
	owner    int64
	visits   map[string][]pool.Visit
	accounts map[int64]account
	// outsiders are the sessions that stand for use outside, by conversation.
	outsiders map[string]*outsider
	looking   *sql.Stmt
	// copied is set once a message turned up that was booked on another conversation: then the
	// transcript is a fork, and its first figures hold those of its parent.
	copied bool
}

func (b *transcriptBooking) message(ctx context.Context, m pool.Message) error {
	known, err := b.known(ctx, m)
	if err != nil || known {
		return err
	}
	a, cluster, err := b.account(ctx, m.Conversation, m.Project, m.At.UnixMilli())
	if err != nil {
		return err
	}
	e := pool.Entry{
		ID: m.ID, At: m.At, Conversation: m.Conversation, Model: m.Model, Messages: 1, Tokens: m.Tokens,
		Cost: m.Cost, CostSource: m.CostSource,
	}.Bounded()
	if _, err := b.insert(ctx, a, cluster, sourceMessage, e); err != nil {
		return err
	}
	b.tally(keyOf(cluster, m.Conversation, m.Model), sideRead, e.Usage(), e.At.UnixMilli())
	return nil
}

// look finds an entry by its id.
func (b *transcriptBooking) look(ctx context.Context, id string) interface{ Scan(...any) error } {
	if b.looking == nil {
		var err error
		b.looking, err = b.tx.PrepareContext(ctx, `
			SELECT number, session, cluster, at, conversation, model,
				input, output, cache_creation, cache_creation_1h, cache_read, cost
			FROM entries WHERE id = ?`) // closed with the transaction
		if err != nil {
			return failedRow{err}
		}
	}
	return b.looking.QueryRowContext(ctx, id)
}

type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }

// known looks for a message that was booked already. One that was booked with smaller figures, as those
// of its start, is raised to these.
func (b *transcriptBooking) known(ctx context.Context, m pool.Message) (bool, error) {
	var number, session, cluster, at int64
	var conversation, model string
	var old pool.Tokens
	var cost sql.NullInt64
	err := b.look(ctx, m.ID).Scan(&number, &session, &cluster, &at, &conversation, &model,
		&old.Input, &old.Output, &old.CacheCreation, &old.CacheCreation1h, &old.CacheRead, &cost)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	b.copied = b.copied || conversation != m.Conversation
	if m.Tokens.Total() <= old.Total() || model != m.Model {
		return true, nil
	}
	was := pool.Entry{Messages: 1, Tokens: old, Cost: pool.NanoUSD(cost.Int64), CostSource: pool.CostFromCLI}
	if !cost.Valid {
		was.CostSource = pool.CostUnknown
	}
	is := pool.Entry{Messages: 1, Tokens: m.Tokens, Cost: m.Cost, CostSource: m.CostSource}
	added := is.Usage().Minus(was.Usage())
	a, err := b.accountOf(ctx, session)
	if err != nil {
		return true, err
	}
	t := m.Tokens
	_, err = b.tx.ExecContext(ctx, `
		UPDATE entries SET input = ?, output = ?, cache_creation = ?, cache_creation_1h = ?, cache_read = ?, cost = ?
		WHERE number = ?`, t.Input, t.Output, t.CacheCreation, t.CacheCreation1h, t.CacheRead,
		sql.NullInt64{Int64: int64(m.Cost), Valid: m.CostSource != pool.CostUnknown}, number)
	if err != nil {
		return true, err
	}
	b.sums.add(a, model, at, added)
	b.tally(keyOf(cluster, conversation, model), sideRead, added, at)
	return true, nil
}

func (b *transcriptBooking) state(ctx context.Context, s pool.Stated) error {
	if s.First && b.copied {
		return nil
	}
	_, cluster, err := b.account(ctx, s.Conversation, s.Project, s.At.UnixMilli())
	if err != nil {
		return err
	}
	u := pool.Entry{Tokens: s.Tokens, Cost: s.Cost, CostSource: pool.CostFromCLI}.Bounded().Usage()
	b.tally(keyOf(cluster, s.Conversation, s.Model), sideStated, u, s.At.UnixMilli())
	return nil
}

// account returns who a message of a moment is booked to, and in which cluster.
func (b *transcriptBooking) account(ctx context.Context, conversation, project string, at int64) (account, int64, error) {
	visits, known := b.visits[conversation]
	if !known {
		var err error
		if visits, err = readVisits(ctx, b.tx, conversation); err != nil {
			return account{}, 0, err
		}
		b.visits[conversation] = visits
	}
	visit, found := pool.Attribute(visits, moment(sql.NullInt64{Int64: at, Valid: true}))
	if !found {
		a, err := b.outside(ctx, conversation, project, at)
		return a, a.number, err
	}
	a, err := b.accountOf(ctx, visit.Session)
	return a, pool.ClusterOf(visits, visit.Session), err
}

func (b *transcriptBooking) accountOf(ctx context.Context, session int64) (account, error) {
	if a, known := b.accounts[session]; known {
		return a, nil
	}
	a, err := accountByNumber(ctx, b.tx, session)
	b.accounts[session] = a
	return a, err
}

// outsider is a session that stands for all use of a conversation outside of any session.
type outsider struct {
	account
	first, last int64
}

// outside returns the session that stands for all use of a conversation outside of any session: of the
// subscription that owns the transcript, or of nobody known.
func (b *transcriptBooking) outside(ctx context.Context, conversation, project string, at int64) (account, error) {
	if o := b.outsiders[conversation]; o != nil {
		o.first, o.last = min(o.first, at), max(o.last, at)
		return o.account, nil
	}
	session := pool.Session{
		ID: fmt.Sprintf("outside-%d-%s", b.owner, conversation), SubscriptionID: b.owner, Conversation: conversation, CWD: project,
		StartedAt: moment(sql.NullInt64{Int64: at, Valid: true}), End: pool.End{Reason: pool.EndedOutside},
	}
	session.HeartbeatAt, session.EndedAt = session.StartedAt, session.StartedAt
	if err := insertSession(ctx, b.tx, session); err != nil {
		return account{}, err
	}
	a, err := accountOf(ctx, b.tx, session.ID)
	b.outsiders[conversation] = &outsider{a, at, at}
	return a, err
}

// stretchOutsiders makes the sessions of use outside last from its first message to its last.
func (b *transcriptBooking) stretchOutsiders(ctx context.Context) error {
	for _, o := range b.outsiders {
		_, err := b.tx.ExecContext(ctx, `
			UPDATE sessions SET started_at = min(started_at, ?), ended_at = max(ended_at, ?) WHERE number = ?`,
			o.first, o.last, o.number)
		if err != nil {
			return err
		}
	}
	return nil
}
