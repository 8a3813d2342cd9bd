package pgstore

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"claudepool/pool"
)

// Checkpoints implements pool.Store.
func (s *Store) Checkpoints(ctx context.Context, prefix string) (map[string]pool.Checkpoint, error) {
	known := map[string]pool.Checkpoint{}
	err := s.read(ctx, "list checkpoints", func(tx pgx.Tx) error {
		return each(ctx, tx, func(rows pgx.Rows) error {
			var c pool.Checkpoint
			err := rows.Scan(&c.Path, &c.Identity, &c.Offset, &c.Figures)
			known[c.Path] = c
			return err
		}, `
			SELECT path, identity, "offset", figures FROM checkpoints
			WHERE path >= $1 AND ($1 = '' OR path < $1 || chr(1114111))`, prefix)
	})
	return known, err
}

// BookTranscript implements pool.Store.
func (s *Store) BookTranscript(ctx context.Context, t pool.Transcript) error {
	return s.write(ctx, "book "+t.Checkpoint.Path, func(tx pgx.Tx) error {
		moved, err := moveCheckpoint(ctx, tx, t)
		if err != nil || !moved {
			return err
		}
		b := newTranscriptBooking(s.teller(tx, t.ReadAt), t.Checkpoint.Path)
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
		for _, signal := range t.Signals {
			if err := b.signal(ctx, signal); err != nil {
				return err
			}
		}
		if err := b.stretchOutsiders(ctx); err != nil {
			return err
		}
		if err := b.noteHeard(ctx); err != nil {
			return err
		}
		return b.finish(ctx)
	})
}

// moveCheckpoint notes how far the transcript has been read, unless another process was first.
func moveCheckpoint(ctx context.Context, tx pgx.Tx, t pool.Transcript) (bool, error) {
	var known pool.Checkpoint
	err := tx.QueryRow(ctx, `SELECT identity, "offset" FROM checkpoints WHERE path = $1`, t.Checkpoint.Path).
		Scan(&known.Identity, &known.Offset)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return false, err
	}
	if known.Identity != t.Before.Identity || known.Offset != t.Before.Offset {
		return false, nil
	}
	c := t.Checkpoint
	_, err = tx.Exec(ctx, `
		INSERT INTO checkpoints (path, identity, "offset", figures, latest) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (path) DO UPDATE SET identity = excluded.identity, "offset" = excluded."offset", figures = excluded.figures,
			latest = greatest(checkpoints.latest, excluded.latest)`,
		c.Path, c.Identity, c.Offset, c.Figures, t.Latest().UnixMilli())
	return true, err
}

func ownerID(ctx context.Context, tx pgx.Tx, name string) (int64, error) {
	id, err := subscriptionID(ctx, tx, name)
	if errors.Is(err, pool.ErrNotFound) {
		return 0, nil
	}
	return id, err
}

// transcriptBooking books what was read of one transcript.
type transcriptBooking struct {
	*ledger
	path     string
	owner    int64
	accounts map[int64]account
	// outsiders are the sessions that stand for use outside, by conversation.
	outsiders map[string]*outsider
	// heard are when something was last heard of a conversation in a session.
	heard map[stay]time.Time
	// forks are the conversations that were noted as such by this booking, each with the path.
	forks map[[2]string]bool
}

func newTranscriptBooking(t teller, path string) *transcriptBooking {
	return &transcriptBooking{
		ledger: newLedger(t), path: path, accounts: map[int64]account{}, outsiders: map[string]*outsider{}, forks: map[[2]string]bool{},
		heard: map[stay]time.Time{},
	}
}

func (b *transcriptBooking) message(ctx context.Context, m pool.Message) error {
	e := pool.Entry{
		ID: m.ID, At: m.At, Conversation: m.Conversation, Model: m.Model, Messages: 1, Tokens: m.Tokens,
		Cost: m.Cost, CostSource: m.CostSource,
	}.Bounded()
	known, err := b.look(ctx, m.ID)
	if err != nil {
		return err
	}
	if known != nil {
		return b.again(ctx, known, e)
	}
	if pruned, err := b.isPruned(ctx, e.At.UnixMilli()); err != nil {
		return err
	} else if pruned { // it may be another conversation's, so the first figures may hold those of that
		return b.noteFork(ctx, m.Conversation, "")
	}
	a, err := b.account(ctx, m.Conversation, m.Project, e.At)
	if err != nil {
		return err
	}
	if _, err := b.insert(ctx, a, sourceMessage, e); err != nil {
		return err
	}
	b.hear(m.Conversation, a.number, e.At)
	b.tally(keyOf(a.number, m.Conversation, m.Model), sideRead, e.Usage(), e.At.UnixMilli())
	return nil
}

// state books figures of the CLI. The first ones of a fork are those of its parent too, and say nothing
// of the fork alone.
func (b *transcriptBooking) state(ctx context.Context, s pool.Stated) error {
	e := pool.Entry{At: s.At, Tokens: s.Tokens, Cost: s.Cost, CostSource: pool.CostFromCLI}.Bounded()
	if pruned, err := b.isPruned(ctx, e.At.UnixMilli()); err != nil || pruned {
		return err
	}
	a, err := b.account(ctx, s.Conversation, s.Project, e.At)
	if err != nil {
		return err
	}
	if s.First {
		if passed, err := b.hasOthers(ctx, s.Conversation, a.number); err != nil || passed {
			return err
		}
	}
	b.tally(keyOf(a.number, s.Conversation, s.Model), sideStated, e.Usage(), e.At.UnixMilli())
	return nil
}

// signal books what the transcript tells of a subscription to that of the session which was there, else to
// the owner of the transcript.
func (b *transcriptBooking) signal(ctx context.Context, s pool.Signal) error {
	visits, err := b.visitsOf(ctx, s.Conversation)
	if err != nil {
		return err
	}
	visit, found := pool.Attribute(visits, s.At)
	if !found {
		return b.ledger.signal(ctx, 0, b.owner, s)
	}
	a, err := b.accountOf(ctx, visit.Session)
	if err != nil {
		return err
	}
	return b.ledger.signal(ctx, a.number, a.subscriptionID, s)
}

// hasOthers tells whether the transcript of a conversation may hold messages of another: it is known as
// a fork, or messages were read of it that no session of its own was there for.
func (b *transcriptBooking) hasOthers(ctx context.Context, conversation string, session int64) (has bool, err error) {
	err = b.tx.QueryRow(ctx, `
		SELECT EXISTS (SELECT 1 FROM forks WHERE conversation = $1)
			OR EXISTS (SELECT 1 FROM sessions WHERE conversation = $1 AND conversation <> '' AND end_reason = $2 AND number <> $3)`,
		conversation, pool.EndedOutside, session).Scan(&has)
	return has, err
}

// account returns who a message of a moment is booked to.
func (b *transcriptBooking) account(ctx context.Context, conversation, project string, at time.Time) (account, error) {
	visits, err := b.visitsOf(ctx, conversation)
	if err != nil {
		return account{}, err
	}
	if visit, found := pool.Attribute(visits, at); found {
		return b.accountOf(ctx, visit.Session)
	}
	return b.outside(ctx, conversation, project, at.UnixMilli())
}

func (b *transcriptBooking) accountOf(ctx context.Context, session int64) (account, error) {
	if a, known := b.accounts[session]; known {
		return a, nil
	}
	a, err := accountByNumber(ctx, b.tx, session)
	b.accounts[session] = a
	return a, err
}
