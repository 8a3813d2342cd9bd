package claudecli_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
)

func TestParseVersion(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		version string
		asks    bool
	}{
		"2.1.330 (Claude Code)\n":   {"2.1.330", true},
		"2.1.41 (Claude Code)":      {"2.1.41", true},
		"2.1.40 (Claude Code)\n":    {"2.1.40", false},
		"1.9.99 (Claude Code)\n":    {"1.9.99", false},
		"3.0.0-rc1 (Claude Code)\n": {"3.0.0-rc1", true},
	} {
		got, ok := claudecli.ParseVersion(text)
		require.True(t, ok, text)
		require.Equal(t, want.version, got.String())
		require.Equal(t, want.asks, got.KnowsAuthStatus(), text)
	}
	for _, text := range []string{"", "hello", "2.1 (Claude Code)", "2.1.330", "v2.1.330 (Claude Code)", "x\n2.1.330 (Claude Code)"} {
		_, ok := claudecli.ParseVersion(text)
		require.False(t, ok, text)
	}
}

func TestOverriding(t *testing.T) {
	t.Parallel()
	env := claudecli.Environment{"HOME=/h", "ANTHROPIC_API_KEY=k", "CLAUDE_CODE_USE_BEDROCK=", "CLAUDE_CODE_RETRY_WATCHDOG=1"}
	require.Equal(t, []string{"ANTHROPIC_API_KEY"}, claudecli.Overriding(env))
	require.Empty(t, claudecli.Overriding(env.Unset("ANTHROPIC_API_KEY")))
	require.Equal(t, []string{"CLAUDE_CODE_RETRY_WATCHDOG"}, claudecli.SitsLimitsOut(env))
	require.Empty(t, claudecli.SitsLimitsOut(env.Set("CLAUDE_CODE_RETRY_WATCHDOG", "0")))
	dir := t.TempDir()
	require.True(t, claudecli.IsBrokenSettings(writeFile(t, "{", 0o600, dir, "a")))
	require.False(t, claudecli.IsBrokenSettings(writeFile(t, "{}", 0o600, dir, "b")))
	require.False(t, claudecli.IsBrokenSettings(dir+"/none"))
}
