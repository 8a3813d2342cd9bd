package claudecli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

var atNoon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// metered is what a Meter reported of an output, written in parts of size bytes.
type metered struct {
	entries       []pool.Entry
	windows       []pool.Window
	conversations []string
	met           []pool.WindowKind
	outcomes      []pool.Outcome
}

func meter(output, format string, size int, before ...claudecli.Cumulative) metered {
	var all metered
	m := claudecli.NewMeter(claudecli.MeterOptions{
		Session: "s", Invocation: claudecli.ParseArgs([]string{"-p", "--output-format", format}),
		Now: func() time.Time { return atNoon },
		Report: func(o pool.Observation) {
			all.entries = append(all.entries, o.Entries...)
			all.windows = append(all.windows, o.Windows...)
			if o.Conversation != "" {
				all.conversations = append(all.conversations, o.Conversation)
			}
			if o.Met != "" {
				all.met = append(all.met, o.Met)
			}
			if o.Outcome != pool.NoOutcome {
				all.outcomes = append(all.outcomes, o.Outcome)
			}
		},
		Baseline: func(string) []claudecli.Cumulative { return before },
	})
	feed(m, []byte(output), size)
	_ = m.Close()
	return all
}

func (m metered) tokens() pool.Tokens {
	var sum pool.Tokens
	for _, e := range m.entries {
		sum = sum.Plus(e.Tokens)
	}
	return sum
}

func (m metered) window(t *testing.T, kind pool.WindowKind) pool.Window {
	t.Helper()
	for _, w := range m.windows {
		if w.Kind == kind {
			return w
		}
	}
	require.Failf(t, "no such window", "%s in %+v", kind, m.windows)
	return pool.Window{}
}

// capture is an output of the real CLI, 2.1.330.
func capture(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "captures", name))
	require.NoError(t, err)
	return string(data)
}

func formatOf(name string) string {
	if strings.HasSuffix(name, ".jsonl") {
		return "stream-json"
	}
	return "json"
}

func TestTheRealCLIsFiguresAreBooked(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name          string
		input, output int64
		conversations int
	}{
		{"fresh.json", 89, 244, 1},
		{"opus.json", 113, 304, 1},
		{"subagent-verbose.json", 297, 807, 1},
		{"background.jsonl", 424, 1146, 1}, // two results with the same cumulative figures
		{"partial.jsonl", 111, 299, 1},
		{"clear.jsonl", 119 + 244, 319 + 653, 2},
		{"limit.json", 0, 0, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := meter(capture(t, c.name), formatOf(c.name), chunk)
			require.Equal(t, c.input, got.tokens().Input)
			require.Equal(t, c.output, got.tokens().Output)
			require.Len(t, got.conversations, c.conversations)
			ids := map[string]bool{}
			for _, e := range got.entries {
				require.False(t, ids[e.ID], "the id %s is there twice", e.ID)
				ids[e.ID] = true
				require.Equal(t, pool.CostFromCLI, e.CostSource)
				require.NotEmpty(t, e.Model)
				require.Contains(t, got.conversations, e.Conversation)
			}
		})
	}
}

func TestAWindowOnPaidUseIsToldAsItIsBesideThatOfPaidUse(t *testing.T) {
	t.Parallel()
	got := meter(capture(t, "overage.jsonl"), "stream-json", chunk)
	full, paid := got.window(t, pool.FiveHour), got.window(t, pool.Overage)
	require.Equal(t, pool.StatusRejected, full.Status)
	require.InDelta(t, 1, *full.Utilization, 0)
	require.Equal(t, pool.StatusAllowed, paid.Status)
	require.Equal(t, full.ObservedAt, paid.ObservedAt)
	require.Empty(t, got.met, "answers go on")
	require.Equal(t, []pool.Outcome{pool.OutcomeAnswered}, got.outcomes)
}

func TestLimitsAndWarningsAreTold(t *testing.T) {
	t.Parallel()
	warned := meter(capture(t, "warning.jsonl"), "stream-json", chunk).window(t, pool.SevenDay)
	require.Equal(t, pool.StatusWarning, warned.Status)
	require.Equal(t, pool.FromStream, warned.Source)
	require.NotNil(t, warned.Utilization)

	limited := meter(capture(t, "limit.jsonl"), "stream-json", chunk)
	require.Equal(t, pool.StatusRejected, limited.window(t, pool.SevenDayOpus).Status)
	for _, w := range limited.windows {
		require.Equal(t, pool.FromStream, w.Source, "the result says it less well")
	}
	require.Equal(t, []pool.WindowKind{pool.SevenDayOpus}, limited.met)

	told := meter(capture(t, "limit.json"), "json", chunk).window(t, pool.FiveHour)
	require.Equal(t, pool.StatusRejected, told.Status)
	require.Equal(t, pool.FromResult, told.Source)
	require.True(t, told.ResetsAt.After(atNoon) && told.ResetsAt.Before(atNoon.Add(24*time.Hour)), told.ResetsAt)
}

// result is a result line with cumulative figures.
func result(conversation string, input int64, cost float64) string {
	return fmt.Sprintf(`{"session_id":%q,"total_cost_usd":%g,"modelUsage":{"claude-x[1m]":{"inputTokens":%d,"costUSD":%g}},"type":"result"}`+"\n",
		conversation, cost, input, cost)
}

func TestCumulativeFiguresAreBookedAsDifferences(t *testing.T) {
	t.Parallel()
	before := claudecli.Cumulative{"claude-x": {Tokens: pool.Tokens{Input: 100}, Cost: pool.USD(1)}}
	const crashed = `{"type":"result","session_id":"a","is_error":true,"subtype":"error_during_execution","usage":{"input_tokens":0},"total_cost_usd":0,"modelUsage":{}}` + "\n"
	cases := []struct {
		name   string
		output string
		before claudecli.Cumulative
		input  int64
		cost   float64
	}{
		{"fresh", result("a", 10, 0.5), nil, 10, 0.5},
		{"several turns", result("a", 10, 0.5) + result("a", 30, 1.5), nil, 30, 1.5},
		{"the same again", result("a", 10, 0.5) + result("a", 10, 0.5), nil, 10, 0.5},
		{"carried on", result("a", 110, 1.5), before, 10, 0.5},
		{"carried on, several turns", result("a", 110, 1.5) + result("a", 120, 1.75), before, 20, 0.75},
		{"not carried on", result("a", 10, 0.5), before, 10, 0.5},
		{"a crash between", result("a", 10, 0.5) + crashed + result("a", 20, 1), nil, 20, 1},
		{"a crash first", crashed + result("a", 110, 1.5), before, 10, 0.5},
		{"cleared", result("a", 110, 1.5) + result("b", 200, 2), before, 210, 2.5},
		{"cut off", result("a", 10, 0.5) + result("a", 30, 1.5)[:60], nil, 10, 0.5},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := meter(c.output, "stream-json", chunk, c.before)
			require.Equal(t, c.input, got.tokens().Input)
			var cost pool.NanoUSD
			for _, e := range got.entries {
				require.Equal(t, "claude-x", e.Model)
				cost += e.Cost
			}
			require.Equal(t, pool.USD(c.cost), cost)
		})
	}
}

func TestOlderCLIsTellUsageOfTheTurn(t *testing.T) {
	t.Parallel()
	const turn = `{"type":"result","session_id":"a","total_cost_usd":%g,"usage":{"input_tokens":5,"output_tokens":7}}` + "\n"
	output := `{"type":"system","subtype":"init","session_id":"a","model":"claude-old"}` + "\n" +
		fmt.Sprintf(turn, 0.5) + fmt.Sprintf(turn, 0.75)
	got := meter(output, "stream-json", chunk)
	require.Equal(t, pool.Tokens{Input: 10, Output: 14}, got.tokens())
	require.Len(t, got.entries, 2)
	require.Equal(t, pool.USD(0.25), got.entries[1].Cost)
	require.Equal(t, "claude-old", got.entries[1].Model)
}

// A line may be of any size: of the figures nothing is lost, whatever stands beside them.
func TestOversizedLinesAreReadInBoundedMemory(t *testing.T) {
	t.Parallel()
	answer := strings.Repeat(`words \"and\" more\n`, 1<<20) // 19 MB
	line := `{"result":"` + answer + `",` + result("a", 10, 0.5)[1:]
	for _, format := range []string{"json", "stream-json"} {
		for _, size := range []int{chunk, 4093} {
			got := meter(line+strings.Repeat(" ", 10)+"\n", format, size)
			require.Equal(t, int64(10), got.tokens().Input, "%s in parts of %d", format, size)
		}
	}
	noise := `{"type":"user","message":"` + answer + `"` + "\n" + result("a", 10, 0.5) // never closed
	require.Equal(t, int64(10), meter(noise, "stream-json", chunk).tokens().Input)
}

func TestWordsBesideTheAnswerDoNotHideIt(t *testing.T) {
	t.Parallel()
	fresh := capture(t, "fresh.json")
	for _, noise := range []string{"a \"word\n", "{\n", "{\"cut\": \"off\n", "[x]\n", "}\n]\n"} {
		require.Equal(t, int64(89), meter(noise+fresh, "stream-json", chunk).tokens().Input, noise)
	}
	require.Equal(t, int64(89), meter("a \"word\n"+fresh, "json", chunk).tokens().Input)
	require.Equal(t, int64(89), meter("{\"cut\": \"off\n"+fresh, "json", chunk).tokens().Input)
}

func TestQuotedResultsAreNotBooked(t *testing.T) {
	t.Parallel()
	inner := strings.TrimSuffix(result("a", 10, 0.5), "\n")
	for _, line := range []string{
		fmt.Sprintf(`{"type":"user","message":{"content":%q},"tool_use_result":%s}`, inner, inner),
		fmt.Sprintf(`{"message":{"content":[%s]},"type":"assistant"}`, inner),
		fmt.Sprintf(`{"type":"stream_event","event":%s}`, inner),
	} {
		require.Empty(t, meter(line+"\n", "stream-json", chunk).entries, line)
	}
}

// How the output is cut into parts makes no difference.
func TestPartsOfAnySizeTellTheSame(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir(filepath.Join("testdata", "captures"))
	require.NoError(t, err)
	for _, file := range files {
		output, format := capture(t, file.Name()), formatOf(file.Name())
		want := meter(output, format, len(output))
		for _, size := range []int{1, 7, 4096} {
			require.Equal(t, want, meter(output, format, size), "%s in parts of %d", file.Name(), size)
		}
	}
}

// The Meter and the readers understand the same: every result of the corpus tells its limit and figures.
func TestTheMeterReadsEveryVersionOfTheCorpus(t *testing.T) {
	t.Parallel()
	for _, line := range corpus(t) {
		want := line.Expect
		if line.Kind != "json-result" || line.ID == "js122" { // cut off
			continue
		}
		got := meter(line.Line, "json", 100)
		if want.Limit != "none" {
			require.Len(t, got.windows, 1, line.Line)
			require.Equal(t, want.Limit, string(got.windows[0].Kind), line.Line)
		} else {
			require.Empty(t, got.windows, line.Line)
		}
		var cost pool.NanoUSD
		for _, e := range got.entries {
			cost += e.Cost
		}
		if want.Cost != nil {
			require.InDelta(t, *want.Cost, cost.Dollars(), 1e-8, line.Line)
		}
	}
}
