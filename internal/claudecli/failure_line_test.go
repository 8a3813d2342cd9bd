package claudecli_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// What the transcripts of the corpus tell of subscriptions is what their lines are said to be.
func TestTheTranscriptsOfTheCorpusTellTheirFailures(t *testing.T) {
	t.Parallel()
	told := 0
	for _, line := range corpus(t) {
		if line.Kind != "transcript" {
			continue
		}
		l, _ := claudecli.ReadTranscriptLine([]byte(line.Line))
		s, is := l.Signal(atNoon, nil)
		require.Equal(t, line.Expect.Limit != "none" || line.Expect.AuthError, is, line.Line)
		if !is {
			continue
		}
		told++
		require.Empty(t, l.ID, "it is no message of the API")
		require.NotEmpty(t, s.Conversation)
		require.Equal(t, line.Expect.Limit == "none", s.Met == "", line.Line)
		require.Equal(t, line.Expect.AuthError, s.Outcome == pool.OutcomeSignedOut, line.Line)
	}
	require.NotZero(t, told)
}

const (
	// limitLine is of 2.1.330, without what does not matter here.
	limitLine = `{"parentUuid":"p","isSidechain":false,"type":"assistant","uuid":"u","timestamp":"2026-11-24T12:00:00.500Z","message":{"id":"m","model":"<synthetic>","role":"assistant","type":"message","usage":{"input_tokens":0,"output_tokens":0},"content":[{"type":"text","text":"You've hit your Opus limit · resets 4pm (UTC)"}]},"error":"rate_limit","isApiErrorMessage":true,"apiErrorStatus":429,"apiError":"usage_limit_reached","quotaLimits":{"status":"rejected","resetsAt":1795536000,"rateLimitType":"seven_day_opus","isUsingOverage":false},"cwd":"/p","sessionId":"c","version":"2.1.330"}`
	// olderLine is the same without quotaLimits.
	olderLine = `{"type":"assistant","timestamp":"2026-11-24T12:00:00.500Z","message":{"id":"m","model":"<synthetic>","usage":{"input_tokens":0},"content":[{"type":"text","text":"Session limit reached ∙ resets 4pm"}]},"isApiErrorMessage":true,"sessionId":"c","version":"1.0.128"}`
)

func TestALimitInATranscript(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	l, ok := claudecli.ReadTranscriptLine([]byte(limitLine))
	require.True(t, ok)
	s, is := l.Signal(at, nil)
	require.True(t, is)
	require.Equal(t, pool.Signal{At: at, Conversation: "c", Met: pool.SevenDayOpus, Windows: []pool.Window{{
		Kind: pool.SevenDayOpus, Status: pool.StatusRejected, ResetsAt: time.Unix(1795536000, 0).UTC(), ObservedAt: at, Source: pool.FromTranscript,
	}}}, s)

	berlin, err := time.LoadLocation("Europe/Berlin")
	require.NoError(t, err)
	l, ok = claudecli.ReadTranscriptLine([]byte(olderLine))
	require.True(t, ok)
	s, _ = l.Signal(at, berlin)
	require.Equal(t, pool.FiveHour, s.Met)
	require.True(t, s.Windows[0].ResetsAt.Equal(time.Date(2026, 11, 24, 16, 0, 0, 0, berlin)), "%v", s.Windows)
}
