package claudecli_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

func TestAnEnvironmentKeepsItsOrderAndItsOddEntries(t *testing.T) {
	t.Parallel()
	env := claudecli.Environment{"A=1", "odd", "=odd", "B=2", "A=3", "C=", "AB=4"}
	value, found := env.Get("A")
	require.True(t, found)
	require.Equal(t, "3", value)
	value, found = env.Get("C")
	require.True(t, found)
	require.Empty(t, value)
	_, found = env.Get("odd")
	require.False(t, found)
	_, found = env.Get("")
	require.False(t, found)

	require.Equal(t, claudecli.Environment{"odd", "=odd", "B=2", "C=", "AB=4", "A=x=y"}, env.Set("A", "x=y"))
	require.Equal(t, claudecli.Environment{"odd", "=odd", "C=", "AB=4"}, env.Unset("A", "B", "", "odd"))
	require.Equal(t, claudecli.Environment{"A=1", "odd", "=odd", "B=2", "A=3", "C=", "AB=4"}, env, "left alone")
	_ = append(env.Unset("AB"), "X=1")
	require.Equal(t, "AB=4", env[len(env)-1])
}

func TestASubscriptionGetsItsDirectoryAndNothingThatOverridesIt(t *testing.T) {
	t.Parallel()
	env := claudecli.Environment{
		"PATH=/bin", "CLAUDE_CONFIG_DIR=/old", "ANTHROPIC_API_KEY=k", "ANTHROPIC_AUTH_TOKEN=t", "CLAUDE_CODE_OAUTH_TOKEN=o",
		"CLAUDE_CODE_USE_BEDROCK=1", "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR=3", "ANTHROPIC_BASE_URL=http://x",
		"ANTHROPIC_API_KEY=again", "CLAUDECODE=1", "CLAUDE_CODE_SESSION_ID=abc", "AWS_PROFILE=mine", "CI_TOKEN=secret",
	}
	left := claudecli.Environment{
		"PATH=/bin", "ANTHROPIC_BASE_URL=http://x", "CLAUDECODE=1", "CLAUDE_CODE_SESSION_ID=abc", "AWS_PROFILE=mine", "CI_TOKEN=secret",
	}
	require.Equal(t, left, claudecli.ForSubscription(env, pool.Subscription{}), "the default subscription")
	require.Equal(t, append(left[:len(left):len(left)], "CLAUDE_CONFIG_DIR=/new"),
		claudecli.ForSubscription(env, pool.Subscription{ConfigDir: "/new"}))

	api := pool.Subscription{ConfigDir: "/ci", EnvFrom: []pool.EnvFrom{
		{Var: "ANTHROPIC_API_KEY", Source: "CI_TOKEN"}, {Var: "CLAUDE_CODE_OAUTH_TOKEN", Source: "CLAUDE_CODE_OAUTH_TOKEN"},
	}}
	require.Equal(t, append(left[:len(left):len(left)], "CLAUDE_CONFIG_DIR=/ci", "ANTHROPIC_API_KEY=secret", "CLAUDE_CODE_OAUTH_TOKEN=o"),
		claudecli.ForSubscription(env, api))
	require.Empty(t, claudecli.MissingSource(env, api))
	own := pool.Subscription{Env: []pool.EnvValue{{Var: "ANTHROPIC_BASE_URL", Value: "http://own"}, {Var: "CLAUDE_CODE_USE_BEDROCK", Value: "1"}}}
	require.Equal(t, append(left.Unset("ANTHROPIC_BASE_URL"), "ANTHROPIC_BASE_URL=http://own", "CLAUDE_CODE_USE_BEDROCK=1"),
		claudecli.ForSubscription(env, own))
	require.Equal(t, "CI_TOKEN", claudecli.MissingSource(env.Unset("CI_TOKEN"), api))
	require.Equal(t, "CI_TOKEN", claudecli.MissingSource(env.Set("CI_TOKEN", ""), api), "as where a secret is not there in CI")
}

func TestTheConfigDirectoryIsThatOfTheEnvironment(t *testing.T) {
	t.Parallel()
	require.Equal(t, "/home/u/.claude", claudecli.ConfigDir(claudecli.Environment{"HOME=/home/u"}))
	require.Equal(t, "/home/u/.claude", claudecli.ConfigDir(claudecli.Environment{"HOME=/home/u", "CLAUDE_CONFIG_DIR="}))
	require.Equal(t, "/c", claudecli.ConfigDir(claudecli.Environment{"HOME=/home/u", "CLAUDE_CONFIG_DIR=/c"}))
}
