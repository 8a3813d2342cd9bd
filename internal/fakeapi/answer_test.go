package fakeapi_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/fakeapi"
)

func TestAnswersFollowThePromptsDirectives(t *testing.T) {
	t.Parallel()
	s := start(t)
	asked := "[[text:First this]][[bash:echo hi]][[subagent:[[bash:true]][[text:sub]]]][[text:At last]]"

	m := answer(t, s, ask{token: "a", messages: prompt(asked)})
	require.Equal(t, "First this", m.text)
	require.Equal(t, "Bash", m.tool)
	require.Equal(t, "echo hi", m.input["command"])
	require.Equal(t, "tool_use", m.stopReason)

	// The CLI adds reminders and a message of role system; neither is a prompt.
	turn := append(prompt(asked),
		says("system", "# Environment [[text:no]]"),
		says("assistant", []map[string]any{{"type": "tool_use"}}),
		says("user", []map[string]any{{"type": "tool_result", "content": "hi"}, {"type": "text", "text": "[[text:no]]"}}),
		says("user", "<system-reminder>[[text:no]]</system-reminder>"))
	m = answer(t, s, ask{token: "a", messages: turn})
	require.Equal(t, "Task", m.tool, "the name that the request offers")
	require.Equal(t, "[[bash:true]][[text:sub]]", m.input["prompt"])
	require.Equal(t, false, m.input["run_in_background"])

	turn = append(turn, says("assistant", "…"))
	m = answer(t, s, ask{token: "a", messages: turn})
	require.Equal(t, "At last", m.text)
	require.Empty(t, m.tool)
	require.Equal(t, "end_turn", m.stopReason)

	turn = append(turn, says("assistant", "At last"), says("user", "and now?"))
	require.Equal(t, fakeapi.DefaultText, answer(t, s, ask{token: "a", messages: turn}).text)
}

func TestABackgroundSubagentIsAskedFor(t *testing.T) {
	t.Parallel()
	m := answer(t, start(t), ask{token: "a", messages: prompt("[[background:work]]")})
	require.Equal(t, true, m.input["run_in_background"])
}

func TestAToolThatIsNotOfferedIsNotUsed(t *testing.T) {
	t.Parallel()
	m := answer(t, start(t), ask{token: "a", messages: prompt("[[bash:echo hi]]"), noTools: true})
	require.Empty(t, m.tool)
	require.Equal(t, fakeapi.DefaultText, m.text)
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	cases := []struct {
		directive, kind string
		status          int
		plan            string
	}{
		{"[[limit:five_hour]]", "rate_limit_error", http.StatusTooManyRequests, "rejected"},
		{"[[limit:seven_day_opus]]", "rate_limit_error", http.StatusTooManyRequests, "rejected"},
		{"[[throttle]]", "rate_limit_error", http.StatusTooManyRequests, ""},
		{"[[status:400]]", "invalid_request_error", http.StatusBadRequest, ""},
		{"[[status:401]]", "authentication_error", http.StatusUnauthorized, ""},
		{"[[status:403]]", "permission_error", http.StatusForbidden, ""},
		{"[[status:500]]", "api_error", http.StatusInternalServerError, ""},
		{"[[status:529]]", "overloaded_error", 529, ""},
		{"[[status:418]]", "invalid_request_error", http.StatusBadRequest, ""},
	}
	for _, c := range cases {
		t.Run(c.directive, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			response := send(t, s, ask{token: "a", messages: prompt(c.directive)})
			require.Equal(t, c.status, response.StatusCode)
			require.Equal(t, "false", response.Header.Get("X-Should-Retry"))
			require.Equal(t, c.plan, response.Header.Get("Anthropic-Ratelimit-Unified-Status"))
			kind, words := refusal(t, response)
			require.Equal(t, c.kind, kind)
			require.Empty(t, s.Books())
			got := s.Requests()[0]
			require.Equal(t, fakeapi.Refused, got.Outcome)
			require.Equal(t, c.status, got.Status)
			require.Equal(t, words, got.Said)
		})
	}
}

func TestThePlanIsToldInHeaders(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		reply fakeapi.Reply
		want  map[string]string
	}{
		{"room", fakeapi.Answer(), map[string]string{
			"status": "allowed", "representative-claim": "five_hour",
			"5h-status": "allowed", "5h-utilization": "0.25", "7d-utilization": "0.5", "overage-status": "",
		}},
		{"warning", fakeapi.Warning("seven_day"), map[string]string{
			"status": "allowed_warning", "representative-claim": "seven_day",
			"7d-status": "allowed_warning", "7d-utilization": "0.91", "7d-surpassed-threshold": "0.9", "5h-status": "allowed",
		}},
		{"a window of one model", fakeapi.Limit("seven_day_opus"), map[string]string{
			"status": "rejected", "7d_opus-status": "rejected", "7d_opus-utilization": "1", "7d-status": "allowed",
		}},
		{"overage", fakeapi.OnOverage("five_hour"), map[string]string{
			"status": "rejected", "5h-status": "rejected", "overage-status": "allowed", "overage-in-use": "true",
		}},
		{"a window not known yet", fakeapi.Limit("lunar"), map[string]string{"lunar-status": "rejected"}},
		{"a reset of its own", fakeapi.LimitUntil("five_hour", time.Unix(1795622405, 0)), map[string]string{
			"status": "rejected", "reset": "1795622405", "5h-reset": "1795622405",
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			s.Script("a", c.reply)
			header := send(t, s, ask{token: "a", messages: prompt("hello")}).Header
			for name, value := range c.want {
				require.Equal(t, value, header.Get("anthropic-ratelimit-unified-"+name), name)
			}
			require.NotEmpty(t, header.Get("anthropic-ratelimit-unified-reset"))
		})
	}
}

func TestAnAPIKeyHearsOfNoPlan(t *testing.T) {
	t.Parallel()
	s := start(t)
	header := send(t, s, ask{token: "k", key: true, messages: prompt("hello")}).Header
	require.Empty(t, header.Get("anthropic-ratelimit-unified-status"))
	require.Equal(t, "k", s.Requests()[0].Token)
}

func TestAReplyIsHeldBack(t *testing.T) {
	t.Parallel()
	s := start(t)
	until := make(chan struct{})
	reply := fakeapi.Limit("five_hour")
	reply.Until = until
	s.Script("a", reply)
	answered := make(chan int, 1)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/v1/messages", strings.NewReader(`{"messages":[]}`))
	require.NoError(t, err)
	request.Header.Set("X-Api-Key", "a")
	go func() {
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			answered <- 0
			return
		}
		_ = response.Body.Close()
		answered <- response.StatusCode
	}()
	require.Eventually(t, func() bool { return len(s.Requests()) == 1 }, 10*time.Second, time.Millisecond)
	require.Empty(t, answered)
	close(until)
	require.Equal(t, http.StatusTooManyRequests, <-answered)
}
