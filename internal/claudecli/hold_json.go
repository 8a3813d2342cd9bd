package claudecli

import (
	"github.com/tidwall/gjson"

	"claudepool/pool"
)

// jsonHold holds everything, and reads the result meanwhile: with --verbose it is the last element of an
// array of all events.
type jsonHold struct {
	framer *framer
	last   result
	some   bool
	// through is set where there is no room to keep more.
	through bool
}

func newJSONHold() *jsonHold {
	j := &jsonHold{}
	j.framer = newFramer(false, j.value)
	return j
}

func (j *jsonHold) value(text []byte) {
	if !containsAny(text, telling) || !gjson.ValidBytes(text) {
		return
	}
	if value := gjson.ParseBytes(text); isResult(value) {
		j.last, j.some = readResult(value), true
	}
}

func (j *jsonHold) pass(h *Hold, p []byte) []byte {
	if j.through {
		return p
	}
	j.framer.write(p)
	if _, err := h.held.Write(p); err != nil {
		j.through = true
		return h.release(p)
	}
	return nil
}

func (j *jsonHold) open() bool { return true }

func (j *jsonHold) limit(*Hold, bool) bool { return !j.through && j.some && j.last.Limit.Met() }

// answered: the figures of the turn are those of the main loop, and none before its first answer.
func (j *jsonHold) answered() Answered {
	switch {
	case !j.some:
		return AnsweredUnknown
	case j.last.Tokens == pool.Tokens{}:
		return AnsweredNothing
	}
	return AnsweredSome
}
