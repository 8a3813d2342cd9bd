// Command simulate lets the strategies compete: four subscriptions of unlike sizes, one of which a person
// uses beside the pool, and a fortnight of bursty work. The choice is the pool's own; what it knows of the
// windows is what answers have told it. The same seeds give the same table.
//
//	make simulate                            # the table in the README
//	make simulate SIMULATE='-load 1.5'       # half as much work again
//	make simulate SIMULATE=-variations       # other weights of health
package main

import (
	"flag"
	"fmt"
	"os"
)

// The table in the README is of these.
const (
	defaultSeeds = 40
	defaultLoad  = 1
)

func main() { os.Exit(run()) }

func run() int {
	seeds := flag.Int("seeds", defaultSeeds, "over how many `fortnights` to average")
	load := flag.Float64("load", defaultLoad, "the work that is asked for, in `parts` of what the subscriptions can do")
	vary := flag.Bool("variations", false, "compare weights of health in place of strategies")
	flag.Parse()
	if *seeds < 1 || !(*load > 0) || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "simulate: -seeds must be 1 or more and -load above 0, and there are no arguments")
		return 2
	}
	contestants := strategies()
	if *vary {
		contestants = variations()
	}
	printTable(os.Stdout, contestants, *seeds, *load)
	return 0
}
