package claudecli_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// textMeter returns what a TextMeter reported of an output that came in parts.
func textMeter(parts []string, failed bool) []pool.Observation {
	var all []pool.Observation
	m := claudecli.NewTextMeter(claudecli.MeterOptions{
		Now: func() time.Time { return atNoon }, Report: func(o pool.Observation) { all = append(all, o) },
	})
	for _, part := range parts {
		_, _ = m.Write([]byte(part))
	}
	m.Ended(failed)
	return all
}

func TestTheSentenceThatStandsForAnAnswer(t *testing.T) {
	t.Parallel()
	at4 := time.Date(2026, 11, 24, 16, 0, 0, 0, time.UTC)
	limit := []pool.Observation{{
		Met:     pool.FiveHour,
		Windows: []pool.Window{{Kind: pool.FiveHour, Status: pool.StatusRejected, ResetsAt: at4, ObservedAt: atNoon, Source: pool.FromText}},
	}}
	const sentence = "You've hit your 5-hour limit · resets 4pm (UTC)"
	cases := []struct {
		name   string
		output string
		failed bool
		want   []pool.Observation
	}{
		{"on a pipe", sentence + "\n", true, limit},
		{"on a terminal", sentence + "\r\n\x1b[?25h", true, limit}, // 2.1.330
		{"on a terminal that it took over", "\x1b[?1004l\x1b[?2004l" + sentence + "\r\n\x1b]0;\x07\x1b[<u\x1b[?25h", true, limit},
		{"an answer", sentence + "\n", false, []pool.Observation{{Outcome: pool.OutcomeAnswered}}},
		{"more than the sentence", "It said:\n" + sentence + "\n", true, nil},
		{"much more", strings.Repeat("words ", 1000) + "\n" + sentence, true, nil},
		{"a long answer", strings.Repeat("words ", 1000), false, []pool.Observation{{Outcome: pool.OutcomeAnswered}}},
		{"nothing", "", false, nil},
		{"nothing but escapes", "\x1b[?25h", false, nil},
		{"no words on the failure", "\n", true, nil},
		{"signed out", "Not logged in · Please run /login\n", true, []pool.Observation{{Outcome: pool.OutcomeSignedOut}}},
		{"refused", "Your organization has disabled Claude subscription access for Claude Code · x\n", true, []pool.Observation{{Outcome: pool.OutcomeRefused}}},
		{"throttled", "API Error: Request rejected (429) · x\n", true, []pool.Observation{{Outcome: pool.OutcomeThrottled}}},
		{"overloaded", "API Error: 529 Overloaded.\n", true, nil},
	}
	for _, c := range cases {
		require.Equal(t, c.want, textMeter([]string{c.output}, c.failed), c.name)
		require.Equal(t, c.want, textMeter(strings.Split(c.output, ""), c.failed), "%s, byte by byte", c.name)
	}
}

func TestEveryTextOfTheCorpusIsTold(t *testing.T) {
	t.Parallel()
	for _, line := range corpus(t) {
		if line.Kind != "text" {
			continue
		}
		var met pool.WindowKind
		for _, o := range textMeter([]string{line.Line, "\r\n"}, true) {
			met = o.Met
		}
		want := pool.WindowKind(strings.TrimPrefix(line.Expect.Limit, "none"))
		require.Equal(t, want, met, line.Line)
	}
}
