package main

import (
	"bytes"
	"fmt"
	"io"
	"strings"
)

// The shapes of the stream-json lines are those of the CLI 2.1.330, run with
// `-p --output-format stream-json --verbose`. MESSAGEID takes a number of as many digits.
const (
	messageID = "MESSAGEID0000000"

	initLine = `{"type":"system","subtype":"init","cwd":"/home/u/proj","session_id":"2807083d-b355-4455-be91-5edc3a01603e","tools":["Task","Bash","Glob","Grep","Read","Edit","Write"],"mcp_servers":[],"model":"claude-opus-5-5","permissionMode":"default","slash_commands":["clear","compact","context","cost"],"apiKeySource":"none","uuid":"a9859889-851f-48a9-9f2b-4555268effdc"}`

	assistantLine = `{"type":"assistant","message":{"id":"msg_MESSAGEID0000000","type":"message","role":"assistant","model":"claude-opus-5-5","content":[%s],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":123,"cache_creation_input_tokens":1000,"cache_read_input_tokens":2000,"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":1000},"output_tokens":45,"service_tier":"standard","inference_geo":""},"context_management":null},"parent_tool_use_id":null,"session_id":"2807083d-b355-4455-be91-5edc3a01603e","uuid":"98cf1241-ab68-41c4-a4d2-4795aae8d4a6"}`

	textBlock    = `{"type":"text","text":"%s"}`
	toolUseBlock = `{"type":"tool_use","id":"toolu_MESSAGEID0000000","name":"Read","input":{"file_path":"/home/u/proj/internal/server/handler.go","offset":120,"limit":200}}`

	userLine = `{"type":"user","message":{"role":"user","content":[{"tool_use_id":"toolu_MESSAGEID0000000","type":"tool_result","content":"%s"}]},"parent_tool_use_id":null,"session_id":"2807083d-b355-4455-be91-5edc3a01603e","uuid":"9fe157db-953a-403d-8776-2d23b86f2ac3","timestamp":"2026-11-23T15:17:51.935Z","tool_use_result":{"type":"text","file":{"filePath":"/home/u/proj/internal/server/handler.go","numLines":200,"startLine":120,"totalLines":410}}}`

	limitLine = `{"type":"rate_limit_event","rate_limit_info":{"status":"allowed","resetsAt":1795450663,"rateLimitType":"five_hour","isUsingOverage":false,"unifiedWindows":{"five_hour":{"utilization":0.42,"resetsAt":1795450663,"status":"allowed"},"seven_day":{"utilization":0.13,"resetsAt":1795706263,"status":"allowed"}}},"uuid":"725d3d38-706e-42bd-a838-2472c98d6ef6","session_id":"2807083d-b355-4455-be91-5edc3a01603e"}`

	resultLine = `{"type":"result","subtype":"success","is_error":false,"duration_ms":87,"duration_api_ms":77,"num_turns":3,"result":"Done.","session_id":"2807083d-b355-4455-be91-5edc3a01603e","total_cost_usd":0.02697,"usage":{"input_tokens":123,"cache_creation_input_tokens":1000,"cache_read_input_tokens":2000,"output_tokens":45,"service_tier":"standard"},"modelUsage":{"claude-opus-5-5":{"inputTokens":123,"outputTokens":45,"cacheReadInputTokens":2000,"cacheCreationInputTokens":1000,"webSearchRequests":0,"costUSD":0.02697,"contextWindow":200000}},"permission_denials":[],"uuid":"9aa295da-784b-4b59-a04e-0fec8c212aee"}`

	prose = `The handler closes the body twice: once in \"drain\" and once in its own defer.\nI will read the second half before I change it — the tests in 'handler_test.go' rely on the order.\n\n`
	code  = `   120\tfunc (s *Server) handle(w http.ResponseWriter, r *http.Request) {\n   121\t\tdefer r.Body.Close()\n   122\t\tif r.Method != \"POST\" {\n   123\t\t\thttp.Error(w, \"method not allowed\", 405)\n   124\t\t}\n`
)

// turn is what one turn with a tool call prints: an answer of two content blocks under one message
// id, a file of some 200 lines that was read, and the state of the windows; about 12 kB.
func turn() string {
	return strings.Join([]string{
		fmt.Sprintf(assistantLine, fmt.Sprintf(textBlock, strings.Repeat(prose, 6))),
		fmt.Sprintf(assistantLine, toolUseBlock),
		limitLine,
		fmt.Sprintf(userLine, strings.Repeat(code, 40)),
	}, "\n") + "\n"
}

// writeStream writes at least size bytes of stream-json with a new message id for each turn.
func writeStream(w io.Writer, size int) error {
	const turnsABlock = 64
	block := []byte(strings.Repeat(turn(), turnsABlock))
	var places []int // of the message ids in block
	for at := 0; ; at += len(messageID) {
		next := bytes.Index(block[at:], []byte(messageID))
		if next < 0 {
			break
		}
		at += next
		places = append(places, at)
	}
	placesATurn := len(places) / turnsABlock
	if _, err := io.WriteString(w, initLine+"\n"); err != nil {
		return err
	}
	for written, turns := 0, 0; written < size; written += len(block) {
		for i, at := range places {
			copy(block[at:], fmt.Sprintf("%0*d", len(messageID), turns+i/placesATurn))
		}
		if _, err := w.Write(block); err != nil {
			return err
		}
		turns += turnsABlock
	}
	_, err := io.WriteString(w, resultLine+"\n")
	return err
}

// writeLine writes one assistant line of at least size bytes.
func writeLine(w io.Writer, size int) error {
	head, tail, _ := strings.Cut(fmt.Sprintf(assistantLine, fmt.Sprintf(textBlock, "\x00")), "\x00")
	if _, err := io.WriteString(w, head); err != nil {
		return err
	}
	if err := writeRepeatedly(w, []byte(strings.Repeat(prose, 4096)), size); err != nil {
		return err
	}
	_, err := io.WriteString(w, tail+"\n"+resultLine+"\n")
	return err
}

// screenBlock is what a full-screen program paints: moves, colours and text.
func screenBlock() []byte {
	var b bytes.Buffer
	for line := 0; b.Len() < 1<<16; line++ {
		fmt.Fprintf(&b, "\x1b[%d;1H\x1b[38;5;%dm⏺ %s\x1b[0m\x1b[K\r\n", line%40+1, line%256, "Read(internal/server/handler.go) and 120 lines of other things")
	}
	return b.Bytes()
}

// writeRepeatedly writes block until size bytes are written, the last one whole.
func writeRepeatedly(w io.Writer, block []byte, size int) error {
	for written := 0; written < size; written += len(block) {
		if _, err := w.Write(block); err != nil {
			return err
		}
	}
	return nil
}
