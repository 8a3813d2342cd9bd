package main

import (
	"fmt"
	"time"
)

const (
	startBar   = 12 * time.Millisecond
	versionBar = 4 * time.Millisecond
)

// measureStart measures what a booked session adds to a run: choice, start, booking and release.
func measureStart(b *bench) ([]row, error) {
	s, err := b.newSandbox(3, 0)
	if err != nil {
		return nil, err
	}
	onPipesRow, err := b.added(s, "a run that exits at once, on pipes", startBar, onPipes, "-p", "hi")
	if err != nil {
		return nil, err
	}
	onPTYRow, err := b.added(s, "a run that exits at once, on a terminal", startBar, onPTY)
	return []row{onPipesRow, onPTYRow}, err
}

// measureVersion measures what a run adds that needs no pool.
func measureVersion(b *bench) ([]row, error) {
	s, err := b.newSandbox(3, 0)
	if err != nil {
		return nil, err
	}
	r, err := b.added(s, "--version", versionBar, onPipes, "--version")
	return []row{r}, err
}

// added measures runs of a child that exits at once; the figure is the difference of the medians.
func (b *bench) added(s *sandbox, what string, bar time.Duration, run runner, args ...string) (row, error) {
	c, err := trueChild()
	if err != nil {
		return row{}, err
	}
	taken, err := interleave(s.contestants(), b.scale(300), func(way contestant) (time.Duration, error) {
		return run(way.command(c, args...), ignore)
	})
	if err != nil {
		return row{}, err
	}
	added := taken["claudepool"].median() - taken["child alone"].median()
	r := row{what: what, bar: fmt.Sprintf("≤ %s more, median", millis(bar)), measured: millis(added), ok: added <= bar}
	r.fill(taken)
	return r, nil
}
