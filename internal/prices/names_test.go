package prices

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"claudepool/pool"
)

func TestModelNames(t *testing.T) {
	t.Parallel()
	for model, names := range map[string][]string{
		"claude-opus-5-5": {
			"claude-opus-5-5[1m]", "claude-opus-5.5", "Claude-Opus-5-5", " claude-opus-5-5 ", "claude-opus-5-5-latest",
			"us.anthropic.claude-opus-5-5", "anthropic.claude-opus-5-5", "global.anthropic.claude-opus-5-5[1m]",
			"anthropic/claude-opus-5.5", "openrouter/anthropic/claude-opus-5.5", "vertex_ai/claude-opus-5-5",
			"us-gov.anthropic.claude-opus-5-5", "claude-opus-5-5-20270101",
		},
		"claude-opus-4": {
			"claude-opus-4-0", "claude-opus-4-20250514", "claude-opus-4@20250514", "claude-opus-4-20250514[1m]",
			"us.anthropic.claude-opus-4-20250514-v1:0", "anthropic/claude-opus-4",
			"arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-4-20250514-v1:0",
		},
		"claude-opus-4-1": {
			"claude-opus-4-1-20250805", "claude-opus-4-1@20250805", "us.anthropic.claude-opus-4-1-20250805-v1:0",
		},
		"claude-opus-4-6":   {"us.anthropic.claude-opus-4-6-v1"},
		"claude-3-5-sonnet": {"claude-3-5-sonnet-v2@20241022", "us.anthropic.claude-3-5-sonnet-20241022-v2:0", "anthropic/claude-3.5-sonnet"},
		"claude-3-5-haiku":  {"claude-3-5-haiku-latest", "claude-3-5-haiku-20241022"},
		"claude-3-haiku":    {"anthropic.claude-3-haiku-20240307-v1:0"},
		"claude-sonnet-4":   {"claude-sonnet-4-0", "claude-sonnet-4-20250514", "claude-sonnet-4@20250514[1m]"},
	} {
		want, known := Default().Estimate(model, million)
		assert.True(t, known, model)
		for _, name := range names {
			cost, known := Default().Estimate(name, million)
			assert.True(t, known, name)
			assert.Equal(t, want, cost, name)
		}
	}
}

func TestUnknownModelsAreNotGuessed(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"", " ", "claude", "claude-opus", "opus", "claude-opus-6", "claude-opus-4-9", "claude-opus-5-5-5", "claude-opus-45",
		"claude-opus-5-5-fast", "claude-opus-5-5-preview", "claude-opus-5-5-2027", "claude-opus-5-5:thinking",
		"claude-4-opus-20250514", "my-claude-opus-5-5", "gpt-5", "glm-4.6", "claude-3-sonnet-20240229",
		"claude-mythos-preview", "anthropic.claude-3-haiku-20240307-v1:0:200k", "us.anthropic.", "anthropic/", "claude-opus-5-5[3m]",
		"arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdef", "<Synthetic", "-0", "[1m]",
	} {
		cost, known := Default().Estimate(name, million)
		assert.False(t, known, name)
		assert.Zero(t, cost, name)
	}
}

func FuzzModelNames(f *testing.F) {
	f.Add("us.anthropic.claude-opus-4-1-20250805-v1:0[1m]")
	f.Fuzz(func(t *testing.T, name string) {
		cost, known := Default().Estimate(name, pool.Tokens{Input: 1})
		if !known && cost != 0 {
			t.Errorf("%q costs %d and is not known", name, cost)
		}
	})
}
