package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// total is what a program says that a model used. Cost is in dollars, and nil where it does not know.
type total struct {
	input, output, cacheWrite, cacheRead int64
	cost                                 *float64
}

// ours is what the ledger holds, by model.
func (g *ground) ours() (map[string]total, error) {
	t, err := g.runOn(false, g.program, "usage", "--by", "model", "--json")
	if err != nil {
		return nil, err
	}
	var usage struct {
		Rows []struct {
			Model      string
			Input      int64    `json:"input_tokens"`
			Output     int64    `json:"output_tokens"`
			CacheWrite int64    `json:"cache_creation_tokens"`
			CacheRead  int64    `json:"cache_read_tokens"`
			Cost       *float64 `json:"cost_usd"`
		}
	}
	if err := json.Unmarshal(t.out, &usage); err != nil {
		return nil, err
	}
	totals := map[string]total{}
	for _, r := range usage.Rows {
		totals[r.Model] = total{r.Input, r.Output, r.CacheWrite, r.CacheRead, r.Cost}
	}
	return totals, nil
}

// theirs is what ccusage says, by model. Of a model whose price it does not know it says so and a cost of 0.
func (g *ground) theirs() (map[string]total, error) {
	line := g.theirLine()
	t, err := g.runOn(false, line[0], line[1:]...)
	if err != nil {
		return nil, err
	}
	var usage struct {
		Daily []struct {
			ModelBreakdowns []struct {
				ModelName                                                       string
				InputTokens, OutputTokens, CacheCreationTokens, CacheReadTokens int64
				Cost                                                            float64
				MissingPricing                                                  bool
			}
		}
	}
	if err := json.Unmarshal(t.out, &usage); err != nil {
		return nil, err
	}
	totals := map[string]total{}
	for _, day := range usage.Daily {
		for _, m := range day.ModelBreakdowns {
			sum := totals[m.ModelName]
			sum.input += m.InputTokens
			sum.output += m.OutputTokens
			sum.cacheWrite += m.CacheCreationTokens
			sum.cacheRead += m.CacheReadTokens
			if !m.MissingPricing {
				cost := m.Cost
				if sum.cost != nil {
					cost += *sum.cost
				}
				sum.cost = &cost
			}
			totals[m.ModelName] = sum
		}
	}
	return totals, nil
}

// printTotals prints both by model and returns how many models differ in tokens. Costs are shown, and not
// compared: each program has prices of its own.
func printTotals(ours, theirs map[string]total) (differ int) {
	fmt.Printf("| %-20s | %-10s | %10s | %12s | %12s | %14s | %10s |\n", "model", "says", "input", "output", "cache write", "cache read", "cost")
	fmt.Printf("| %s | %s | %s: | %s: | %s: | %s: | %s: |\n", dashes(20), dashes(10), dashes(9), dashes(11), dashes(11), dashes(13), dashes(9))
	models := maps.Clone(ours)
	maps.Copy(models, theirs)
	for _, model := range slices.Sorted(maps.Keys(models)) {
		mine, other := ours[model], theirs[model]
		mine.print(model, "claudepool")
		other.print("", "ccusage")
		mine.cost, other.cost = nil, nil
		if mine != other {
			differ++
			fmt.Printf("| %-20s | %-10s |\n", "", "DIFFERENT")
		}
	}
	return differ
}

func (t total) print(model, who string) {
	cost := "unknown"
	if t.cost != nil {
		cost = fmt.Sprintf("$%.2f", *t.cost)
	}
	fmt.Printf("| %-20s | %-10s | %10d | %12d | %12d | %14d | %10s |\n", model, who, t.input, t.output, t.cacheWrite, t.cacheRead, cost)
}
