package fakeapi_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/fakeapi"
	"claudepool/pool"
)

func start(t *testing.T) *fakeapi.Server {
	t.Helper()
	server, err := fakeapi.Start("127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return server
}

// ask is a request like the CLI's, with the tools that the stand-in may use.
type ask struct {
	token    string
	key      bool
	model    string
	whole    bool
	noTools  bool
	messages []map[string]any
}

func says(role string, content any) map[string]any {
	return map[string]any{"role": role, "content": content}
}

func prompt(text string) []map[string]any { return []map[string]any{says("user", text)} }

func send(t *testing.T, s *fakeapi.Server, a ask) *http.Response {
	t.Helper()
	body := map[string]any{"model": "claude-sonnet-5-5", "stream": !a.whole, "messages": a.messages}
	if a.model != "" {
		body["model"] = a.model
	}
	if !a.noTools {
		body["tools"] = []map[string]any{{"name": "Bash"}, {"name": "Task"}}
	}
	encoded, err := json.Marshal(body)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/v1/messages?beta=true", bytes.NewReader(encoded))
	require.NoError(t, err)
	if a.key {
		request.Header.Set("X-Api-Key", a.token)
	} else {
		request.Header.Set("Authorization", "Bearer "+a.token)
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// message is what a client makes of an answer: the whole one, or the events put together.
type message struct {
	text, tool, stopReason string
	input                  map[string]any
	opened, final          pool.Tokens
}

func read(t *testing.T, response *http.Response) (message, error) {
	t.Helper()
	require.Equal(t, http.StatusOK, response.StatusCode)
	var m message
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		data, isData := strings.CutPrefix(lines.Text(), "data: ")
		if !isData {
			continue
		}
		var e wireEvent
		require.NoError(t, json.Unmarshal([]byte(data), &e))
		m.take(t, e)
	}
	return m, lines.Err()
}

type wireEvent struct {
	Type    string
	Message struct{ Usage wireUsage }
	Usage   wireUsage
	Block   struct {
		Name string
	} `json:"content_block"`
	Delta struct {
		Text       string
		Partial    string `json:"partial_json"`
		StopReason string `json:"stop_reason"`
	}
}

type wireUsage struct {
	Input         int64 `json:"input_tokens"`
	Output        int64 `json:"output_tokens"`
	CacheCreation int64 `json:"cache_creation_input_tokens"`
	CacheRead     int64 `json:"cache_read_input_tokens"`
	Split         struct {
		FiveMinutes int64 `json:"ephemeral_5m_input_tokens"`
		Hour        int64 `json:"ephemeral_1h_input_tokens"`
	} `json:"cache_creation"`
}

func (u wireUsage) tokens(t *testing.T) pool.Tokens {
	t.Helper()
	require.Equal(t, u.CacheCreation, u.Split.FiveMinutes+u.Split.Hour)
	return pool.Tokens{
		Input: u.Input, Output: u.Output, CacheRead: u.CacheRead,
		CacheCreation: u.CacheCreation, CacheCreation1h: u.Split.Hour,
	}
}

func (m *message) take(t *testing.T, e wireEvent) {
	t.Helper()
	switch e.Type {
	case "message_start":
		m.opened = e.Message.Usage.tokens(t)
	case "content_block_start":
		m.tool += e.Block.Name
	case "content_block_delta":
		m.text += e.Delta.Text
		if e.Delta.Partial != "" {
			require.NoError(t, json.Unmarshal([]byte(e.Delta.Partial), &m.input))
		}
	case "message_delta":
		m.stopReason, m.final = e.Delta.StopReason, e.Usage.tokens(t)
	}
}

// answer sends the request and reads an answer that must be complete.
func answer(t *testing.T, s *fakeapi.Server, a ask) message {
	t.Helper()
	m, err := read(t, send(t, s, a))
	require.NoError(t, err)
	require.NotEmpty(t, m.stopReason)
	return m
}

func refusal(t *testing.T, response *http.Response) (kind, words string) {
	t.Helper()
	data, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	var body struct {
		Type  string
		Error struct{ Type, Message string }
	}
	require.NoError(t, json.Unmarshal(data, &body), string(data))
	require.Equal(t, "error", body.Type)
	return body.Error.Type, body.Error.Message
}
