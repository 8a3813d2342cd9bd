package pool_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

// checkEnv is what a pool says of a subscription that has this variable with this value.
func checkEnv(name, value string) error {
	return pool.Subscription{Name: "a", Env: []pool.EnvValue{{Var: name, Value: value}}}.Check()
}

func TestValuesThatAreNoSecretsAreTaken(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"ANTHROPIC_MODEL": "opus", "CLAUDE_CODE_MAX_OUTPUT_TOKENS": "32000", "HTTPS_PROXY": "http://proxy.example:3128",
		"E": "", "AUTHOR": "me", "KEYMAP": "de", "PROMPT": `a "b" 'c' $d é`, "URL": "https://me@example.com/x",
	} {
		require.NoError(t, checkEnv(name, value), name)
	}
}

func TestSecretsAreRefusedAndNotShown(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"CLAUDE_CODE_OAUTH_TOKEN": "hidden", "ANTHROPIC_API_KEY": "hidden", "MY_SECRET": "hidden", "db_password": "hidden",
		"CREDENTIAL_FILE": "hidden", "CREDENTIALS": "hidden", "BASIC_AUTH": "hidden", "OAUTH": "hidden", "APIKEY": "hidden",
		"PLAIN": "sk-ant-oat01-hidden", "HTTPS_PROXY": "http://me:hidden@proxy.example", "NO NAME": "hidden", "LINES": "hidden\nb",
		"LONG": "hidden" + strings.Repeat("x", 5000),
	} {
		err := checkEnv(name, value)
		var invalid *pool.InvalidError
		require.ErrorAs(t, err, &invalid, name)
		require.Equal(t, "env", invalid.Field)
		require.NotContains(t, err.Error(), "hidden")
	}
}

func TestCommandsAreOneLine(t *testing.T) {
	t.Parallel()
	for command, taken := range map[string]bool{
		"op read 'op://a/b'": true, "": false, " \t": false, "a\nb": false, strings.Repeat("x", 4097): false,
	} {
		err := pool.Subscription{Name: "a", EnvCommand: []pool.EnvCommand{{Var: "TOKEN", Command: command}}}.Check()
		require.Equal(t, taken, err == nil, "%q: %v", command, err)
	}
	require.Error(t, pool.Subscription{Name: "a", EnvCommand: []pool.EnvCommand{{Var: "NO NAME", Command: "x"}}}.Check())
}

func TestAVariableIsGivenOnce(t *testing.T) {
	t.Parallel()
	from := []pool.EnvFrom{{Var: "A", Source: "B"}}
	command := []pool.EnvCommand{{Var: "A", Command: "x"}}
	value := []pool.EnvValue{{Var: "A", Value: "x"}}
	for _, s := range []pool.Subscription{
		{EnvFrom: from, EnvCommand: command}, {EnvFrom: from, Env: value}, {EnvCommand: command, Env: value},
		{EnvFrom: append(from, from...)},
	} {
		s.Name = "a"
		require.EqualError(t, s.Check(), `variable "A" is not allowed: it must be given once`)
	}
}
