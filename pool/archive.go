package pool

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
)

// Archive is a store whose ledger can be moved to another store, record by record, however long it is.
type Archive interface {
	// Dump calls yield with all records of the ledger, in one state of it and in the order of Record. An error
	// of yield ends it. yield must not use the store.
	Dump(ctx context.Context, yield func(Record) error) error
	// Load adds records that Dump gave, from wherever the ledger ends: the store's own Dump has to be what came
	// before them. It takes many short transactions, so that what an error leaves behind is that much more of
	// the beginning. Sessions keep their numbers. An error of the records ends it.
	// Errors: ErrNotFound where the pool has no subscription of that name, ErrOtherLedger where a record is there.
	Load(ctx context.Context, records iter.Seq2[Record, error]) error
}

// ErrOtherLedger: what the store has is not the beginning of the ledger that is to be taken in, or more than that.
var ErrOtherLedger = errors.New("the pool has a ledger of its own, or has gone on since")

// ErrMiscounted: what the store has after all was loaded does not add up to that.
var ErrMiscounted = errors.New("the ledger does not add up in the pool")

// TakeIn loads a ledger into a store that has nothing of it, or only its beginning because an earlier TakeIn was
// interrupted. Then it reads all of it back, and wants the same counts and sums. The records have to be checked;
// see Checker. It returns how many were there already, and what is there now.
// Errors: ErrMiscounted, those of Archive and of the records.
func TakeIn(ctx context.Context, into Archive, records iter.Seq2[Record, error]) (there int64, now Contents, err error) {
	var wanted Contents
	p, stop := pull(counted(records, &wanted))
	defer stop()
	if there, err = p.compare(ctx, into); err != nil {
		return there, now, err
	}
	if err := into.Load(ctx, p.rest); err != nil {
		return there, now, err
	}
	if err := into.Dump(ctx, now.Add); err != nil {
		return there, now, err
	}
	if now != wanted {
		return there, now, fmt.Errorf("%w: %d records and %d tokens, not %d and %d",
			ErrMiscounted, now.Records(), now.Usage.Tokens.Total(), wanted.Records(), wanted.Usage.Tokens.Total())
	}
	return there, now, nil
}

// PartOf tells how much of a ledger a store has, as the number of records from its beginning.
// Errors: ErrOtherLedger, and those of the records.
func PartOf(ctx context.Context, of Archive, records iter.Seq2[Record, error]) (int64, error) {
	p, stop := pull(records)
	defer stop()
	return p.compare(ctx, of)
}

// pulled are records that are taken one by one.
type pulled struct {
	next func() (Record, error, bool)
	// horizon is a record that is no part of a comparison: that of an empty store moves on too, and it never
	// goes back.
	horizon *Record
}

func pull(records iter.Seq2[Record, error]) (*pulled, func()) {
	next, stop := iter.Pull2(records)
	return &pulled{next: next}, stop
}

func (p *pulled) take() (Record, error, bool) {
	r, err, more := p.next()
	if err == nil && r.Horizon != nil {
		p.horizon = &r
		return p.next()
	}
	return r, err, more
}

// compare takes as many records as the store has.
func (p *pulled) compare(ctx context.Context, have Archive) (n int64, err error) {
	err = have.Dump(ctx, func(own Record) error {
		if own.Horizon != nil {
			return nil
		}
		wanted, err, more := p.take()
		switch {
		case err != nil:
			return err
		case !more || !reflect.DeepEqual(own, wanted):
			return ErrOtherLedger
		}
		n++
		return nil
	})
	return n, err
}

// rest are the records that have not been taken, and the horizon.
func (p *pulled) rest(yield func(Record, error) bool) {
	if p.horizon != nil && !yield(*p.horizon, nil) {
		return
	}
	for {
		r, err, more := p.next()
		if !more || !yield(r, err) || err != nil {
			return
		}
	}
}

// counted adds the records to a sum as they pass.
func counted(records iter.Seq2[Record, error], sum *Contents) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		for r, err := range records {
			if err == nil {
				err = sum.Add(r)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

// Contents counts the records of a ledger and adds up what was used.
type Contents struct {
	Resets      int64 `json:"resets"`
	Pruned      int64 `json:"pruned"`
	Sessions    int64 `json:"sessions"`
	Visits      int64 `json:"visits"`
	Affinities  int64 `json:"affinities"`
	Entries     int64 `json:"entries"`
	Tallies     int64 `json:"tallies"`
	Forks       int64 `json:"forks"`
	Checkpoints int64 `json:"checkpoints"`
	// Usage is what Store.Usage says of the whole ledger.
	Usage Usage `json:"usage"`
}

// Records is how many there are, without the horizon.
func (c Contents) Records() int64 {
	return c.Resets + c.Pruned + c.Sessions + c.Visits + c.Affinities + c.Entries + c.Tallies + c.Forks + c.Checkpoints
}

// Add counts a record. It never returns an error: so it can be what Dump yields to.
func (c *Contents) Add(r Record) error {
	switch {
	case r.Reset != nil:
		c.Resets++
	case r.Pruned != nil:
		c.Pruned++
		c.Usage = c.Usage.Plus(r.Pruned.Usage)
	case r.Session != nil:
		c.Sessions++
	case r.Visit != nil:
		c.Visits++
	case r.Affinity != nil:
		c.Affinities++
	case r.Entry != nil:
		c.Entries++
		c.Usage = c.Usage.Plus(r.Entry.Usage)
	case r.Tally != nil:
		c.Tallies++
	case r.Fork != nil:
		c.Forks++
	case r.Checkpoint != nil:
		c.Checkpoints++
	}
	return nil
}
