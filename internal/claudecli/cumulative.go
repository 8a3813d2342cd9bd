package claudecli

import (
	"maps"
	"slices"

	"github.com/tidwall/gjson"

	"claudepool/pool"
)

// Cumulative is what each model used, as the CLI adds it up.
type Cumulative map[string]Figures

// Figures are tokens and cost.
type Figures struct {
	Tokens pool.Tokens
	Cost   pool.NanoUSD
}

// Bounds of what a damaged line can make us keep.
const (
	maxModels = 64
	maxName   = 256
)

// readModelUsage reads the `modelUsage` object of a result or a cost-state line.
func readModelUsage(object gjson.Result) Cumulative {
	if !object.IsObject() {
		return nil
	}
	sums := Cumulative{}
	object.ForEach(func(key, value gjson.Result) bool {
		if len(sums) >= maxModels || len(key.Str) > maxName {
			return true
		}
		f := Figures{Tokens: pool.Tokens{
			Input:           count(value.Get("inputTokens")),
			Output:          count(value.Get("outputTokens")),
			CacheCreation:   count(value.Get("cacheCreationInputTokens")),
			CacheCreation1h: count(value.Get("cacheCreationEphemeral1hInputTokens")), // since 2.1.330
			CacheRead:       count(value.Get("cacheReadInputTokens")),
		}}
		f.Tokens.CacheCreation1h = min(f.Tokens.CacheCreation1h, f.Tokens.CacheCreation)
		if cost := amount(value.Get("costUSD")); cost != nil {
			f.Cost = pool.USD(*cost)
		}
		name := modelName(key.Str)
		sums[name] = sums[name].plus(f)
		return true
	})
	return sums
}

func (f Figures) plus(g Figures) Figures {
	return Figures{f.Tokens.Plus(g.Tokens), f.Cost + g.Cost}
}

// minus returns what f is more than g, kind by kind; nothing is ever negative.
func (f Figures) minus(g Figures) Figures {
	return Figures{Tokens: pool.Tokens{
		Input:           max(f.Tokens.Input-g.Tokens.Input, 0),
		Output:          max(f.Tokens.Output-g.Tokens.Output, 0),
		CacheCreation:   max(f.Tokens.CacheCreation-g.Tokens.CacheCreation, 0),
		CacheCreation1h: max(f.Tokens.CacheCreation1h-g.Tokens.CacheCreation1h, 0),
		CacheRead:       max(f.Tokens.CacheRead-g.Tokens.CacheRead, 0),
	}, Cost: max(f.Cost-g.Cost, 0)}
}

// covers tells whether f is at least g in every kind of token.
func (f Figures) covers(g Figures) bool { return g.minus(f).Tokens == pool.Tokens{} }

// covers tells whether c can have gone on from before: no model is missing or has less.
func (c Cumulative) covers(before Cumulative) bool {
	for model, was := range before {
		if !c[model].covers(was) {
			return false
		}
	}
	return true
}

// bookOn returns what c adds to booked, and booked with it. What c has less is passed over: the
// figures of a result that crashed may be zero, and those after it are whole again.
func (c Cumulative) bookOn(booked Cumulative) (added, sum Cumulative) {
	added, sum = Cumulative{}, maps.Clone(booked)
	if sum == nil {
		sum = Cumulative{}
	}
	for model, is := range c {
		more := is.minus(booked[model])
		if more != (Figures{}) {
			added[model], sum[model] = more, booked[model].plus(more)
		}
	}
	return added, sum
}

// total is the sum over the models.
func (c Cumulative) total() (sum Figures) {
	for _, f := range c {
		sum = sum.plus(f)
	}
	return sum
}

func (c Cumulative) cost() pool.NanoUSD { return c.total().Cost }

// names are the models, sorted.
func (c Cumulative) names() []string { return slices.Sorted(maps.Keys(c)) }

// Above returns what c has more than before, and false where it has less of anything.
func (c Cumulative) Above(before Cumulative) (Cumulative, bool) {
	if !c.covers(before) {
		return nil, false
	}
	added, _ := c.bookOn(before)
	return added, true
}
