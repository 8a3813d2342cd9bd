package wrapper

import (
	"errors"
	"io"
	"os"
	"sync/atomic"
	"time"
)

const teeBuffer = 128 << 10

// tee copies what the CLI writes to our standard output, and shows it to a tap.
type tee struct {
	from *os.File // can be interrupted by a read deadline
	to   *os.File
	tap  io.Writer
	gate Gate
	// endOnBroken: stop reading when nobody reads us, so that the CLI learns it by its own write.
	// Else go on and discard: the CLI on a pty whose terminal is gone learns it by SIGHUP.
	endOnBroken bool
	broken      bool

	// limit is what the tee may still do before it parks; nil while nobody asks for that.
	limit   atomic.Pointer[drainLimit]
	parked  chan struct{}
	resumed chan struct{}
	done    chan struct{}
}

func newTee(from, to *os.File, c Command) *tee {
	t := &tee{
		from: from, to: to, tap: c.Tap, gate: c.Gate,
		parked: make(chan struct{}), resumed: make(chan struct{}), done: make(chan struct{}),
	}
	if t.tap == nil {
		t.tap = io.Discard
	}
	return t
}

func newPipeTee(from *os.File, c Command) *tee {
	t := newTee(from, os.Stdout, c)
	t.endOnBroken = true
	return t
}

// run copies until the end of the output.
func (t *tee) run() {
	defer close(t.done)
	defer t.from.Close()
	buf := make([]byte, teeBuffer)
	for {
		limit := t.limit.Load()
		if limit != nil && !limit.armRead(t.from) {
			t.park()
			continue
		}
		n, err := t.from.Read(buf)
		if n > 0 && !t.pass(buf[:n], limit) {
			return
		}
		switch {
		case errors.Is(err, os.ErrDeadlineExceeded):
			if limit != nil {
				t.park()
			}
		case err != nil: // EOF of a pipe, EIO of a pty
			t.endOutput()
			return
		}
	}
}

// pass writes first and shows the tap after, so that reading along delays nobody. It returns false
// when there is nobody left to write to.
func (t *tee) pass(p []byte, limit *drainLimit) bool {
	start := time.Time{}
	if limit != nil {
		start = time.Now()
	}
	if out := t.through(p); len(out) > 0 && !t.broken {
		if _, err := t.to.Write(out); err != nil {
			t.broken = true
		}
	}
	_, _ = t.tap.Write(p) // taps have no errors
	if limit != nil {
		limit.count(len(p), time.Since(start))
	}
	return !t.broken || !t.endOnBroken
}

// through is what goes on now that the CLI has written p.
func (t *tee) through(p []byte) []byte {
	if t.gate == nil {
		return p
	}
	return t.gate.Pass(p)
}

// endOutput closes our side as the CLI closed its own: a reader sees the end even if the CLI lives on. Not
// while something is held back that may yet have to be written.
func (t *tee) endOutput() {
	if t.endOnBroken && (t.gate == nil || t.gate.Open()) {
		toNull(1)
	}
}

// park tells whoever asked for it that the tee stands still, until resume.
func (t *tee) park() {
	t.parked <- struct{}{}
	<-t.resumed
}

// ask makes the tee park once the limit is reached: t.parked or t.done then tells.
func (t *tee) ask(limit drainLimit) {
	t.limit.Store(&limit)
	_ = t.from.SetReadDeadline(time.Now().Add(limit.idle)) // wakes a waiting read
}

// resume sets a parked tee going again.
func (t *tee) resume() {
	t.limit.Store(nil)
	_ = t.from.SetReadDeadline(time.Time{})
	select {
	case t.resumed <- struct{}{}:
	case <-t.done:
	}
}

// drainLimit bounds what is read from a CLI that has ended or is stopped. What it wrote is in the
// pipe by then; only a grandchild that keeps writing, or keeps the output open, can make it more.
type drainLimit struct {
	// idle is how long nothing may come.
	idle time.Duration
	// most bounds the time in all, without the time that was spent on writing: a slow reader of ours
	// loses nothing.
	most time.Duration
	// bytes bounds what is read: more than a full pipe can't be the CLI's.
	bytes int

	begun time.Time
}

var (
	afterExit = drainLimit{idle: 100 * time.Millisecond, most: time.Second, bytes: pipeSize + teeBuffer}
	afterStop = drainLimit{idle: 20 * time.Millisecond, most: 200 * time.Millisecond, bytes: pipeSize + teeBuffer}
)

// armRead sets the deadline of the next read. It returns false when the limit is reached.
func (l *drainLimit) armRead(from *os.File) bool {
	now := time.Now()
	if l.begun.IsZero() {
		l.begun = now
	}
	if l.bytes <= 0 || now.Sub(l.begun) > l.most {
		return false
	}
	_ = from.SetReadDeadline(now.Add(l.idle))
	return true
}

func (l *drainLimit) count(bytes int, writing time.Duration) {
	l.bytes -= bytes
	l.begun = l.begun.Add(writing)
}
