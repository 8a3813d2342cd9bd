package main

import (
	"fmt"
	"os"
	"os/exec"
	"time"
)

// The bars for output on pipes: bytes a second, and the share of what cat(1) passes on.
const (
	pipeBar      = 300e6
	pipeShareBar = 0.5
	// holdShareBar is the share of what comes through where nothing is held back for failover: 1, but for
	// what two such figures differ by anyway.
	holdShareBar = 0.95
)

// streamArgs are those by which the wrapper reads the output as stream-json.
var streamArgs = []string{"-p", "--output-format", "stream-json", "--verbose", "hi"}

// measurePTYBytes measures how fast screen output comes through.
func measurePTYBytes(b *bench) ([]row, error) {
	s, err := b.newSandbox(1, 0)
	if err != nil {
		return nil, err
	}
	speeds, err := speedsOf(s.contestants(), b.scale(10), func(way contestant) (float64, error) {
		return speed(onPTY, way.command(b.actor("screen", 64<<20)))
	})
	if err != nil {
		return nil, err
	}
	r := row{what: "output on a terminal", bar: "≥ script", ok: true,
		claudepool: speeds["claudepool"].String(), alone: speeds["child alone"].String()}
	if script, found := speeds["script"]; found {
		share := speeds["claudepool"].median() / script.median()
		r.script, r.measured, r.ok = script.String(), fmt.Sprintf("%.2f × script", share), share >= 1
	}
	return []row{r}, nil
}

// measurePipeBytes measures how fast stream-json comes through while it is read, and looked at for words of
// a limit.
func measurePipeBytes(b *bench) ([]row, error) {
	s, err := b.newSandbox(2, 0) // of one there is no failover
	if err != nil {
		return nil, err
	}
	size := b.scale(1000 << 20)
	const noFailover = "without failover"
	ways := []contestant{s.claudepool(), s.alone(), {name: "cat"}, {noFailover, s.claudepool().command}}
	speeds, err := speedsOf(ways, 5, func(way contestant) (float64, error) {
		if way.name == "cat" {
			return speedThroughCat(s.alone().command(b.actor("stream", size)))
		}
		cmd := way.command(b.actor("stream", size), streamArgs...)
		if way.name == noFailover {
			cmd.Env = append(cmd.Env, "CLAUDEPOOL_FAILOVER=off")
		}
		return speed(onPipes, cmd)
	})
	if err != nil {
		return nil, err
	}
	got := speeds["claudepool"].median()
	r := row{what: "stream-json on a pipe", bar: fmt.Sprintf("≥ %s", megabytes(pipeBar)), measured: megabytes(got), ok: got >= pipeBar,
		claudepool: speeds["claudepool"].String(), alone: speeds["child alone"].String()}
	toCat := shareRow(speeds, "cat", "cat", pipeShareBar)
	toNone := shareRow(speeds, noFailover, "CLAUDEPOOL_FAILOVER=off", holdShareBar)
	return []row{r, toCat, toNone}, nil
}

// shareRow holds claudepool against another.
func shareRow(speeds map[string]rates, other, name string, bar float64) row {
	share := speeds["claudepool"].median() / speeds[other].median()
	return row{what: "the same, against " + name, bar: fmt.Sprintf("≥ %.2f × it", bar),
		measured: fmt.Sprintf("%.2f × it", share), ok: share >= bar,
		claudepool: speeds["claudepool"].String(), alone: name + " " + speeds[other].String()}
}

// speedsOf is interleave for bytes a second.
func speedsOf(ways []contestant, rounds int, once func(contestant) (float64, error)) (map[string]rates, error) {
	speeds := map[string]rates{}
	_, err := interleave(ways, rounds, func(way contestant) (time.Duration, error) {
		rate, err := once(way)
		speeds[way.name] = append(speeds[way.name], rate)
		return 0, err
	})
	for name := range speeds {
		speeds[name] = speeds[name][1:] // the round that does not count
	}
	return speeds, err
}

// speed returns how many bytes a second a command wrote, its start included.
func speed(run runner, cmd *exec.Cmd) (float64, error) {
	total := 0
	took, err := run(cmd, func(p []byte) { total += len(p) })
	return float64(total) / took.Seconds(), err
}

// speedThroughCat is speed for `child | cat`.
func speedThroughCat(child *exec.Cmd) (float64, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer read.Close()
	child.Stdout = write
	if err := child.Start(); err != nil {
		return 0, err
	}
	_ = write.Close() // the child has its own
	cat := exec.Command("cat")
	cat.Stdin = read
	rate, err := speed(onPipes, cat)
	if err != nil {
		return 0, err
	}
	return rate, child.Wait()
}
