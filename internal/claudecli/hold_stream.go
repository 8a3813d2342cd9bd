package claudecli

import (
	"bytes"

	"github.com/tidwall/gjson"

	"claudepool/pool"
)

const (
	// maxLimitLine is longer than any line that tells of a limit, in bytes.
	maxLimitLine = 64 << 10
	// maxHeldLines is how much is held of a stream, in bytes: a run that goes on that long after a limit
	// has not ended by it.
	maxHeldLines = 1 << 20
)

// streamHold lets lines through until one tells of a limit, and holds from there. Where the run goes on all
// the same, as when a subagent met the limit, everything is let through again.
type streamHold struct {
	// dropInit is set while the line by which the CLI introduces itself is to be dropped.
	dropInit bool
	// pending is the beginning of a line that may be one to hold, through is set in the rest of one that
	// is not.
	pending []byte
	through bool
	holding bool
	// limited is set while the last result was a limit.
	limited bool
	some    bool
	out     []byte
}

func (s *streamHold) pass(h *Hold, p []byte) []byte {
	s.out = s.out[:0]
	from, at := 0, 0 // p[from:at] goes on, as it is and where nothing is in the way without a copy
	for {
		n := bytes.IndexByte(p[at:], '\n')
		if n < 0 {
			break
		}
		end := at + n + 1
		if fate := s.fateOf(p[at:end]); fate != linePasses {
			s.out = append(s.out, p[from:at]...)
			s.take(h, p[at:end], fate)
			from = end
		}
		at = end
	}
	if at < len(p) && !s.through && !s.passesUnread(p[at:]) {
		s.out = append(s.out, p[from:at]...)
		s.tail(h, p[at:])
		from = len(p)
	}
	if len(s.out) == 0 {
		return p[from:]
	}
	return append(s.out, p[from:]...)
}

// fateOf says what becomes of a line that has come to its end.
func (s *streamHold) fateOf(line []byte) lineFate {
	switch {
	case s.through:
		s.through = false
		return linePasses
	case len(s.pending) > 0 || s.holding:
		return lineJoins
	case s.passes(line):
		return linePasses
	}
	return s.read(line)
}

// passes tells, at a glance, whether a line or the beginning of one can go on.
func (s *streamHold) passes(line []byte) bool {
	if len(line) > maxLimitLine || beginsWithAny(line, quoting) {
		s.noteAnswer(line)
		return true
	}
	if bytes.HasPrefix(line, assistantLine) && !bytes.Contains(line, syntheticWord) {
		s.some = true
		return true
	}
	return !containsAny(line, telling) && !bytes.Contains(line, syntheticWord)
}

var (
	// quoting are the beginnings of lines that may quote anything, and tell nothing; and of the event of a
	// window that is open, which comes with every answer (2.1.330).
	quoting = [][]byte{
		[]byte(`{"type":"stream_event",`), []byte(`{"type":"user",`),
		[]byte(`{"type":"rate_limit_event","rate_limit_info":{"status":"allowed`),
	}
	assistantLine = []byte(`{"type":"assistant",`)
	modelKey      = []byte(`"model":"`)
	syntheticWord = []byte(SyntheticModel)
)

func (s *streamHold) noteAnswer(line []byte) {
	if bytes.HasPrefix(line, assistantLine) {
		s.some = true
	}
}

// passesUnread tells whether the beginning of a line can go on already, and the rest of it with it.
func (s *streamHold) passesUnread(beginning []byte) bool {
	if len(s.pending) > 0 || !s.isTold(beginning) {
		return false
	}
	s.through = true
	return true
}

// isTold tells whether the beginning of a line is enough to let it through.
func (s *streamHold) isTold(beginning []byte) bool {
	if s.holding || len(beginning) <= maxLimitLine && !beginsWithAny(beginning, quoting) && !isOfModel(beginning) {
		return false
	}
	s.noteAnswer(beginning)
	return true
}

// isOfModel tells whether the beginning of an answer names a model that made it. What the CLI makes itself calls
// no tool, so none of its own quotes stands there: the first name is that of the model.
func isOfModel(beginning []byte) bool {
	if !bytes.HasPrefix(beginning, assistantLine) {
		return false
	}
	_, name, found := bytes.Cut(beginning, modelKey)
	return found && len(name) > 0 && name[0] != SyntheticModel[0]
}

// tail takes the beginning of a line, or more of it.
func (s *streamHold) tail(h *Hold, part []byte) {
	s.pending = append(s.pending, part...)
	switch {
	case s.isTold(s.pending):
		s.out = append(s.out, s.pending...)
	case s.holding && h.held.Size()+int64(len(s.pending)) > maxHeldLines:
		s.letGo(h, s.pending)
	default:
		return
	}
	s.pending, s.through = s.pending[:0], true
}

// take takes a line that does not simply pass.
func (s *streamHold) take(h *Hold, line []byte, fate lineFate) {
	if fate == lineJoins {
		line = append(s.pending, line...)
		s.pending = line[:0]
		fate = s.read(line)
	}
	switch fate {
	case lineDropped:
	case lineHeld:
		s.holding = true
		if _, err := h.held.Write(line); err != nil || h.held.Size() > maxHeldLines {
			s.letGo(h, unkept(line, err))
		}
	default:
		s.letGo(h, line)
	}
}

// letGo lets through what is held, and the line.
func (s *streamHold) letGo(h *Hold, line []byte) {
	s.out = append(s.out, h.release(line)...)
	s.holding, s.limited = false, false
}

// unkept is what of a line has not been kept.
func unkept(line []byte, err error) []byte {
	if err == nil {
		return nil
	}
	return line
}

type lineFate int

const (
	linePasses lineFate = iota
	lineHeld
	lineDropped
	// lineJoins: it has to be read together with what came before.
	lineJoins
)

// read says what becomes of a line.
func (s *streamHold) read(line []byte) lineFate {
	if len(line) > maxLimitLine {
		return s.readLong(line)
	}
	if !gjson.ValidBytes(line) {
		return s.unlessHolding()
	}
	value := gjson.ParseBytes(line)
	switch value.Get("type").Str {
	case "system":
		if s.dropInit && value.Get("subtype").Str == "init" {
			s.dropInit = false
			return lineDropped
		}
		return s.unlessHolding()
	case "rate_limit_event", "assistant":
		return s.readWord(line, value)
	case "result":
		r := readResult(value)
		s.some = s.some || r.Tokens != pool.Tokens{}
		if s.limited = r.Limit.Met(); s.limited {
			return lineHeld
		}
		return linePasses
	}
	return s.unlessHolding()
}

// readLong reads a line that is too long to tell of a limit: an answer that long is a model's.
func (s *streamHold) readLong(line []byte) lineFate {
	s.noteAnswer(line)
	if bytes.HasPrefix(line, assistantLine) {
		return linePasses
	}
	return s.unlessHolding()
}

// readWord reads a line that may be the first word of a limit. An answer of a model says that the run goes on.
func (s *streamHold) readWord(line []byte, value gjson.Result) lineFate {
	if ReadStream(line).Limit.Met() {
		return lineHeld
	}
	if value.Get("type").Str == "assistant" && value.Get("message.model").Str != SyntheticModel {
		s.some = true
		return linePasses
	}
	return s.unlessHolding()
}

func (s *streamHold) unlessHolding() lineFate {
	if s.holding {
		return lineHeld
	}
	return linePasses
}

func (s *streamHold) open() bool { return len(s.pending) == 0 }

// limit: a last line may lack its end, and is held with the others.
func (s *streamHold) limit(h *Hold, _ bool) bool {
	if len(s.pending) > 0 {
		s.holding = s.read(s.pending) == lineHeld
		_, _ = h.held.Write(s.pending) // that little fits in
		s.pending = nil
	}
	return s.holding && s.limited
}

func (s *streamHold) answered() Answered {
	if s.some {
		return AnsweredSome
	}
	return AnsweredNothing
}
