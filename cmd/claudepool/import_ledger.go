package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"claudepool/internal/ledgerfile"
	"claudepool/internal/spill"
	"claudepool/pool"
)

// ledger takes in a ledger. All of the file is read and checked before anything is written.
func (c importCommand) ledger(a *app) error {
	file, err := c.open()
	if err != nil {
		return withHint(err, "give it what was printed by: claudepool export --ledger")
	}
	contents, subscriptions, err := ledgerfile.Inspect(file.reader())
	if err != nil {
		return c.ledgerError(err)
	}
	return a.withWritablePool(c.DryRun, func(ctx context.Context, store pool.Store) error {
		if err := c.refuseUnknown(ctx, store, subscriptions); err != nil {
			return err
		}
		archive, err := archiveOf(store)
		if err != nil {
			return err
		}
		records := ledgerfile.Read(file.reader(), a.ledgerHome())
		if c.DryRun {
			there, err := pool.PartOf(ctx, archive, records)
			if err == nil {
				a.tellLedger("would take in", there, contents)
			}
			return c.ledgerError(err)
		}
		there, now, err := pool.TakeIn(ctx, archive, records)
		if err != nil {
			return c.ledgerError(err)
		}
		a.tellLedger("took in", there, now)
		return a.tellSum(ctx, store, now.Usage)
	})
}

// ledgerText is a ledger that can be read again.
type ledgerText struct {
	io.ReaderAt
	size int64
}

func (t ledgerText) reader() io.Reader { return io.NewSectionReader(t, 0, t.size) }

// open opens the ledger. What is no plain file can be read but once, and is kept.
func (c importCommand) open() (ledgerText, error) {
	file := os.Stdin
	if c.source() == c.File {
		var err error
		if file, err = os.Open(c.File); err != nil {
			return ledgerText{}, err
		}
	}
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() && file != os.Stdin {
		return ledgerText{file, info.Size()}, nil
	}
	var kept spill.Buffer
	if _, err := io.Copy(&kept, file); err != nil {
		return ledgerText{}, fmt.Errorf("read %s: %w", c.source(), err)
	}
	return ledgerText{&kept, kept.Size()}, nil
}

// refuseUnknown refuses a ledger of subscriptions that are not in the pool.
func (c importCommand) refuseUnknown(ctx context.Context, store pool.Store, names map[string]bool) error {
	there, err := store.Subscriptions(ctx)
	if err != nil {
		return err
	}
	for _, s := range there {
		delete(names, s.Name)
	}
	if len(names) == 0 {
		return nil
	}
	missing := slices.Sorted(maps.Keys(names))
	return withHint(fmt.Errorf("%s is also of what is not in the pool: %s", c.source(), strings.Join(missing, ", ")),
		"take in the subscriptions first, which claudepool export prints there: claudepool import FILE")
}

// ledgerError says of what file an error is, and what to do about it.
func (c importCommand) ledgerError(err error) error {
	var line *ledgerfile.LineError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pool.ErrOtherLedger):
		return withHint(fmt.Errorf("%s can't be taken in: %w", c.source(), pool.ErrOtherLedger), intoANewPool)
	case errors.Is(err, pool.ErrMiscounted):
		return withHint(fmt.Errorf("%s: %w", c.source(), err), intoANewPool)
	case errors.Is(err, ledgerfile.ErrNewer):
		return withHint(&usageError{fmt.Errorf("%s: %w", c.source(), err)}, "install the claudepool that wrote it; this is: claudepool version")
	case errors.As(err, &line):
		return withHint(&usageError{fmt.Errorf("%s: %w", c.source(), err)}, "print it again, to its end: claudepool export --ledger")
	}
	return err
}

const intoANewPool = "take it into a new pool, before anything runs there: export CLAUDEPOOL_DB=PATH, import the subscriptions, then the ledger"

// tellLedger says what was taken in, of all that the file has.
func (a *app) tellLedger(what string, there int64, c pool.Contents) {
	switch {
	case there > 0 && there == c.Records():
		a.printf("all of it is there already: ")
	case there > 0:
		a.printf("%s the rest, as %d of %d records are there already: ", what, there, c.Records())
	default:
		a.printf("%s ", what)
	}
	a.printf("%s, %s, %s and %s\n", entries(c.Entries), plural(int(c.Pruned), "total"), plural(int(c.Sessions), "session"),
		plural(int(c.Checkpoints), "transcript"))
}

// tellSum says that the pool adds up to the ledger.
func (a *app) tellSum(ctx context.Context, store pool.Store, wanted pool.Usage) error {
	rows, err := store.Usage(ctx, pool.UsageQuery{})
	if err != nil {
		return err
	}
	if rows[0].Usage != wanted {
		return withHint(errors.New("the reports of the pool do not add up to its ledger"), "see what is wrong with it: claudepool doctor")
	}
	a.printf("the pool adds up to the same: %s tokens, %s\n", count(wanted.Tokens.Total()), costWords(wanted))
	return nil
}
