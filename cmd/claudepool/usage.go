package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"claudepool/pool"
)

type usageCommand struct {
	By    []string `placeholder:"subscription|model|day|project" help:"What to group by, in this order; comma-separated. By default subscription."`
	Since string   `placeholder:"WHEN" help:"2026-11-24, an RFC 3339 time, 7d, 24h, today, yesterday or this-week."`
	Until string   `placeholder:"WHEN" help:"The same; a day counts to its end."`
	JSON  bool     `name:"json" help:"Print one JSON document."`
}

func (c usageCommand) Run(a *app) error {
	query, err := c.query(a.now().Local())
	if err != nil {
		return err
	}
	return a.withCurrentStore(func(ctx context.Context, store pool.Store) error {
		rows, err := store.Usage(ctx, query)
		if err != nil {
			return err
		}
		if c.JSON {
			return a.printJSON(usageDocument(query.By, rows))
		}
		a.printTable(usageTable(query.By, rows))
		return nil
	})
}

func (c usageCommand) query(now time.Time) (pool.UsageQuery, error) {
	query := pool.UsageQuery{Location: now.Location()}
	var err error
	if query.By, err = dimensions(c.By); err != nil {
		return query, err
	}
	if query.Since, _, err = parseWhen("since", c.Since, now); err != nil {
		return query, err
	}
	if _, query.Until, err = parseWhen("until", c.Until, now); err != nil {
		return query, err
	}
	if !query.Since.IsZero() && !query.Until.IsZero() && !query.Since.Before(query.Until) {
		return query, withHint(&usageError{fmt.Errorf("--since %s is not before --until %s", c.Since, c.Until)},
			"turn them round, as in: claudepool usage --since 7d --until yesterday")
	}
	return query, nil
}

func dimensions(words []string) ([]pool.Dimension, error) {
	if len(words) == 0 {
		return []pool.Dimension{pool.BySubscription}, nil
	}
	var by []pool.Dimension
	for _, word := range words {
		d := pool.Dimension(strings.TrimSpace(word))
		if !slices.Contains([]pool.Dimension{pool.BySubscription, pool.ByModel, pool.ByDay, pool.ByProject}, d) {
			return nil, withHint(&pool.InvalidError{Field: "by", Value: word, Want: "be subscription, model, day or project"},
				"for example: claudepool usage --by subscription,day")
		}
		if slices.Contains(by, d) {
			return nil, withHint(&pool.InvalidError{Field: "by", Value: word, Want: "be given once"},
				"for example: claudepool usage --by subscription,day")
		}
		by = append(by, d)
	}
	return by, nil
}

func sumOf(rows []pool.UsageRow) pool.Usage {
	var total pool.Usage
	for _, row := range rows {
		total = total.Plus(row.Usage)
	}
	return total
}

func usageDocument(by []pool.Dimension, rows []pool.UsageRow) object {
	list := []object{}
	for _, row := range rows {
		var o object
		for i, d := range by {
			o = append(o, field{string(d), orNull(row.Keys[i])})
		}
		list = append(list, append(o, figureFields(row.Usage)...))
	}
	return object{{"rows", list}, {"total", figuresOf(sumOf(rows))}}
}

func figureFields(u pool.Usage) object {
	f := figuresOf(u)
	return object{
		{"messages", f.Messages}, {"input_tokens", f.InputTokens}, {"output_tokens", f.OutputTokens},
		{"cache_creation_tokens", f.CacheCreationTokens}, {"cache_read_tokens", f.CacheReadTokens},
		{"cost_usd", f.CostUSD},
	}
}

func usageTable(by []pool.Dimension, rows []pool.UsageRow) table {
	var t table
	for _, d := range by {
		t.columns = append(t.columns, column{title: strings.ToUpper(string(d)), shrinks: d == pool.ByProject})
	}
	t.columns = append(t.columns,
		column{title: "MESSAGES", right: true, spare: 3}, column{title: "INPUT", right: true},
		column{title: "OUTPUT", right: true}, column{title: "CACHE WRITE", right: true, spare: 1},
		column{title: "CACHE READ", right: true, spare: 2}, column{title: "COST", right: true})
	for _, row := range rows {
		var cells []string
		for _, key := range row.Keys {
			if key == "" {
				key = unknown
			}
			cells = append(cells, key)
		}
		t.add(append(cells, figureCells(row.Usage)...)...)
	}
	total := make([]string, len(by))
	total[0] = "total"
	t.add(append(total, figureCells(sumOf(rows))...)...)
	return t
}

func figureCells(u pool.Usage) []string {
	messages := unknown
	if messagesKnown(u) {
		messages = count(u.Messages)
	}
	return []string{
		messages, count(u.Tokens.Input), count(u.Tokens.Output),
		count(u.Tokens.CacheCreation), count(u.Tokens.CacheRead), costWords(u),
	}
}
