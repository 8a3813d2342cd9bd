// Command bench measures what the wrapper costs a user, side by side in one run with the child alone
// and with script(1), which also runs a program on a pty, and holds it against bars.
//
//	make bench              # all of it, a few minutes
//	make bench BENCH=-short # a tenth of the work, and rougher figures
//
// Runs of the contestants are interleaved, so that a busy machine is busy for all of them. The exit
// status is 1 where a bar is missed.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	if role := os.Getenv(roleVariable); role != "" {
		os.Exit(playChild(role))
	}
	os.Exit(run())
}

// measurement is one of the things measured, each in a file of its own.
type measurement struct {
	name    string
	measure func(*bench) ([]row, error)
}

var measurements = []measurement{
	{"start", measureStart},
	{"past", measurePast},
	{"version", measureVersion},
	{"pty", measurePTYBytes},
	{"pipe", measurePipeBytes},
	{"echo", measureEcho},
	{"failover", measureFailover},
	{"memory", measureMemory},
	{"upkeep", measureUpkeep},
	{"rebalance", measureRebalance},
	{"acquire", measureAcquire},
	{"crowd", measureCrowd},
}

// bench is what every measurement needs.
type bench struct {
	short bool
	// program is the claudepool binary, and self this one, which also plays the children.
	program, self string
	// scratch is a directory for sandboxes.
	scratch string
}

// scale returns n, or a tenth of it for a short run, but not less than three: a median of fewer is none.
func (b *bench) scale(n int) int {
	if b.short {
		return max(n/10, 3)
	}
	return n
}

func run() int {
	short := flag.Bool("short", false, "a tenth of the work")
	only := flag.String("only", "", "comma-separated `names` of measurements: "+names())
	program := flag.String("program", "bin/claudepool", "the `binary` to measure")
	flag.Parse()

	rows, err := runAll(*short, *only, *program)
	printMachine(os.Stdout)
	over := printTable(os.Stdout, rows)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		return 1
	}
	if over > 0 {
		fmt.Printf("\n%d bars missed\n", over)
		return 1
	}
	return 0
}

func runAll(short bool, only, program string) ([]row, error) {
	path, err := filepath.Abs(program)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("%w: `make build` makes it", err)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	scratch, err := os.MkdirTemp("", "claudepool-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch) // best effort

	b := &bench{short: short, program: path, self: self, scratch: scratch}
	var rows []row
	var failures []error
	for _, m := range measurements {
		if only != "" && !strings.Contains(","+only+",", ","+m.name+",") {
			continue
		}
		fmt.Fprintf(os.Stderr, "measuring %s…\n", m.name)
		got, err := m.measure(b)
		rows = append(rows, got...)
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", m.name, err))
		}
	}
	return rows, errors.Join(failures...)
}

func names() string {
	var all []string
	for _, m := range measurements {
		all = append(all, m.name)
	}
	return strings.Join(all, ", ")
}
