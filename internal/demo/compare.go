package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"text/tabwriter"

	"claudepool/internal/sandbox"
	"claudepool/pool"
)

// compare prints the API's books and the ledger side by side. Errors: they differ.
func (d *demo) compare(context.Context) error {
	say("what the API served, and what the ledger says")
	booked, err := d.Booked()
	if err != nil {
		return err
	}
	served := d.Served()
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "SUBSCRIPTION\tMODEL\tTOKENS\tSERVED\tBOOKED\t\t")
	equal := true
	for _, account := range accounts(served, booked) {
		s, b := served[account], booked[account]
		for _, kind := range kinds {
			verdict := "equal"
			if kind.of(s) != kind.of(b) {
				verdict, equal = "NOT EQUAL", false
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%s\t\n", account.Subscription, account.Model, kind.name, kind.of(s), kind.of(b), verdict)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if !equal {
		return errors.New("the ledger differs from the API's books")
	}
	if len(served) == 0 {
		return errors.New("nothing was served")
	}
	return nil
}

// kinds are the kinds of tokens that both have a column for.
var kinds = []struct {
	name string
	of   func(pool.Tokens) int64
}{
	{"input", func(t pool.Tokens) int64 { return t.Input }},
	{"output", func(t pool.Tokens) int64 { return t.Output }},
	{"cache write", func(t pool.Tokens) int64 { return t.CacheCreation }},
	{"cache read", func(t pool.Tokens) int64 { return t.CacheRead }},
}

// accounts are the keys of both, sorted.
func accounts(tables ...map[sandbox.Account]pool.Tokens) []sandbox.Account {
	var all []sandbox.Account
	for _, table := range tables {
		for account := range table {
			all = append(all, account)
		}
	}
	slices.SortFunc(all, func(a, b sandbox.Account) int {
		return cmp.Or(cmp.Compare(a.Subscription, b.Subscription), cmp.Compare(a.Model, b.Model))
	})
	return slices.Compact(all)
}
