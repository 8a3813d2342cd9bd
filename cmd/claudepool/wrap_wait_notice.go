package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"

	"claudepool/pool"
)

// notice tells that a launch waits: on a terminal in a line that is redrawn in its place, elsewhere in a line
// now and then.
type notice struct {
	out io.Writer
	// live is set where out is a terminal.
	live bool
	// room is how many columns may be drawn on, 0 for none.
	room func() int
	// said is when a line was written last, and drawn whether there is one to clear.
	said  time.Time
	drawn bool
}

// sayEvery is how often who waits says so where there is no terminal.
const sayEvery = time.Minute

func (a *app) newNotice() notice {
	kind, _ := a.env.Get("TERM")
	live := a.stderr == os.Stderr && term.IsTerminal(2) && kind != "dumb" && kind != ""
	return notice{out: a.stderr, live: live, room: roomOnTerminal}
}

// roomOnTerminal is the width of the terminal at standard error but for its last column, which some wrap at;
// 0 where another job has the terminal.
func roomOnTerminal() int {
	if foreground, err := unix.IoctlGetInt(2, unix.TIOCGPGRP); err == nil && foreground != unix.Getpgrp() {
		return 0
	}
	width, _, err := term.GetSize(2)
	if err != nil || width <= 0 {
		width = 80
	}
	return max(width-1, 0)
}

// tell says what is waited for, as often as that is of use.
func (w *waiter) tell() {
	n, now := &w.notice, w.now()
	every := time.Second
	if !n.live {
		every = sayEvery
	}
	// A tick that comes a little early counts.
	if now.Sub(n.said) < every-100*time.Millisecond {
		return
	}
	n.said = now
	words := waitWords(w.exhausted, now, w.until)
	if n.live {
		n.draw(words)
		return
	}
	say(n.out, words[0])
}

// draw puts what fits in the place of what was drawn before.
func (n *notice) draw(words []string) {
	room := n.room()
	if room == 0 {
		return
	}
	lines := []string{"claudepool: " + words[0] + ", Ctrl-C leaves"}
	for _, w := range words {
		lines = append(lines, "claudepool: "+w)
	}
	fmt.Fprintf(n.out, "\r\x1b[K%s", fitting(lines, room))
	n.drawn = true
}

// end clears what is drawn.
func (n *notice) end() {
	if n.drawn {
		fmt.Fprint(n.out, "\r\x1b[K")
	}
	n.drawn, n.said = false, time.Time{}
}

// fitting returns the first line that has room, or as much as has of the last.
func fitting(lines []string, room int) string {
	for _, line := range lines {
		if len([]rune(line)) <= room {
			return line
		}
	}
	return string([]rune(lines[len(lines)-1])[:room])
}

// waitWords say what a launch waits for, from the most to the fewest words.
func waitWords(e *pool.ExhaustedError, now, until time.Time) []string {
	left := span(max(until.Sub(now), 0))
	full := slices.ContainsFunc(e.Verdicts, func(v pool.Verdict) bool { return v.Code == pool.Full })
	first := slices.IndexFunc(e.Verdicts, func(v pool.Verdict) bool { return v.FreeAt.Equal(e.FreeAt) })
	behind := ""
	if e.Ahead > 0 {
		behind = fmt.Sprintf("; %d ahead in the queue", e.Ahead)
	}
	if e.FreeAt.After(now) && first >= 0 {
		name, in := e.Verdicts[first].Subscription, span(e.FreeAt.Sub(now))
		frees := fmt.Sprintf("%s frees up at %s, in %s", name, localTime(e.FreeAt, now), in)
		or := ""
		if full {
			or = ", or when a session ends"
		}
		return []string{
			fmt.Sprintf("%v; %s%s%s; waiting up to %s", pool.ErrExhausted, frees, or, behind, left),
			fmt.Sprintf("%s; waiting up to %s", frees, left),
			frees,
			fmt.Sprintf("%s frees up in %s", name, in),
		}
	}
	what := "waiting for room"
	if full {
		what = "waiting for a session to end"
	}
	return []string{
		fmt.Sprintf("%v%s; %s, up to %s", pool.ErrExhausted, behind, what, left),
		fmt.Sprintf("%s, up to %s", what, left),
		what,
	}
}
