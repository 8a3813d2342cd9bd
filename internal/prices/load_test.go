package prices

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "prices.toml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// prices of a whole model.
const whole = "input = 1\noutput = 2\ncache_write_5m = 3\ncache_write_1h = 4\ncache_read = 5\n"

func TestLoadOverridesTheDefault(t *testing.T) {
	t.Parallel()
	table, err := Load(write(t, `
[models."claude-opus-5-5"]
output = 100
[models."us.anthropic.claude-opus-5-5"]
input = 4.4
[models."claude-opus-4-0"]
`+whole+`
[models."claude-haiku-4-5-20251001"]
input = 7
[models."claude-haiku-5-5".long_prompt]
input = 9
[models."GLM-4.6"]
`+whole+`
[models."GLM-4.6".long_prompt]
above_prompt_tokens = 10
`+whole+`
[models."claude-sonnet-4-6".long_prompt]
above_prompt_tokens = 200_000
`+whole))
	require.NoError(t, err)
	tiny := pool.Tokens{Input: 1}
	in := func(n int64) pool.Tokens { return pool.Tokens{Input: n} }
	for _, c := range []struct {
		what   string
		model  string
		tokens pool.Tokens
		want   pool.NanoUSD
	}{
		{"what is given counts", "claude-opus-5-5", pool.Tokens{Output: 1}, 100_000},
		{"and what is not stays", "claude-opus-5-5", tiny, 4000},
		{"in every spelling", "claude-opus-5.5[1m]", pool.Tokens{Output: 1}, 100_000},
		{"a provider's price is its own", "us.anthropic.claude-opus-5-5", tiny, 4400},
		{"and starts from the price in the binary", "us.anthropic.claude-opus-5-5", pool.Tokens{Output: 1}, 20_000},
		{"other providers have the model's", "eu.anthropic.claude-opus-5-5", pool.Tokens{Output: 1}, 100_000},
		{"an alias is the model", "claude-opus-4-20250514", tiny, 1000},
		{"a snapshot's price is its own", "claude-haiku-4-5-20251001", tiny, 7000},
		{"also where a provider names it", "us.anthropic.claude-haiku-4-5-20251001-v1:0", tiny, 7000},
		{"and not the model's", "claude-haiku-4-5", tiny, 1000},
		{"the long prompt alone", "claude-haiku-5-5", in(200_000), 1_800_000_000},
		{"leaves the short one", "claude-haiku-5-5", tiny, 100},
		{"a new model", "glm-4.6", tiny, 1000},
		{"as it stands in the file", "GLM-4.6", pool.Tokens{CacheCreation: 3, CacheCreation1h: 1}, 10_000},
		{"with a long prompt", "glm-4.6", in(11), 11_000},
		{"a known model with a new long prompt", "claude-sonnet-4-6", in(200_001), 200_001_000},
		{"has its own price below it", "claude-sonnet-4-6", in(200_000), 600_000_000},
		{"others stay as they are", "claude-fable-5", tiny, 10_000},
	} {
		cost, known := table.Estimate(c.model, c.tokens)
		assert.True(t, known, c.what)
		assert.Equal(t, c.want, cost, c.what)
	}
	cost, _ := Default().Estimate("claude-opus-5-5", pool.Tokens{Output: 1})
	assert.Equal(t, pool.NanoUSD(20_000), cost, "the default is left alone")
}

func TestLoadOfNothing(t *testing.T) {
	t.Parallel()
	table, err := Load(write(t, "# all as it is\n"))
	require.NoError(t, err)
	assert.Equal(t, Default().models, table.models)

	_, err = Load(filepath.Join(t.TempDir(), "absent.toml"))
	assert.ErrorIs(t, err, fs.ErrNotExist)
}

func TestLoadErrors(t *testing.T) {
	t.Parallel()
	const model = "[models.\"claude-opus-5-5\"]\n"
	const want = "give dollars per million tokens, from 0 to 10000 with up to six decimals"
	const keys = "the keys are input, output, cache_write_5m, cache_write_1h, cache_read and "
	for text, message := range map[string]string{
		"input = 3\n":              `unknown key "input"; write the prices of a model under [models."NAME"]`,
		model + "inptu = 3\n":      `models."claude-opus-5-5": unknown key "inptu"; ` + keys + `long_prompt`,
		model + "input = -1\n":     `models."claude-opus-5-5".input: -1 is no price; ` + want,
		model + "output = nan\n":   `models."claude-opus-5-5".output: NaN is no price; ` + want,
		model + "output = inf\n":   `models."claude-opus-5-5".output: +Inf is no price; ` + want,
		model + "input = 10001\n":  `models."claude-opus-5-5".input: 10001 is no price; ` + want,
		model + "input = 5e-7\n":   `models."claude-opus-5-5".input: 5e-07 is no price; ` + want,
		model + "input = \"3\"\n":  `models."claude-opus-5-5".input: 3 is no price; ` + want,
		model + "cache_read=[1]\n": `models."claude-opus-5-5".cache_read: [1] is no price; ` + want,
		"models = 3\n":             `models: 3 is no table; write the prices of a model under [models."NAME"]`,
		"[models]\nx = 3\n":        `models."x": 3 is no table; write the prices of a model under [models."NAME"]`,
		"[models.x]\ninput = 1\n":  `models."x".output is missing; give every price, as this is not in claudepool's own table`,
		"[models.\"claude-opus-4\"]\ninput = 1\n[models.\"claude-opus-4-0\"]\ninput = 2\n": `models."claude-opus-4" and models."claude-opus-4-0" are the same model; remove one`,
		model + "[models.\"claude-opus-5-5\".long_prompt]\ninput = 1\n": `models."claude-opus-5-5".long_prompt.above_prompt_tokens is missing; ` +
			`give every price, as this is not in claudepool's own table`,
		model + "[models.\"claude-opus-5-5\".long_prompt]\nabove_prompt_tokens = 5\n": `models."claude-opus-5-5".long_prompt.input is missing; ` +
			`give every price, as this is not in claudepool's own table`,
		model + "[models.\"claude-opus-5-5\".long_prompt]\nabove_prompt_tokens = 0.5\n": `models."claude-opus-5-5".long_prompt.above_prompt_tokens: ` +
			`0.5 is no number of tokens; give a whole number above 0`,
		"[models.\"claude-haiku-5-5\".long_prompt]\ninputs = 1\n": `models."claude-haiku-5-5".long_prompt: unknown key "inputs"; ` + keys + `above_prompt_tokens`,
		"[models.\"claude-haiku-5-5\".long_prompt]\ninput = -1\n": `models."claude-haiku-5-5".long_prompt.input: -1 is no price; ` + want,
	} {
		path := write(t, text)
		_, err := Load(path)
		assert.EqualError(t, err, "price table "+path+": "+message, text)
	}
	path := write(t, "[models.\"x\"\n")
	_, err := Load(path)
	require.Error(t, err)
	assert.True(t, strings.HasPrefix(err.Error(), "price table "+path+": toml: line "), err.Error())
}
