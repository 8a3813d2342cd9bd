package claudecli

import "slices"

// A file in a repository may say little of the CLI's environment: with the address of the API, a proxy or a
// loader's variable it could send credentials elsewhere or run what it likes.

// loginVariables are those by which the CLI gets a token or key from outside (2.1.330).
var loginVariables = []string{"CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"}

// harmlessVariables choose models and limits, or switch off traffic (2.1.330).
var harmlessVariables = []string{
	"ANTHROPIC_MODEL", "ANTHROPIC_SMALL_FAST_MODEL", "ANTHROPIC_DEFAULT_OPUS_MODEL", "ANTHROPIC_DEFAULT_SONNET_MODEL",
	"ANTHROPIC_DEFAULT_HAIKU_MODEL", "CLAUDE_CODE_SUBAGENT_MODEL", "CLAUDE_CODE_MAX_OUTPUT_TOKENS", "MAX_THINKING_TOKENS",
	"API_TIMEOUT_MS", "BASH_DEFAULT_TIMEOUT_MS", "BASH_MAX_TIMEOUT_MS", "DISABLE_AUTOUPDATER", "DISABLE_ERROR_REPORTING",
	"DISABLE_TELEMETRY", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
}

// IsLoginVariable tells whether the CLI takes a token or key from the variable.
func IsLoginVariable(name string) bool { return slices.Contains(loginVariables, name) }

// IsHarmlessVariable tells whether a file that nobody has looked at may set the variable.
func IsHarmlessVariable(name string) bool { return slices.Contains(harmlessVariables, name) }
