package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"time"
)

// The bars of `claudepool sync`: bytes a second on one core, bytes of memory, and how long it takes where
// nothing is new.
const (
	speedBar  = 250e6
	memoryBar = 60e6
	idleBar   = 50 * time.Millisecond
)

// rounds is how often each is measured. The best counts: the machine only ever makes it slower.
const rounds = 3

// taken is what one run took.
type taken struct {
	elapsed, processor time.Duration
	memory             int64
	out                []byte
}

// runOn runs a command of the ground, on the first core only if oneCore is set and the machine can.
func (g *ground) runOn(oneCore bool, name string, args ...string) (taken, error) {
	line := append([]string{name}, args...)
	if taskset, err := exec.LookPath("taskset"); oneCore && err == nil {
		line = append([]string{taskset, "-c", "0"}, line...)
	}
	cmd := exec.Command(line[0], line[1:]...)
	cmd.Env, cmd.Dir = g.env, g.dir
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	began := time.Now()
	err := cmd.Run()
	t := taken{elapsed: time.Since(began), out: out.Bytes()}
	if err != nil {
		return t, fmt.Errorf("%s: %w: %s", cmd, err, said.Bytes())
	}
	t.processor = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		t.memory = usage.Maxrss
		if runtime.GOOS == "linux" {
			t.memory *= 1024 // kilobytes there, bytes on macOS
		}
	}
	return t, nil
}

// best runs it several times, each after prepare, and returns the fastest, with the largest memory of all.
func best(prepare func() error, once func() (taken, error)) (taken, error) {
	var all []taken
	for range rounds {
		if err := prepare(); err != nil {
			return taken{}, err
		}
		t, err := once()
		if err != nil {
			return taken{}, err
		}
		all = append(all, t)
	}
	fastest := slices.MinFunc(all, func(a, b taken) int { return int(a.elapsed - b.elapsed) })
	fastest.memory = slices.MaxFunc(all, func(a, b taken) int { return int(a.memory - b.memory) }).memory
	return fastest, nil
}

// row is a line of the table: what a run took, and whether it kept to its bar, if it has one.
type row struct {
	what string
	taken
	bar string
	ok  bool
}

func (g *ground) emptyPool() error {
	// The places by default are below HOME.
	if err := errors.Join(os.RemoveAll(filepath.Join(g.dir, ".local")), os.RemoveAll(filepath.Join(g.dir, ".config"))); err != nil {
		return err
	}
	_, initErr := g.runOn(false, g.program, "init")
	_, addErr := g.runOn(false, g.program, "add", "bench", "--config-dir", g.transcripts)
	return errors.Join(initErr, addErr)
}

func nothing() error { return nil }

func measure(g *ground) ([]row, error) {
	var rows []row
	for _, m := range []struct {
		what    string
		prepare func() error
		oneCore bool
		line    []string
		bar     string
		keeps   func(taken) bool
	}{
		{
			"claudepool sync, one core", g.emptyPool, true, []string{g.program, "sync", "--json"},
			fmt.Sprintf("≥ %.0f MB/s, ≤ %.0f MB", speedBar/1e6, memoryBar/1e6),
			func(t taken) bool { return g.speed(t) >= speedBar && t.memory <= memoryBar },
		},
		{
			"claudepool sync, nothing new", nothing, true, []string{g.program, "sync", "--json"},
			fmt.Sprintf("≤ %v", idleBar), func(t taken) bool { return t.elapsed <= idleBar },
		},
		{"claudepool usage --by day", nothing, true, []string{g.program, "usage", "--by", "day", "--json"}, "", nil},
		{"ccusage, one core", nothing, true, append(g.theirLine(), "--single-thread"), "", nil},
		{"ccusage, all cores", nothing, false, g.theirLine(), "", nil},
	} {
		t, err := best(m.prepare, func() (taken, error) { return g.runOn(m.oneCore, m.line[0], m.line[1:]...) })
		if err != nil {
			return nil, err
		}
		rows = append(rows, row{m.what, t, m.bar, m.keeps == nil || m.keeps(t)})
	}
	return rows, nil
}

func (g *ground) theirLine() []string {
	return []string{g.ccusage, "claude", "daily", "--offline", "--json", "--breakdown"}
}

func (g *ground) speed(t taken) float64 { return float64(g.size) / t.elapsed.Seconds() }

func printRows(rows []row) (missed int) {
	fmt.Printf("| %-28s | %9s | %9s | %8s | %-20s |\n", "what", "elapsed", "processor", "memory", "bar")
	fmt.Printf("| %s | %s: | %s: | %s: | %s |\n", dashes(28), dashes(8), dashes(8), dashes(7), dashes(20))
	for _, r := range rows {
		verdict := r.bar
		if !r.ok {
			verdict += " MISSED"
			missed++
		}
		fmt.Printf("| %-28s | %6d ms | %6d ms | %5.1f MB | %-20s |\n",
			r.what, r.elapsed.Milliseconds(), r.processor.Milliseconds(), float64(r.memory)/1e6, verdict)
	}
	return missed
}

func dashes(n int) string { return string(bytes.Repeat([]byte("-"), n)) }
