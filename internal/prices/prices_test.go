package prices

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// million is one million tokens of each kind, so that costs are the prices themselves.
var million = pool.Tokens{Input: 1e6, Output: 1e6, CacheCreation: 2e6, CacheCreation1h: 1e6, CacheRead: 1e6}

type said struct {
	Version  string        `json:"version"`
	Model    string        `json:"model"`
	Basis    string        `json:"basis"`
	PricedAs string        `json:"priced_as"`
	Cost     float64       `json:"cost_usd"`
	Messages []pool.Tokens `json:"messages"`
}

func readSaid(t *testing.T, path string) []said {
	t.Helper()
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	var all []said
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var s said
		require.NoError(t, json.Unmarshal(lines.Bytes(), &s))
		all = append(all, s)
	}
	return all
}

func TestEstimateIsWhatTheCLISays(t *testing.T) {
	t.Parallel()
	for path, cases := range map[string]int{"testdata/corpus.jsonl": 30, "testdata/loopback.jsonl": 42} {
		all := readSaid(t, path)
		require.Len(t, all, cases, path)
		for _, s := range all {
			model := s.Model
			if s.Basis == "unknown" && s.PricedAs == "" {
				_, known := Default().Estimate(model, s.Messages[0])
				assert.False(t, known, "the CLI does not know %s", model)
				continue
			}
			if s.PricedAs != "" {
				model = s.PricedAs
			}
			var sum pool.NanoUSD
			for _, tokens := range s.Messages {
				cost, known := Default().Estimate(model, tokens)
				require.True(t, known, model)
				sum += cost
			}
			// Each message is rounded once; the CLI's figure is not.
			assert.InDelta(t, s.Cost*1e9, float64(sum), 0.5*float64(len(s.Messages))+1e-3, "%s %s", s.Version, s.Model)
		}
	}
}

func TestEveryPriceOfTheTableIsVerified(t *testing.T) {
	t.Parallel()
	verified := map[string]bool{}
	for _, s := range readSaid(t, "testdata/loopback.jsonl") {
		name, _ := Default().resolve(s.Model)
		verified[name] = true
	}
	for name := range Default().models {
		switch name {
		case "<synthetic>":
		case "claude-3-opus", "claude-3-haiku": // the CLI has no price of them
		default:
			assert.True(t, verified[name], name)
		}
	}
}

func TestEstimateRoundsOnceAndNeverOverflows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		model  string
		tokens pool.Tokens
		want   pool.NanoUSD
	}{
		{"nothing", "claude-opus-5-5", pool.Tokens{}, 0},
		{"an answer of the CLI's own", "<synthetic>", million, 0},
		{"one token", "claude-opus-5-5", pool.Tokens{Input: 1}, 4000},
		{"every kind has its price", "claude-opus-5-5", million, 37_200_000_000},
		{"the hour is part of what was written", "claude-opus-5-5", pool.Tokens{CacheCreation: 3, CacheCreation1h: 1}, 18_000},
		{"more for an hour than in all", "claude-opus-5-5", pool.Tokens{CacheCreation: 1, CacheCreation1h: 9}, 8000},
		{"a price of 12.5 nanodollars a token", "claude-haiku-5-5", pool.Tokens{CacheCreation: 1}, 125},
		{"negative figures", "claude-opus-5-5", pool.Tokens{Input: -5, Output: 1}, 20_000},
		{
			"the largest entry", "claude-opus-4-1",
			pool.Tokens{Input: math.MaxInt64, Output: math.MaxInt64, CacheCreation: math.MaxInt64, CacheCreation1h: math.MaxInt64, CacheRead: math.MaxInt64},
			pool.MaxCost,
		},
	} {
		cost, known := Default().Estimate(c.model, c.tokens)
		assert.True(t, known, c.name)
		assert.Equal(t, c.want, cost, c.name)
	}
	fine, err := (&Table{}).with(`[models."m"]
input = 0.000001
output = 0.0004
cache_write_5m = 0
cache_write_1h = 10000
cache_read = 0.0001`)
	require.NoError(t, err)
	for tokens, want := range map[pool.Tokens]pool.NanoUSD{
		{Input: 499}:               0,
		{Input: 500}:               1,
		{Output: 1, CacheRead: 1}:  1, // 0.4 + 0.1
		{Output: 1, Input: 99}:     0, // 0.4 + 0.099
		{Input: 1e6, CacheRead: 4}: 1000,
		{Input: 1e12, Output: 1e12, CacheCreation: 1e12, CacheCreation1h: 1e12, CacheRead: 1e12}: pool.MaxCost,
	} {
		cost, _ := fine.Estimate("m", tokens)
		assert.Equal(t, want, cost, "%+v", tokens)
	}
	// The quotient of the largest figures at the largest prices needs more than 64 bits.
	dearest := rates{1e10, 1e10, 1e10, 1e10, 1e10}
	assert.Equal(t, pool.MaxCost, dearest.cost(pool.Tokens{Input: 1e12, Output: 1e12, CacheCreation: 1e12, CacheRead: 1e12}))
}

func TestLongPrompts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tokens pool.Tokens
		want   pool.NanoUSD
	}{
		{pool.Tokens{Input: 100_000}, 10_000_000},
		{pool.Tokens{Input: 100_001}, 50_000_500},
		{pool.Tokens{Input: 1, CacheCreation: 50_000, CacheRead: 50_000}, 32_500_500 + 1_250_000},
		{pool.Tokens{Input: 1, Output: 1_000_000}, 500_000_100}, // an answer may be as long as it likes
	} {
		cost, _ := Default().Estimate("claude-haiku-5-5", c.tokens)
		assert.Equal(t, c.want, cost, "%+v", c.tokens)
	}
}

func BenchmarkEstimate(b *testing.B) {
	for _, name := range []string{"claude-opus-5-5", "claude-haiku-4-5-20251001", "us.anthropic.claude-opus-4-1-20250805-v1:0"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Default().Estimate(name, million)
			}
		})
	}
}

func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		_, _ = (&Table{}).with(defaultText)
	}
}
