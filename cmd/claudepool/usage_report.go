package main

import (
	"context"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"

	"claudepool/pool"
)

// usageReport is the answer to a usage query.
type usageReport struct {
	by    []pool.Dimension
	rows  []pool.UsageRow
	total pool.Usage
}

func newUsageReport(ctx context.Context, store pool.Store, query pool.UsageQuery) (usageReport, error) {
	rows, err := store.Usage(ctx, query)
	if err != nil {
		return usageReport{}, err
	}
	r := usageReport{by: query.By, rows: rows}
	if !query.Has(pool.ByTag) {
		for _, row := range rows {
			r.total = r.total.Plus(row.Usage)
		}
		return r, nil
	}
	query.By = nil // the rows count use of several tags as often
	whole, err := store.Usage(ctx, query)
	if err != nil {
		return usageReport{}, err
	}
	r.total = whole[0].Usage
	return r, nil
}

// detailed tells whether rows can be of detail that was pruned.
func (r usageReport) detailed() bool {
	return slices.Contains(r.by, pool.ByConversation) || slices.Contains(r.by, pool.BySession)
}

func isPruned(row pool.UsageRow) bool { return slices.Contains(row.Keys, pool.Pruned) }

func (r usageReport) document() object {
	list := []object{}
	for _, row := range r.rows {
		var o object
		for i, d := range r.by {
			o = append(o, field{string(d), keyOrNull(d, row.Keys[i])})
		}
		if r.detailed() {
			o = append(o, field{"pruned", isPruned(row)})
		}
		list = append(list, append(o, figureFields(row.Usage)...))
	}
	return object{{"rows", list}, {"total", figureFields(r.total)}}
}

// keyOrNull is null for what is not known or was pruned. No tag is not unknown: it is "".
func keyOrNull(d pool.Dimension, key string) *string {
	switch {
	case d == pool.ByTag:
		return &key
	case key == pool.Pruned && (d == pool.ByConversation || d == pool.BySession):
		return nil
	}
	return orNull(key)
}

func figureFields(u pool.Usage) object {
	f := figuresOf(u)
	var estimated *float64
	if f.CostUSD != nil {
		dollars := estimatedOf(u).Dollars()
		estimated = &dollars
	}
	return object{
		{"messages", f.Messages}, {"input_tokens", f.InputTokens}, {"output_tokens", f.OutputTokens},
		{"cache_creation_tokens", f.CacheCreationTokens}, {"cache_creation_1h_tokens", u.Tokens.CacheCreation1h},
		{"cache_read_tokens", f.CacheReadTokens},
		{"cost_usd", f.CostUSD}, {"cost_source", orNull(costSourceOf(u))}, {"cost_estimated_usd", estimated},
		{"cost_complete", u.CostUnknown == 0},
	}
}

func (r usageReport) table(bars bool) table {
	var t table
	for _, d := range r.by {
		t.columns = append(t.columns, column{title: strings.ToUpper(string(d)), shrinks: d == pool.ByProject})
	}
	t.columns = append(t.columns,
		column{title: "MESSAGES", right: true, spare: 3}, column{title: "INPUT", right: true},
		column{title: "OUTPUT", right: true}, column{title: "CACHE WRITE", right: true, spare: 1},
		column{title: "CACHE READ", right: true, spare: 2}, column{title: "COST", right: true})
	if bars {
		t.columns = append(t.columns, column{title: "SHARE", spare: 4})
	}
	share := shareOf(r.rows)
	for _, row := range r.rows {
		var cells []string
		for i, key := range row.Keys {
			cells = append(cells, keyWords(r.by[i], key))
		}
		cells = append(cells, figureCells(row.Usage)...)
		if bars {
			cells = append(cells, bar(share(row.Usage)))
		}
		t.add(cells...)
	}
	total := make([]string, len(r.by))
	total[0] = "total"
	total = append(total, figureCells(r.total)...)
	if bars {
		total = append(total, "")
	}
	t.add(total...)
	return t
}

func keyWords(d pool.Dimension, key string) string {
	switch {
	case key != "":
		return key
	case d == pool.BySubscription:
		return unattributed
	case d == pool.ByTag:
		return "-"
	}
	return unknown
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

// shareOf compares rows to the largest: by cost where any is known, else by tokens.
func shareOf(rows []pool.UsageRow) func(pool.Usage) float64 {
	var cost pool.NanoUSD
	var tokens int64
	for _, row := range rows {
		cost, tokens = max(cost, row.Cost), max(tokens, row.Tokens.Total())
	}
	return func(u pool.Usage) float64 {
		if cost > 0 {
			return float64(u.Cost) / float64(cost)
		}
		return float64(u.Tokens.Total()) / float64(max(tokens, 1))
	}
}

// bar draws a share of 0 to 1, to an eighth of a letter.
func bar(share float64) string {
	const length = 12
	eighths := int(min(max(share, 0), 1)*length*8 + 0.5)
	text := strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		text += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return text
}

// csv is the rows, with plain numbers and nothing where something is not known. It has no total.
func (r usageReport) csv() string {
	var text strings.Builder
	w := csv.NewWriter(&text) // whose writer never fails
	var header []string
	for _, d := range r.by {
		header = append(header, string(d))
	}
	_ = w.Write(append(header, "messages", "input_tokens", "output_tokens", "cache_creation_tokens",
		"cache_creation_1h_tokens", "cache_read_tokens", "cost_usd", "cost_source", "cost_estimated_usd", "cost_complete"))
	for _, row := range r.rows {
		_ = w.Write(append(slices.Clone(row.Keys), csvFigures(row.Usage)...))
	}
	w.Flush()
	return text.String()
}

func csvFigures(u pool.Usage) []string {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	dollars := func(n pool.NanoUSD) string { return strconv.FormatFloat(n.Dollars(), 'f', -1, 64) }
	messages, cost, estimated := "", "", ""
	if messagesKnown(u) {
		messages = number(u.Messages)
	}
	if costKnown(u) {
		cost, estimated = dollars(u.Cost), dollars(estimatedOf(u))
	}
	t := u.Tokens
	return []string{
		messages, number(t.Input), number(t.Output), number(t.CacheCreation), number(t.CacheCreation1h), number(t.CacheRead),
		cost, costSourceOf(u), estimated, strconv.FormatBool(u.CostUnknown == 0),
	}
}
