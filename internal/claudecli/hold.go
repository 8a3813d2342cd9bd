package claudecli

import (
	"io"

	"claudepool/internal/spill"
)

// Hold keeps back what a headless run prints while it may be no answer, but word of a limit. In json and
// text format that is all of it, for it comes at the end; in stream-json what comes from the first word of
// a limit on. It never fails: what it does not understand goes on.
type Hold struct {
	held   spill.Buffer
	format holdFormat
}

// holdFormat is what a hold knows of one output format.
type holdFormat interface {
	// pass is Hold.Pass.
	pass(h *Hold, p []byte) []byte
	// open tells whether nothing is on its way from pass to held.
	open() bool
	// limit tells, at the end, whether all that is held is a limit.
	limit(h *Hold, failed bool) bool
	// answered tells whether the API has answered a request of the run, as far as the output tells.
	answered() Answered
}

// Answered says whether the API has answered a request of a run, so that something may have been done.
type Answered int

const (
	// AnsweredUnknown: the output does not tell.
	AnsweredUnknown Answered = iota
	AnsweredNothing
	AnsweredSome
)

// NewHold returns a hold for one run. goesOn is set where the caller has been given the beginning of the
// output by an earlier run: what the CLI says of itself at its start is dropped then.
func NewHold(inv Invocation, goesOn bool) *Hold {
	h := &Hold{}
	switch inv.OutputFormat {
	case "stream-json":
		h.format = &streamHold{dropInit: goesOn}
	case "json":
		h.format = newJSONHold()
	default:
		h.format = &textHold{}
	}
	return h
}

// Pass takes what the CLI has printed, and returns what of all so far is to go on to the caller now. The
// result is only valid until the next call.
func (h *Hold) Pass(p []byte) []byte { return h.format.pass(h, p) }

// Open tells whether nothing is held back at the moment.
func (h *Hold) Open() bool { return h.held.Size() == 0 && h.format.open() }

// Limit tells, once the run has ended, whether it met a limit and all that tells of it is held. failed is
// set where the run did not end with 0.
func (h *Hold) Limit(failed bool) bool { return h.format.limit(h, failed) }

// Answered tells, once the run has ended, whether the API has answered a request of it.
func (h *Hold) Answered() Answered { return h.format.answered() }

// WriteTo implements io.WriterTo: it writes what is held.
func (h *Hold) WriteTo(w io.Writer) (int64, error) { return h.held.WriteTo(w) }

// Drop forgets what is held.
func (h *Hold) Drop() { h.held.Reset() }

// release returns what is held, and more, and holds nothing any more.
func (h *Hold) release(more []byte) []byte {
	if h.held.Size() == 0 {
		return more
	}
	all := make([]byte, h.held.Size(), h.held.Size()+int64(len(more)))
	_, _ = h.held.ReadAt(all, 0) // what was kept can be read
	h.held.Reset()
	return append(all, more...)
}
