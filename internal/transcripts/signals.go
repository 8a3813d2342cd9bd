package transcripts

import (
	"slices"
	"time"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// signals collects what the lines of a batch tell of the subscriptions that their conversations were on.
type signals struct {
	failures []pool.Signal
	// answered is when each conversation was last answered.
	answered map[string]time.Time
}

// failure takes a line that the CLI wrote instead of an answer, and returns false for all other lines.
func (s *signals) failure(l claudecli.TranscriptLine, at time.Time) bool {
	// Older CLIs name no zone, and mean that of the machine: most transcripts are of this one.
	signal, is := l.Signal(at, time.Local)
	if is {
		s.failures = append(s.failures, signal)
	}
	return is
}

func (s *signals) answer(conversation string, at time.Time) {
	if s.answered == nil {
		s.answered = map[string]time.Time{}
	}
	if at.After(s.answered[conversation]) {
		s.answered[conversation] = at
	}
}

// take returns all in the order of their times, and forgets them.
func (s *signals) take() []pool.Signal {
	all := s.failures
	for conversation, at := range s.answered {
		all = append(all, pool.Signal{At: at, Conversation: conversation, Outcome: pool.OutcomeAnswered})
	}
	*s = signals{}
	slices.SortStableFunc(all, func(a, b pool.Signal) int { return a.At.Compare(b.At) })
	return all
}
