package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/BurntSushi/toml"

	"claudepool/internal/ledgerfile"
	"claudepool/pool"
)

type importCommand struct {
	File    string `arg:"" optional:"" help:"What export printed; standard input where none is given, or -."`
	Ledger  bool   `xor:"kind" help:"Take in the ledger that export --ledger printed, into a pool that has used nothing yet."`
	Replace bool   `xor:"kind" help:"Where a subscription is in the pool with other settings, take those of the file."`
	DryRun  bool   `help:"Say what would be done, and do nothing."`
}

func (c importCommand) Run(a *app) error {
	if c.Ledger {
		return c.ledger(a)
	}
	data, err := c.read()
	if err != nil {
		return err
	}
	document, err := readExport(data)
	if ledgerfile.Begins(data) {
		return withHint(&usageError{fmt.Errorf("%s is a ledger", c.source())}, "to take it in: claudepool import --ledger FILE")
	}
	if err != nil {
		return withHint(&usageError{fmt.Errorf("%s: %w", c.source(), err)}, "see what it has to look like: claudepool export")
	}
	wanted, err := a.wanted(document)
	if err != nil {
		return withHint(fmt.Errorf("%s: %w", c.source(), err), "see what it has to look like: claudepool export")
	}
	return a.withWritablePool(c.DryRun, func(ctx context.Context, store pool.Store) error {
		return importing{a, store, c.Replace, c.DryRun, c.source()}.all(ctx, wanted)
	})
}

// withWritablePool makes the pool where there is none, unless nothing is to be done.
func (a *app) withWritablePool(dryRun bool, f func(context.Context, pool.Store) error) error {
	if !dryRun {
		store, err := a.openStore(context.Background(), true)
		if err != nil {
			return err
		}
		if err := store.Close(); err != nil {
			return err
		}
	}
	return a.withStore(f)
}

// source is what the file is called in an error.
func (c importCommand) source() string {
	if c.File == "" || c.File == "-" {
		return "standard input"
	}
	return c.File
}

// maxImport bounds what is read, in bytes: much more than any pool has.
const maxImport = 1 << 30

func (c importCommand) read() ([]byte, error) {
	file := os.Stdin
	if c.source() == c.File {
		var err error
		if file, err = os.Open(c.File); err != nil {
			return nil, withHint(err, "give it what was printed by: claudepool export")
		}
		defer file.Close()
	}
	data, err := io.ReadAll(io.LimitReader(file, maxImport))
	if err != nil {
		return nil, withHint(fmt.Errorf("read %s: %w", c.source(), err), "give it what was printed by: claudepool export")
	}
	return data, nil
}

// readExport reads both forms, and refuses what it does not know.
func readExport(data []byte) (document exportedPool, err error) {
	if text := bytes.TrimSpace(data); len(text) == 0 {
		return document, errors.New("there is nothing in it")
	} else if text[0] == '{' {
		d := json.NewDecoder(bytes.NewReader(data))
		d.DisallowUnknownFields()
		return document, d.Decode(&document)
	}
	meta, err := toml.Decode(string(data), &document)
	if err == nil && len(meta.Undecoded()) > 0 {
		err = fmt.Errorf("%q is not known", meta.Undecoded()[0].String())
	}
	return document, err
}

// wanted are the subscriptions of a document, checked. Errors: *pool.InvalidError.
func (a *app) wanted(document exportedPool) ([]pool.Subscription, error) {
	var wanted []pool.Subscription
	names := map[string]bool{}
	for _, e := range document.Subscriptions {
		s, err := a.settings.places.subscription(e, a.now())
		if err != nil {
			return nil, err
		}
		if names[s.Name] {
			return nil, &usageError{fmt.Errorf("subscription %s is there twice", s.Name)}
		}
		names[s.Name] = true
		wanted = append(wanted, s)
	}
	return wanted, nil
}
