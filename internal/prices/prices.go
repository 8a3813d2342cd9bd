// Package prices estimates what an API message cost at list price, for messages of which the CLI gave
// no figure.
package prices

import (
	_ "embed"
	"fmt"
	"sync"

	"claudepool/pool"
)

// Table knows the prices of models. It never changes, so any number of goroutines may share it.
type Table struct {
	models map[string]model
}

// model is what the tokens of a model cost.
type model struct {
	rates
	// long is what they cost where the prompt is long; nil where that makes no difference.
	long *tier
}

// tier is the price of messages whose prompt has more tokens than that. A prompt is everything that
// went in: fresh, written to the cache and read from it.
type tier struct {
	above int64
	rates
}

//go:embed default.toml
var defaultText string

// standard is parsed when it is first asked for: a launch has no use of it.
var standard = sync.OnceValue(func() *Table {
	table, err := (&Table{}).with(defaultText)
	if err != nil {
		panic(fmt.Sprintf("the price table in the binary: %v", err))
	}
	return table
})

// Default returns the table in the binary.
func Default() *Table { return standard() }

// Estimate returns what one message costs at list price, rounded to the nearest nanodollar, and false
// for a model whose price is not known. Costs beyond pool.MaxCost count as that.
//
// It is the price at standard speed of the tokens alone: fast mode, the surcharge for inference in the US
// and web searches are not in the figures that it gets.
func (t *Table) Estimate(name string, tokens pool.Tokens) (pool.NanoUSD, bool) {
	key, known := t.resolve(name)
	if !known {
		return 0, false
	}
	tokens = pool.Entry{Tokens: tokens}.Bounded().Tokens
	return t.models[key].ratesFor(tokens).cost(tokens), true
}

func (m model) ratesFor(t pool.Tokens) rates {
	if m.long != nil && t.Input+t.CacheCreation+t.CacheRead > m.long.above {
		return m.long.rates
	}
	return m.rates
}
