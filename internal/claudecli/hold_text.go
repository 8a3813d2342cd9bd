package claudecli

// maxHeldText is more than a limit sentence, and what the CLI may send a terminal behind it (2.1.112: some
// hundred bytes).
const maxHeldText = 2 * maxSentence

// textHold holds what is short enough for a limit sentence.
type textHold struct{ long bool }

func (t *textHold) pass(h *Hold, p []byte) []byte {
	if t.long {
		return p
	}
	if h.held.Size()+int64(len(p)) <= maxHeldText {
		_, _ = h.held.Write(p) // that little fits in
		return nil
	}
	t.long = true
	return h.release(p)
}

func (t *textHold) limit(h *Hold, failed bool) bool {
	if t.long || !failed {
		return false // what a run printed that did not fail is an answer, whatever it says
	}
	text := make([]byte, h.held.Size())
	_, _ = h.held.ReadAt(text, 0)
	return ReadText(withoutEscapes(string(text))).Limit.Met()
}

func (t *textHold) open() bool { return true }

func (t *textHold) answered() Answered { return AnsweredUnknown }

// escapes are what a terminal acts on and does not show: CSI and OSC sequences, as the CLI sends at its end
// (\x1b[?25h in all versions since 1.0.128, ten more in 2.1.112).
var escapes = lazily("\x1b\\[[0-?]*[ -/]*[@-~]|\x1b\\][^\x07\x1b]*(?:\x07|\x1b\\\\)")

func withoutEscapes(text string) string { return escapes().ReplaceAllString(text, "") }
