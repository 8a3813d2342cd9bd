package claudecli_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
)

// sayings are all that the CLI says of limits, in the corpus.
func sayings(t testing.TB) (all []string) {
	t.Helper()
	for _, line := range corpus(t) {
		if line.Kind == "text" && line.Class == "limit" {
			all = append(all, strings.TrimSpace(line.Line))
		}
	}
	require.NotEmpty(t, all)
	return all
}

func quote(text string) string {
	quoted, _ := json.Marshal(text)
	return string(quoted)
}

// Whoever talks of limits has met none: in a prompt, an answer, the result of a tool or the whole result.
func TestProseIsNotHeld(t *testing.T) {
	t.Parallel()
	limitLines := strings.TrimSpace(capture(t, "limit.jsonl"))
	texts := append(sayings(t), strings.Join(sayings(t), "\n"), limitLines, strings.TrimSpace(capture(t, "limit.json")))
	for _, text := range texts {
		for _, line := range []string{
			`{"type":"user","message":{"role":"user","content":%s}}`,
			`{"type":"user","message":{"role":"user","content":[{"type":"tool_result","is_error":true,"content":%s}]},"tool_use_result":%[1]s}`,
			`{"type":"assistant","message":{"id":"msg_01","model":"claude-sonnet-5-5","content":[{"type":"text","text":%s}]}}`,
			`{"type":"assistant","message":{"model":"claude-sonnet-5-5","content":[{"type":"tool_use","input":{"text":%s,"model":"<synthetic>"}}]}}`,
			`{"type":"stream_event","event":{"type":"content_block_delta","delta":{"type":"text_delta","text":%s}}}`,
			`{"type":"system","subtype":"hook_response","stdout":%s}`,
			`{"type":"result","subtype":"success","is_error":false,"result":%s}`,
			`{"is_error":false,"result":%s,"type":"result"}`,
		} {
			line := fmt.Sprintf(line, quote(text)) + "\n"
			h := newHolding("stream-json", false).write(line)
			require.Equal(t, line, h.passed.String())
			limit, _, _ := h.write(doneLine).end(false)
			require.False(t, limit)
		}
		answer := `{"type":"result","subtype":"success","is_error":false,"result":` + quote(text) + `,"session_id":"c"}`
		for _, output := range []string{answer, `[{"type":"user","message":{"content":` + quote(text) + `}},` + answer + `]`} {
			for _, failed := range []bool{false, true} {
				limit, passed, held := newHolding("json", false).write(output).end(failed)
				require.False(t, limit, output)
				require.Equal(t, output, passed+held)
			}
		}
		limit, passed, held := newHolding("text", false).write(text + "\n").end(false)
		require.False(t, limit, "what a run printed that did not fail is an answer: %s", text)
		require.Equal(t, text+"\n", passed+held)
		limit, _, _ = newHolding("text", false).write("It said: " + text + "\n").end(true)
		require.False(t, limit)
	}
}

func TestWhatTheCLISendsATerminalIsNoPartOfASentence(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"%s\n\x1b[?25h", "%s\n\x1b[?25h\x1b[?1004l\x1b[?2004l\x1b[<u\x1b]0;\x07\x1b[?25h\x1b[0m", "\x1b]9;4;0;\x1b\\%s\r\n", "%s",
	} {
		text = fmt.Sprintf(text, "You've hit your session limit · resets 3:50pm (UTC)")
		eachCut(text, func(parts ...string) {
			limit, passed, held := newHolding("text", false).write(parts...).end(true)
			require.True(t, limit, "%q", text)
			require.Empty(t, passed)
			require.Equal(t, text, held)
		})
	}
}

func TestTextThatIsLongerThanASentencePassesAtOnce(t *testing.T) {
	t.Parallel()
	saying := "You've hit your session limit · resets 3:50pm (UTC)\n"
	long := saying + strings.Repeat("And so on. ", 200)
	for _, size := range []int{1, 100, 10_000} {
		h := newHolding("text", false).write(cut(long, size)...)
		require.Equal(t, long, h.passed.String())
		require.True(t, h.Open())
		limit, _, held := h.write("more").end(true)
		require.False(t, limit)
		require.Empty(t, held)
	}
}

// With --verbose, and from old CLIs, json is more than one object on one line.
func TestALimitInJSONOfAnyForm(t *testing.T) {
	t.Parallel()
	stream := limitStream(t)
	result := strings.TrimSpace(capture(t, "limit.json"))
	var indented bytes.Buffer
	require.NoError(t, json.Indent(&indented, []byte(result), "", "  "))
	answered := strings.TrimSpace(answerLine)
	long := strings.TrimSpace(longLine(answerLine, 1<<20))
	for name, c := range map[string]struct {
		output   string
		answered claudecli.Answered
	}{
		"one object":         {result + "\n", claudecli.AnsweredNothing},
		"spread over lines":  {indented.String() + "\n", claudecli.AnsweredNothing},
		"an array":           {"[" + strings.TrimSpace(stream[0]) + "," + result + "]\n", claudecli.AnsweredNothing},
		"an array with work": {"[" + answered + "," + long + "," + strings.Replace(result, `"input_tokens":0`, `"input_tokens":7`, 1) + "]", claudecli.AnsweredSome},
		"no end":             {result, claudecli.AnsweredNothing},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, size := range []int{1, 100, len(c.output)} {
				h := newHolding("json", false).write(cut(c.output, size)...)
				limit, passed, held := h.end(true)
				require.True(t, limit)
				require.Empty(t, passed)
				require.True(t, c.output == held)
				require.Equal(t, c.answered, h.Answered())
			}
		})
	}
	for name, output := range map[string]string{
		"nothing": "", "cut off": result[:len(result)-1], "no JSON": "Error: something\n",
		"an answer after it": "[" + result + "," + strings.TrimSpace(doneLine) + "]",
	} {
		limit, passed, held := newHolding("json", false).write(output).end(true)
		require.False(t, limit, name)
		require.Equal(t, output, passed+held, name)
	}
}

// Whatever lines come and wherever they are cut: nothing is lost, doubled or moved, and without a limit
// nothing is held.
func TestAHoldKeepsEveryByteInItsPlace(t *testing.T) {
	t.Parallel()
	var calm []string
	for _, line := range corpus(t) {
		if line.Kind == "stream" && line.Class != "limit" {
			calm = append(calm, line.Line+"\n")
		}
	}
	odd := []string{"\n", "\r\n", "null\n", "{\n", "\x00\xff\n", `{"type":"result"` + "\n", longLine(answerLine, 70<<10), strings.Repeat("y", 200<<10) + "\n"}
	limit := limitStream(t)[1:]
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 1))
		var all strings.Builder
		for range r.IntN(30) {
			lines := [][]string{calm, calm, calm, odd, limit}[r.IntN(4+int(seed%2))]
			all.WriteString(lines[r.IntN(len(lines))])
		}
		h := newHolding("stream-json", false)
		for rest := all.String(); rest != ""; {
			n := min(1+r.IntN([]int{3, 100, 5000, 150_000}[r.IntN(4)]), len(rest))
			h.write(rest[:n])
			rest = rest[n:]
		}
		met, passed, held := h.end(true)
		require.True(t, all.String() == passed+held, "seed %d", seed)
		if seed%2 == 0 {
			require.False(t, met)
			require.Empty(t, held, "seed %d", seed)
		}
	}
}

func FuzzHold(f *testing.F) {
	f.Add([]byte(capture(f, "limit.jsonl")), uint16(100), uint8(0))
	f.Add([]byte(capture(f, "background.jsonl")), uint16(1000), uint8(0))
	f.Add([]byte(capture(f, "subagent-verbose.json")), uint16(7), uint8(1))
	f.Add([]byte("You've hit your session limit · resets 3:50pm (UTC)\n\x1b[?25h"), uint16(1), uint8(2))
	f.Fuzz(func(t *testing.T, output []byte, size uint16, format uint8) {
		name := []string{"stream-json", "json", "text"}[format%3]
		h := newHolding(name, false).write(cut(string(output), int(size))...)
		limit, passed, held := h.end(true)
		require.Equal(t, string(output), passed+held)
		if limit {
			require.NotEmpty(t, held)
		}
	})
}
