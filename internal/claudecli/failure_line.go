package claudecli

import (
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"claudepool/pool"
)

// failure is what a line of a transcript tells that the CLI wrote instead of an answer.
type failure struct {
	Reading
	// windows are those of quotaLimits (2.1.330), nil before.
	windows []pool.Window
}

// withFailure reads such a line, and returns false where it says nothing of the subscription. It is no message
// of the API: it has no id.
func (l TranscriptLine) withFailure(value gjson.Result) (TranscriptLine, bool) {
	l.ID, l.Model, l.Tokens = "", "", pool.Tokens{}
	f := failure{Reading: readTranscriptAnswer(value)}
	if l.Conversation == "" || !f.Limit.Met() && f.outcome() == pool.NoOutcome {
		return TranscriptLine{}, false
	}
	if f.Limit.Met() {
		f.windows = readRateLimit(value.Get("quotaLimits"), pool.FromTranscript, l.At).windows
	}
	// Parts of the line would keep all of it in memory.
	f.Model, f.Limit.ResetsText = "", strings.Clone(f.Limit.ResetsText)
	f.Limit.Kind = pool.WindowKind(strings.Clone(string(f.Limit.Kind)))
	for i := range f.windows {
		f.windows[i].Kind = pool.WindowKind(strings.Clone(string(f.windows[i].Kind)))
	}
	l.failure = &f
	return l, true
}

// Signal returns what a line that the CLI wrote instead of an answer tells of the subscription that the
// conversation was on, and false for all other lines. at is the time of the line, and local the zone of the
// machine, in which older CLIs speak of resets.
func (l TranscriptLine) Signal(at time.Time, local *time.Location) (pool.Signal, bool) {
	if l.failure == nil {
		return pool.Signal{}, false
	}
	s := pool.Signal{At: at, Conversation: l.Conversation, Met: l.failure.Limit.Kind, Outcome: l.failure.outcome()}
	if s.Met == "" {
		return s, true
	}
	for _, w := range l.failure.windows {
		w.ObservedAt = at
		s.Windows = append(s.Windows, w)
	}
	if len(s.Windows) == 0 {
		s.Windows = []pool.Window{l.failure.Limit.window(pool.FromTranscript, at, local)}
	}
	return s, true
}
