package claudecli_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// failed is a result that is an error; the rest of its fields may be given.
func failed(sentence, rest string) string {
	return fmt.Sprintf(`{"is_error":true,"session_id":"a","usage":{"input_tokens":0},"modelUsage":{},%s"result":%q,"type":"result"}`+"\n", rest, sentence)
}

func TestWhatAResultSaysOfTheLogin(t *testing.T) {
	t.Parallel()
	const quiet = `{"is_error":false,"session_id":"a","usage":{"input_tokens":0},"modelUsage":{},"result":"x","type":"result"}` + "\n"
	cases := []struct {
		name   string
		output string
		want   []pool.Outcome
	}{
		{"answered", result("a", 10, 0.5), []pool.Outcome{pool.OutcomeAnswered}},
		{"a command of the CLI's own", quiet, nil},
		{"told twice", result("a", 10, 0.5) + result("a", 10, 0.5), []pool.Outcome{pool.OutcomeAnswered}},
		{"answered, then a turn that failed", `{"is_error":true,` + result("a", 10, 0.5)[1:], []pool.Outcome{pool.OutcomeAnswered}},
		{"without usage (1.0.0)", `{"type":"result","is_error":false,"result":"Hi.","session_id":"a"}` + "\n", []pool.Outcome{pool.OutcomeAnswered}},
		{"401", failed("Failed to authenticate. API Error: 401 Invalid authentication credentials", `"api_error_status":401,`), []pool.Outcome{pool.OutcomeSignedOut}},
		{"401 in words not known", failed("Who are you?", `"api_error_status":401,`), []pool.Outcome{pool.OutcomeSignedOut}},
		{"not logged in", failed("Not logged in · Please run /login", `"api_error_status":null,`), []pool.Outcome{pool.OutcomeSignedOut}},
		{"403", failed("Your organization has disabled Claude subscription access for Claude Code · x", `"api_error_status":403,`), []pool.Outcome{pool.OutcomeRefused}},
		{"403 of something else", failed("API Error: 403 blocked by a proxy", `"api_error_status":403,`), nil},
		{"429 of an API key", failed("API Error: Request rejected (429) · x", `"api_error_status":429,`), []pool.Outcome{pool.OutcomeThrottled}},
		{"429 in words not known", failed("Slower, please", `"api_error_status":429,`), []pool.Outcome{pool.OutcomeThrottled}},
		{"429 of a request that no plan covers", failed("API Error: Usage credits required for 1M context · x", `"api_error_status":429,"api_error":"long_context_credits_required",`), nil},
		{"the same, before it had a name", failed("API Error: Extra usage is required for 1M context · x", `"api_error_status":429,`), nil},
		{"429 of a plan", failed("You've hit your weekly limit · resets 3pm (UTC)", `"api_error_status":429,"api_error":"usage_limit_reached",`), nil},
		{"529", failed("API Error: 529 Overloaded.", `"api_error_status":529,`), nil},
		{"500", failed("API Error: 500 Internal server error.", `"api_error_status":500,`), nil},
		{"billing", failed("Credit balance is too low", `"api_error_status":400,`), nil},
	}
	for _, c := range cases {
		for _, format := range []string{"json", "stream-json"} {
			require.Equal(t, c.want, meter(c.output, format, chunk).outcomes, "%s, %s", c.name, format)
		}
	}
}

func TestTheWindowThatARunMetIsTheOneItsEventNamed(t *testing.T) {
	t.Parallel()
	event := `{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","resetsAt":1795456200,"rateLimitType":"seven_day_sonnet"}}` + "\n"
	end := failed("You've hit your weekly limit · resets 3pm (UTC)", `"api_error":"usage_limit_reached",`)
	require.Equal(t, []pool.WindowKind{pool.SevenDaySonnet}, meter(event+end, "stream-json", chunk).met)
	require.Equal(t, []pool.WindowKind{pool.SevenDay}, meter(end, "stream-json", chunk).met, "before 2.1.45")
	require.Empty(t, meter(event, "stream-json", chunk).met, "not yet the end")
	require.Empty(t, meter(event+result("a", 1, 1), "stream-json", chunk).met, "the run went on")
}

// A server that is throttling is rejected as well, and names no window (2.1.330).
func TestAThrottlingServerIsNoLimit(t *testing.T) {
	t.Parallel()
	line := `{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","isUsingOverage":false}}` + "\n"
	require.False(t, claudecli.ReadStream([]byte(line)).Limit.Met())
	require.Empty(t, meter(line, "stream-json", chunk).windows)
}

// An account without paid use always has its overage rejected: that closes nothing.
func TestARejectedOverageOfAnAccountWithoutPaidUseIsNotTold(t *testing.T) {
	t.Parallel()
	got := meter(`{"type":"rate_limit_event","rate_limit_info":{"status":"allowed","resetsAt":1795456200,"rateLimitType":"five_hour","overageStatus":"rejected","overageDisabledReason":"org_level_disabled"}}`+"\n",
		"stream-json", chunk)
	require.Len(t, got.windows, 1)
	require.Equal(t, pool.StatusAllowed, got.window(t, pool.FiveHour).Status)
}

// allSentences is prose with every sentence of the corpus that stands for a limit, a login or a throttle.
func allSentences(t *testing.T) string {
	t.Helper()
	var all []string
	for _, line := range corpus(t) {
		r := read("text", line.Line)
		if line.Kind == "text" && (r.Limit.Met() || r.Refusal != claudecli.NoRefusal || r.Throttled) {
			all = append(all, line.Line)
		}
	}
	require.Greater(t, len(all), 40)
	return strings.Join(all, "\n")
}

// What a prompt, a tool, a file or the model says is no signal, however much it looks like one.
func TestProseIsNoSignal(t *testing.T) {
	t.Parallel()
	for _, sentence := range append(strings.Split(allSentences(t), "\n"), allSentences(t)) {
		lines := fmt.Sprintf(`{"type":"user","message":{"role":"user","content":%[1]q},"error":"rate_limit","quotaLimits":{"status":"rejected"}}
{"type":"assistant","message":{"id":"m","model":"claude-x","content":[{"type":"text","text":%[1]q}],"usage":{"input_tokens":1,"output_tokens":1}},"session_id":"a"}
{"type":"user","message":{"content":[{"type":"tool_result","is_error":true,"content":%[1]q}]},"tool_use_result":{"type":"rate_limit_event","rate_limit_info":{"status":"rejected","rateLimitType":"five_hour"}}}
{"type":"result","is_error":false,"session_id":"a","usage":{"input_tokens":1},"result":%[1]q}
`, sentence)
		got := meter(lines, "stream-json", chunk)
		require.Empty(t, got.windows, sentence)
		require.Empty(t, got.met, sentence)
		require.Equal(t, []pool.Outcome{pool.OutcomeAnswered}, got.outcomes, sentence)
		for line := range strings.Lines(lines) {
			l, ok := claudecli.ReadTranscriptLine([]byte(strings.Replace(line, `"session_id"`, `"sessionId"`, 1)))
			if _, is := l.Signal(atNoon, nil); ok && is {
				require.Failf(t, "a signal", "%s", line)
			}
		}
		require.Empty(t, textMeter([]string{sentence + "\n"}, false)[0].Windows, sentence)
	}
}
