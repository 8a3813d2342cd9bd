package claudecli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// chunk is how much the wrapper reads at once.
const chunk = 128 << 10

// streamOf makes a stream of about size bytes, of lines as a run with tools and partial messages has
// them, with a result now and then.
func streamOf(size, toolResult int) []byte {
	var b bytes.Buffer
	code := strings.Repeat("\tif err := f(\"x\"); err != nil {\n\t\treturn fmt.Errorf(\"result: %w\", err)\n\t}\n", toolResult/80)
	quoted, _ := json.Marshal(code)
	for i := 0; b.Len() < size; i++ {
		for range 40 {
			b.WriteString(`{"type":"stream_event","event":{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"some words of it"}},"session_id":"3176945a-c273-4568-96cd-7afc467c1155","parent_tool_use_id":null,"uuid":"9e61ead5-0fa8-4377-bb5f-4acecb1f6cd9"}` + "\n")
		}
		fmt.Fprintf(&b, `{"type":"user","message":{"role":"user","content":[{"tool_use_id":"toolu_01","type":"tool_result","content":%s}]},"session_id":"3176945a-c273-4568-96cd-7afc467c1155"}`+"\n", quoted)
		if i%50 == 0 {
			fmt.Fprintf(&b, `{"is_error":false,"session_id":"3176945a-c273-4568-96cd-7afc467c1155","total_cost_usd":0.01,"usage":{"input_tokens":1},"modelUsage":{"claude-sonnet-5-5":{"inputTokens":%d,"outputTokens":2,"costUSD":0.01}},"result":"done","type":"result"}`+"\n", i+1)
		}
	}
	return b.Bytes()
}

func feed(m *claudecli.Meter, output []byte, size int) {
	for len(output) > 0 {
		n := min(size, len(output))
		_, _ = m.Write(output[:n])
		output = output[n:]
	}
}

func BenchmarkMeterStream(b *testing.B) {
	for _, c := range []struct {
		name       string
		toolResult int
	}{{"small", 800}, {"medium", 16 << 10}, {"large", 2 << 20}} {
		b.Run(c.name, func(b *testing.B) {
			output := streamOf(16<<20, c.toolResult)
			b.SetBytes(int64(len(output)))
			b.ReportAllocs()
			for b.Loop() {
				m := claudecli.NewMeter(claudecli.MeterOptions{
					Session: "s", Invocation: claudecli.ParseArgs([]string{"-p", "--output-format", "stream-json"}),
					Now: time.Now, Report: func(pool.Observation) {},
				})
				feed(m, output, chunk)
				_ = m.Close()
			}
		})
	}
}

// What a hold costs is to be lost in what the bytes cost anyway.
func BenchmarkHoldStream(b *testing.B) {
	for _, c := range []struct {
		name       string
		toolResult int
	}{{"small", 800}, {"medium", 16 << 10}, {"large", 2 << 20}} {
		b.Run(c.name, func(b *testing.B) {
			output := streamOf(16<<20, c.toolResult)
			b.SetBytes(int64(len(output)))
			b.ReportAllocs()
			for b.Loop() {
				h := claudecli.NewHold(claudecli.ParseArgs([]string{"-p", "--output-format", "stream-json"}), false)
				for part := range slices.Chunk(output, chunk) {
					_ = h.Pass(part)
				}
			}
		})
	}
}
