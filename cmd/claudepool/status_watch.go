package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"claudepool/pool"
	"claudepool/wrapper"
)

// What --watch writes to the terminal. It draws on the alternate screen, so that what was on the screen is
// there again afterwards; and each line is overwritten and not cleared first, which would flicker.
const (
	screenEnter = "\x1b[?1049h\x1b[?25l"
	screenLeave = "\x1b[H\x1b[J\x1b[?25h\x1b[?1049l" // cleared: tmux 3.3 leaves a line of it after a resize
	screenHome  = "\x1b[H"
	lineRest    = "\x1b[K"
	screenRest  = "\x1b[J"
)

const defaultInterval = 2 * time.Second

// interval is how often to redraw.
func (c statusCommand) interval() (time.Duration, error) {
	const example = "for example: claudepool status --watch --interval 5s"
	switch {
	case c.Interval == "":
		return defaultInterval, nil
	case !c.Watch:
		return 0, withHint(&usageError{errors.New("--interval goes with --watch")}, example)
	}
	d, ok := parseAgo(c.Interval)
	if !ok || d < 100*time.Millisecond || d > time.Hour {
		return 0, withHint(&pool.InvalidError{Field: "interval", Value: c.Interval, Want: "be a time from 0.1s to 1h"}, example)
	}
	return d, nil
}

// watchStatus redraws the table until a signal ends it.
func (a *app) watchStatus(interval time.Duration) error {
	out, ok := a.stdout.(*os.File)
	if !ok || !term.IsTerminal(int(out.Fd())) {
		return withHint(&usageError{errors.New("--watch needs a terminal at standard output")},
			"for a script: claudepool status --json")
	}
	interrupts := catchInterrupts()
	defer interrupts.stop()
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, syscall.SIGWINCH)
	defer signal.Stop(resized)
	tick := time.NewTicker(interval)
	defer tick.Stop()

	a.printf(screenEnter)
	defer a.printf(screenLeave)
	for {
		if a.drawStatus(out); a.lost != nil {
			return a.lost
		}
		select {
		case <-tick.C:
		case <-resized:
		case sig := <-interrupts.c:
			switch sig {
			case syscall.SIGINT:
				return nil
			case syscall.SIGTSTP:
				a.printf(screenLeave)
				wrapper.StopSelf(syscall.SIGTSTP)
				a.printf(screenEnter)
			default:
				return &interruptedError{sig.(syscall.Signal)}
			}
		}
	}
}

// drawStatus draws the table as it is now, as much of it as the screen has room for.
func (a *app) drawStatus(out *os.File) {
	width, height, err := term.GetSize(int(out.Fd()))
	if err != nil || width <= 0 || height <= 0 {
		width, height = 80, 24
	}
	width-- // in the last column terminals differ
	a.printf("%s", screenOf(a.statusScreen(width), width, height))
}

// statusScreen is the table with what else there is to say. What other parts of a command would say on standard
// error is shown below it: there it would be written across the table.
func (a *app) statusScreen(width int) []string {
	var said bytes.Buffer
	quiet := *a
	quiet.stderr = &said
	text := ""
	err := quiet.withCurrentStore(func(ctx context.Context, store pool.Store) error {
		candidates, states, err := a.readStatus(ctx, store)
		if err != nil {
			return err
		}
		text = a.statusTable(candidates, states).render(width)
		troubles, err := a.upkeepTroubles(ctx, store)
		quiet.warnOfTroubles(troubles)
		for _, note := range a.statusNotes(candidates) {
			quiet.warn("%s", note)
		}
		database, asking := a.databaseStatus(ctx, store)
		quiet.tellDatabase(database)
		return cmp.Or(err, asking)
	})
	if err != nil {
		quiet.fail(err)
	}
	text += "\n" + said.String() + fmt.Sprintf("%s, Ctrl-C leaves", a.now().Local().Format("15:04:05 MST"))
	return strings.Split(text, "\n")
}

// screenOf puts lines on a screen of that size in the place of what is there. What does not fit is cut off,
// but for the last line.
func screenOf(lines []string, width, height int) string {
	if len(lines) > height {
		lines = append(append([]string{}, lines[:height-1]...), lines[len(lines)-1])
	}
	var b strings.Builder
	b.WriteString(screenHome)
	for i, line := range lines {
		if i > 0 {
			b.WriteString("\r\n")
		}
		if line = plain(line); widthOf(line) > width {
			b.WriteString(beginning(line, width))
		} else {
			b.WriteString(line + lineRest)
		}
	}
	return b.String() + screenRest
}
