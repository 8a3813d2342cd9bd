package main

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
)

// measures are the columns of the table; each is averaged over the seeds.
var measures = []struct {
	title, format string
	of            func(result) float64
}{
	{"done before the first exhaustion", "$%.0f", func(r result) float64 { return r.beforeExhausted.Dollars() }},
	{"refused", "%.1f %%", func(r result) float64 { return 100 * share(r.refused.Dollars(), (r.served+r.refused).Dollars()) }},
	{"week left unused", "%.1f %%", func(r result) float64 { return 100 * r.weekLeft }},
	{"5-hour left unused", "%.0f %%", func(r result) float64 { return 100 * r.fiveHourLeft }},
	{"failovers in 100 sessions", "%.1f", func(r result) float64 { return 100 * share(float64(r.failovers), float64(r.sessions)) }},
	{"unevenness", "%.0f %%", func(r result) float64 { return 100 * r.uneven }},
}

// share is part of whole, 0 where that is nothing.
func share(part, whole float64) float64 {
	if whole == 0 {
		return 0
	}
	return part / whole
}

// printTable runs the contestants through the work of the seeds 0 to seeds-1 and prints what it came to.
func printTable(w io.Writer, contestants []contestant, seeds int, load float64) {
	header, line := "| |", "| --- |"
	for _, m := range measures {
		header += " " + m.title + " |"
		line += " ---: |"
	}
	fmt.Fprintf(w, "%s\n%s\n", header, line)
	for i, results := range runAll(contestants, seeds, load) {
		fmt.Fprintf(w, "| %s |%s\n", contestants[i].name, cells(results))
	}
}

func cells(results []result) string {
	var row strings.Builder
	for _, m := range measures {
		sum := 0.0
		for _, r := range results {
			sum += m.of(r)
		}
		fmt.Fprintf(&row, " "+m.format+" |", sum/float64(len(results)))
	}
	return row.String()
}

// runAll returns the results of each contestant, in the order of the seeds.
func runAll(contestants []contestant, seeds int, load float64) [][]result {
	results := make([][]result, len(contestants))
	places := make(chan struct{}, runtime.GOMAXPROCS(0))
	var running sync.WaitGroup
	for i, c := range contestants {
		results[i] = make([]result, seeds)
		for seed := range seeds {
			places <- struct{}{}
			running.Go(func() {
				results[i][seed] = simulate(c.policy, uint64(seed), load)
				<-places
			})
		}
	}
	running.Wait()
	return results
}
