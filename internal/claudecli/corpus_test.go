package claudecli_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
)

// corpusLine is one line of testdata/corpus.jsonl: what the CLI printed, and how it is to be read.
type corpusLine struct {
	ID, Kind, Version, Line, Class string
	ExitCode                       *int `json:"exit_code"`
	Expect                         expectation
}

type expectation struct {
	Input         int64    `json:"input"`
	Output        int64    `json:"output"`
	CacheCreation int64    `json:"cache_creation"`
	CacheRead     int64    `json:"cache_read"`
	Cost          *float64 `json:"cost_usd"`
	Model         *string  `json:"model"`
	Limit         string   `json:"limit"`
	ResetsAt      *int64   `json:"resets_at"`
	AuthError     bool     `json:"auth_error"`
}

func corpus(t testing.TB) []corpusLine {
	t.Helper()
	data, err := os.ReadFile("testdata/corpus.jsonl")
	require.NoError(t, err)
	var lines []corpusLine
	for text := range strings.Lines(string(data)) {
		var line corpusLine
		require.NoError(t, json.Unmarshal([]byte(text), &line))
		lines = append(lines, line)
	}
	return lines
}

// read reads a text of the kind.
func read(kind, text string) claudecli.Reading {
	switch kind {
	case "json-result":
		return claudecli.ReadResult([]byte(text))
	case "stream":
		return claudecli.ReadStream([]byte(text))
	case "transcript":
		return claudecli.ReadTranscript([]byte(text))
	case "statusline":
		return claudecli.ReadStatusLine([]byte(text))
	default:
		return claudecli.ReadText(text)
	}
}

func TestEveryLineOfTheCorpusReadsAsExpected(t *testing.T) {
	t.Parallel()
	for _, line := range corpus(t) {
		t.Run(line.ID+" "+line.Version, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, line.Expect, expectationOf(read(line.Kind, line.Line)), line.Line)
		})
	}
}

func expectationOf(r claudecli.Reading) expectation {
	e := expectation{
		Input: r.Tokens.Input, Output: r.Tokens.Output,
		CacheCreation: r.Tokens.CacheCreation, CacheRead: r.Tokens.CacheRead,
		Cost: r.Cost, Limit: "none", AuthError: r.Refusal != claudecli.NoRefusal,
	}
	if r.Model != "" {
		e.Model = &r.Model
	}
	if r.Limit.Met() {
		e.Limit = string(r.Limit.Kind)
	}
	if !r.Limit.ResetsAt.IsZero() {
		seconds := r.Limit.ResetsAt.Unix()
		e.ResetsAt = &seconds
	}
	return e
}

// Only requests turned down for their rate are throttled, and no limit: what looks alike by its status is not.
func TestWhichLinesOfTheCorpusAreThrottled(t *testing.T) {
	t.Parallel()
	throttled := 0
	for _, line := range corpus(t) {
		is := line.Class == "api_rate_limit" || line.Class == "throttle"
		require.Equal(t, is, read(line.Kind, line.Line).Throttled, "%s: %s", line.ID, line.Line)
		if is {
			throttled++
		}
	}
	require.NotZero(t, throttled)
}

// A line that was cut off says less than the whole one, and never more.
func TestACutLineNeverTellsMoreThanTheWholeOne(t *testing.T) {
	t.Parallel()
	for _, line := range corpus(t) {
		t.Run(line.ID, func(t *testing.T) {
			t.Parallel()
			whole := read(line.Kind, line.Line)
			stride := 1
			if testing.Short() {
				stride = 17
			}
			for cut := 0; cut < len(line.Line); cut += stride {
				part := read(line.Kind, line.Line[:cut])
				if !tellsNoMore(part, whole) {
					require.Failf(t, "more than the whole", "cut at %d: %+v\nwhole: %+v\n%s", cut, part, whole, line.Line[:cut])
				}
			}
		})
	}
}

func tellsNoMore(part, whole claudecli.Reading) bool {
	p, w := part.Tokens, whole.Tokens
	counts := [][2]int64{{p.Input, w.Input}, {p.Output, w.Output}, {p.CacheRead, w.CacheRead},
		{p.CacheCreation, w.CacheCreation}, {p.CacheCreation1h, w.CacheCreation1h}}
	for _, c := range counts {
		if c[0] < 0 || c[0] > c[1] {
			return false
		}
	}
	return part.Cost == nil || whole.Cost != nil && *part.Cost <= *whole.Cost
}
