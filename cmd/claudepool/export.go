package main

import (
	"bytes"
	"context"

	"github.com/BurntSushi/toml"

	"claudepool/pool"
)

type exportCommand struct {
	Format string `enum:"toml,json" default:"toml" placeholder:"toml|json" help:"Form of the subscriptions: toml, the default, or json."`
	Ledger bool   `help:"Print the ledger instead, whole: JSON lines, for import --ledger."`
}

func (c exportCommand) Run(a *app) error {
	if c.Ledger {
		return a.withCurrentStore(func(ctx context.Context, store pool.Store) error { return a.exportLedger(ctx, store) })
	}
	return a.withStore(func(ctx context.Context, store pool.Store) error {
		subscriptions, err := store.Subscriptions(ctx)
		if err != nil {
			return err
		}
		document := exportedPool{Subscriptions: []exported{}}
		for _, s := range subscriptions {
			if s.Origin != "" {
				a.warn("%s is left out: it is from the project file %s", s.Name, plain(s.Origin))
				continue
			}
			document.Subscriptions = append(document.Subscriptions, a.settings.places.exportOf(s))
		}
		if c.Format == "json" {
			return a.printJSON(document)
		}
		return a.printTOML(document)
	})
}

func (a *app) printTOML(document exportedPool) error {
	var text bytes.Buffer
	e := toml.NewEncoder(&text)
	e.Indent = ""
	if err := e.Encode(document); err != nil {
		return err
	}
	a.printf("# The subscriptions of a pool; to take them in elsewhere: claudepool import FILE\n%s", text.String())
	return nil
}
