package claudecli_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
)

// holding is a Hold with what it has let through.
type holding struct {
	*claudecli.Hold
	passed bytes.Buffer
}

func newHolding(format string, goesOn bool) *holding {
	return &holding{Hold: claudecli.NewHold(claudecli.ParseArgs([]string{"-p", "--output-format", format}), goesOn)}
}

func (h *holding) write(parts ...string) *holding {
	for _, part := range parts {
		p := []byte(part)
		h.passed.Write(h.Pass(p))
		clear(p) // a buffer is used again
	}
	return h
}

// end ends the run, and returns whether it met a limit, what has passed and what is held.
func (h *holding) end(failed bool) (limit bool, passed, held string) {
	limit = h.Limit(failed)
	var rest bytes.Buffer
	_, _ = h.WriteTo(&rest)
	return limit, h.passed.String(), rest.String()
}

// cut cuts a text into parts of size bytes.
func cut(text string, size int) (parts []string) {
	for part := range slices.Chunk([]byte(text), max(size, 1)) {
		parts = append(parts, string(part))
	}
	return parts
}

// eachCut calls test with the text in two parts, cut at every byte, and in single bytes.
func eachCut(text string, test func(parts ...string)) {
	for i := range len(text) + 1 {
		test(text[:i], text[i:])
	}
	test(cut(text, 1)...)
}

// Lines as 2.1.330 writes them.
const (
	answerLine = `{"type":"assistant","message":{"id":"msg_01","model":"claude-sonnet-5-5","content":[{"type":"tool_use","id":"toolu_01","name":"Bash","input":{"command":"make"}}],"usage":{"input_tokens":9,"output_tokens":3}},"parent_tool_use_id":null,"session_id":"b5f9bf5c-1684-4f3b-94eb-55fd8775bbf6"}` + "\n"
	toolLine   = `{"type":"user","message":{"role":"user","content":[{"tool_use_id":"toolu_01","type":"tool_result","content":"ok"}]},"session_id":"b5f9bf5c-1684-4f3b-94eb-55fd8775bbf6"}` + "\n"
	doneLine   = `{"is_error":false,"session_id":"b5f9bf5c-1684-4f3b-94eb-55fd8775bbf6","total_cost_usd":0.01,"usage":{"input_tokens":9},"result":"done","type":"result"}` + "\n"
)

// limitStream are the lines of a run that met a limit at its first request: init, event, answer, result.
func limitStream(t testing.TB) []string {
	t.Helper()
	return slices.Collect(strings.Lines(capture(t, "limit.jsonl")))
}

func TestALimitAtTheFirstRequestIsHeld(t *testing.T) {
	t.Parallel()
	stream := limitStream(t)
	for _, c := range []struct{ format, passes, held string }{
		{"stream-json", stream[0], strings.Join(stream[1:], "")},
		{"json", "", capture(t, "limit.json")},
		{"text", "", "You've hit your session limit · resets 3:50pm (UTC)\n"},
		{"", "", "Claude AI usage limit reached|1795442400\n"},
	} {
		t.Run(c.format, func(t *testing.T) {
			t.Parallel()
			eachCut(c.passes+c.held, func(parts ...string) {
				h := newHolding(c.format, false).write(parts...)
				require.False(t, h.Open())
				limit, passed, held := h.end(true)
				require.True(t, limit)
				require.Equal(t, c.passes, passed)
				require.Equal(t, c.held, held)
				require.NotEqual(t, claudecli.AnsweredSome, h.Answered())
				h.Drop()
				require.True(t, h.Open())
			})
		})
	}
}

func TestALimitInTheMiddleOfATurnIsHeld(t *testing.T) {
	t.Parallel()
	stream := limitStream(t)
	passes, limit := stream[0]+answerLine+toolLine, strings.Join(stream[1:], "")
	eachCut(passes+limit, func(parts ...string) {
		h := newHolding("stream-json", false).write(parts...)
		is, passed, held := h.end(true)
		require.True(t, is)
		require.Equal(t, passes, passed)
		require.Equal(t, limit, held)
		require.Equal(t, claudecli.AnsweredSome, h.Answered())
	})
}

// The first word of a limit may be one of a subagent: the run goes on, and so does all that was held.
func TestALimitAfterWhichTheRunGoesOnIsLetThrough(t *testing.T) {
	t.Parallel()
	stream := limitStream(t)
	of := strings.Replace(stream[2], `"parent_tool_use_id":null`, `"parent_tool_use_id":"toolu_01"`, 1)
	begun := stream[0] + answerLine
	quoted := strings.Replace(toolLine, "ok", "You've hit your session limit · resets 3:50pm (UTC)", 1)
	for name, rest := range map[string]string{"an answer": answerLine, "a result": doneLine, "a long answer": longLine(answerLine, 100<<10)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			held := stream[1] + of + quoted
			h := newHolding("stream-json", false).write(begun, held)
			require.Equal(t, begun, h.passed.String(), "it may have been the end")
			h.write(cut(rest, 1000)...)
			require.Equal(t, begun+held+rest, h.passed.String(), "it is not")
			require.True(t, h.Open())
			limit, _, _ := h.write(doneLine).end(false)
			require.False(t, limit)
		})
	}
	t.Run("and meets one of its own", func(t *testing.T) {
		t.Parallel()
		last := strings.Join(stream[1:], "")
		h := newHolding("stream-json", false).write(begun, stream[1], of, quoted, answerLine, last)
		limit, passed, held := h.end(true)
		require.True(t, limit)
		require.Equal(t, begun+stream[1]+of+quoted+answerLine, passed)
		require.Equal(t, last, held)
	})
	t.Run("in single bytes", func(t *testing.T) {
		t.Parallel()
		all := begun + stream[1] + of + quoted + answerLine + doneLine
		limit, passed, held := newHolding("stream-json", false).write(cut(all, 1)...).end(false)
		require.False(t, limit)
		require.Equal(t, all, passed+held)
		require.Empty(t, held)
	})
}

// longLine makes a line of more than size bytes of another.
func longLine(line string, size int) string {
	return strings.Replace(line, `"msg_01"`, `"msg_01","long":"`+strings.Repeat("result x ", size/9+1)+`"`, 1)
}

// A run that goes on and on after the word of a limit has not ended by it, and fills no memory.
func TestNotMuchIsHeldOfAStream(t *testing.T) {
	t.Parallel()
	stream := limitStream(t)
	for name, part := range map[string]string{
		"many lines": strings.Repeat(toolLine, 100),
		"one line":   strings.Repeat("x", len(toolLine)*100),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHolding("stream-json", false).write(stream[0], stream[1])
			want := stream[0] + stream[1]
			for range 100 {
				h.write(part)
				want += part
			}
			require.Greater(t, h.passed.Len(), len(want)/2)
			limit, passed, held := h.end(true)
			require.False(t, limit)
			require.True(t, want == passed+held)
		})
	}
}

func TestLongLinesPassAsTheyCome(t *testing.T) {
	t.Parallel()
	init := limitStream(t)[0]
	for _, size := range []int{60 << 10, 64 << 10, 70 << 10, 130 << 10, 300 << 10, 2 << 20} {
		for _, line := range []string{longLine(answerLine, size), strings.Replace(toolLine, "ok", strings.Repeat(`\"result\" <synthetic> `, size/22), 1), strings.Repeat("no JSON ", size/8) + "\n"} {
			all := init + line + toolLine + line + doneLine
			for _, n := range []int{1 << 10, 64 << 10, 128 << 10, len(all)} {
				h := newHolding("stream-json", false).write(cut(all, n)...)
				require.True(t, h.Open())
				require.True(t, all == h.passed.String(), "%d bytes, %d at once: %.40q", size, n, line)
				if strings.HasPrefix(line, `{"type":"assistant"`) {
					require.Equal(t, claudecli.AnsweredSome, h.Answered())
				}
			}
		}
	}
}

func TestHeldLinesMayEndAnyhow(t *testing.T) {
	t.Parallel()
	text := capture(t, "limit.jsonl")
	for name, text := range map[string]string{
		"no end":        strings.TrimSuffix(text, "\n"),
		"CRLF":          strings.ReplaceAll(text, "\n", "\r\n"),
		"more after it": text + `{"type":"system","subtype":"hook_response","hook_event":"SessionEnd"}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			begin := strings.Index(text, `{"type":"rate_limit_event"`)
			eachCut(text, func(parts ...string) {
				limit, passed, held := newHolding("stream-json", false).write(parts...).end(true)
				require.True(t, limit)
				require.Equal(t, text[:begin], passed)
				require.Equal(t, text[begin:], held)
			})
		})
	}
	t.Run("an answer after it without an end", func(t *testing.T) {
		t.Parallel()
		all := text + strings.TrimSuffix(doneLine, "\n")
		limit, passed, held := newHolding("stream-json", false).write(all).end(false)
		require.False(t, limit)
		require.Equal(t, all, passed+held)
	})
}

// What the CLI says of itself is said once, however many runs there are.
func TestALaterRunDoesNotIntroduceItself(t *testing.T) {
	t.Parallel()
	init := limitStream(t)[0]
	all := init + answerLine + init + toolLine + doneLine
	eachCut(all[:len(init)+40], func(parts ...string) {
		h := newHolding("stream-json", true).write(parts...).write(all[len(init)+40:])
		require.Equal(t, all[len(init):], h.passed.String(), "once: it says it again after a background task (2.1.330)")
		require.True(t, h.Open())
	})
	whole := newHolding("stream-json", false).write(all)
	require.Equal(t, all, whole.passed.String())
}

func TestRunsThatMeetNoLimitPass(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"background.jsonl", "clear.jsonl", "overage.jsonl", "partial.jsonl", "resumed-again.jsonl", "warning.jsonl",
		"forked.json", "fresh.json", "opus.json", "resumed.json", "subagent-verbose.json",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := capture(t, name)
			for _, size := range []int{1, 7, 1000, len(want)} {
				for _, failed := range []bool{false, true} {
					h := newHolding(formatOf(name), false).write(cut(want, size)...)
					stream := strings.HasSuffix(name, ".jsonl")
					if stream {
						require.True(t, h.Open())
					}
					limit, passed, held := h.end(failed)
					require.False(t, limit)
					require.Equal(t, want, passed+held)
					require.Equal(t, claudecli.AnsweredSome, h.Answered())
				}
			}
		})
	}
}

func TestEveryLineOfTheCorpusIsHeldWhereItTellsOfALimit(t *testing.T) {
	t.Parallel()
	formats := map[string]string{"stream": "stream-json", "json-result": "json", "text": "text"}
	seen := map[string]int{}
	for _, line := range corpus(t) {
		format, printed := formats[line.Kind]
		if !printed {
			continue
		}
		isLimit := line.Class == "limit"
		seen[fmt.Sprint(line.Kind, isLimit)]++
		failed := line.ExitCode == nil || *line.ExitCode != 0
		limit, passed, held := newHolding(format, false).write(line.Line + "\n").end(failed)
		require.Equal(t, line.Line+"\n", passed+held, line.ID)
		if format == "stream-json" {
			require.Equal(t, isLimit, held != "", "%s: %s", line.ID, line.Line)
			isLimit = isLimit && strings.Contains(line.Line, `"type":"result"`)
		}
		require.Equal(t, isLimit, limit, "%s: %s", line.ID, line.Line)
	}
	for _, kind := range []string{"stream", "json-result", "text"} {
		require.NotZero(t, seen[kind+"true"], kind)
		require.NotZero(t, seen[kind+"false"], kind)
	}
}
