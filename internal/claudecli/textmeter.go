package claudecli

import (
	"strings"

	"claudepool/pool"
)

// TextMeter reads along on what the CLI prints in text format, which tells nothing but the answer or, where the
// run fails, the one sentence that stands for it. It keeps no more than such a sentence can be.
type TextMeter struct {
	MeterOptions
	text []byte
	// long is set once more has come than a sentence can be: it is an answer.
	long bool
}

// NewTextMeter returns a TextMeter for one run of the CLI.
func NewTextMeter(o MeterOptions) *TextMeter { return &TextMeter{MeterOptions: o} }

// Write reads a part of the output. It always takes all of it.
func (m *TextMeter) Write(p []byte) (int, error) {
	if m.long = m.long || len(m.text)+len(p) > maxHeldText; m.long {
		m.text = nil
	} else {
		m.text = append(m.text, p...)
	}
	return len(p), nil
}

// Ended reports what the output told, once it has ended. failed is set where the run did not end with 0.
func (m *TextMeter) Ended(failed bool) {
	text := strings.TrimSpace(withoutEscapes(string(m.text)))
	m.text = nil
	switch {
	case !failed && (m.long || text != ""):
		m.Report(pool.Observation{Outcome: pool.OutcomeAnswered})
	case failed && !m.long:
		m.failure(ReadText(text))
	}
}

func (m *TextMeter) failure(r Reading) {
	o := pool.Observation{Outcome: r.outcome(), Met: r.Limit.Kind}
	if r.Limit.Met() {
		o.Windows = []pool.Window{r.Limit.window(pool.FromText, m.Now(), m.Local)}
	}
	if !o.Empty() {
		m.Report(o)
	}
}
