package claudecli

import (
	"path/filepath"
	"slices"
	"strings"

	"claudepool/pool"
)

// configDirVar names the config directory. Setting it to ~/.claude is another identity than leaving it
// unset: .claude.json then lies inside the directory instead of beside it (2.1.330).
const configDirVar = "CLAUDE_CONFIG_DIR"

// Environment is a list of NAME=value. Its methods return a new list and leave the old one alone.
type Environment []string

// Get returns the value of name. Where it is there twice the last one wins.
func (e Environment) Get(name string) (value string, found bool) {
	for _, entry := range slices.Backward(e) {
		if n, v, ok := strings.Cut(entry, "="); ok && n != "" && n == name {
			return v, true
		}
	}
	return "", false
}

// Set returns the environment with name set to value, in the last place.
func (e Environment) Set(name, value string) Environment {
	return append(e.Unset(name), name+"="+value)
}

// With returns the environment with these entries, each a NAME=value, in the last places.
func (e Environment) With(entries []string) Environment {
	for _, entry := range entries {
		name, value, _ := strings.Cut(entry, "=")
		e = e.Set(name, value)
	}
	return e
}

// Unset returns the environment without the names. Entries that are no NAME=value stay.
func (e Environment) Unset(names ...string) Environment {
	left := make(Environment, 0, len(e)+1)
	for _, entry := range e {
		if name, _, ok := strings.Cut(entry, "="); !ok || name == "" || !slices.Contains(names, name) {
			left = append(left, entry)
		}
	}
	return left
}

// overrides are the variables that would make the CLI use another login than that of its config
// directory. All are read by 2.1.330. The order of precedence there: a cloud provider, a token, an API
// key, CLAUDE_CODE_OAUTH_TOKEN, a profile, and only then the stored login.
//
// Not among them: ANTHROPIC_BASE_URL and the variables that only shape requests, and the provider's own
// credentials (AWS_…), which do nothing without the switch and which the tools that the CLI runs need.
var overrides = []string{
	// Switches to another provider.
	"CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_USE_FOUNDRY",
	"CLAUDE_CODE_USE_ANTHROPIC_AWS", "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD", "CLAUDE_CODE_USE_MANTLE",
	"CLAUDE_CODE_USE_GATEWAY",
	// Keys and tokens, and where to find them.
	"ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN", "CLAUDE_CODE_OAUTH_REFRESH_TOKEN",
	"CLAUDE_CODE_OAUTH_SCOPES", "CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR", "CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR",
	"CLAUDE_CODE_GATEWAY_TOKEN", "CLAUDE_CODE_GATEWAY_TOKEN_FILE_DESCRIPTOR", "CLAUDE_CODE_SESSIONS_OAUTH_TOKEN",
	"CLAUDE_CODE_SESSION_ACCESS_TOKEN", "CLAUDE_CODE_HOST_CREDS_FILE", "CLAUDE_CODE_HOST_AUTH_ENV_VAR",
	"CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST",
	// Profiles and federation.
	"ANTHROPIC_PROFILE", "ANTHROPIC_FEDERATION_RULE_ID", "ANTHROPIC_IDENTITY_TOKEN", "ANTHROPIC_IDENTITY_TOKEN_FILE",
}

// ForSubscription returns the environment for a run of the CLI on the subscription: its config
// directory, its variables but those of commands, and none that would override the choice.
func ForSubscription(env Environment, s pool.Subscription) Environment {
	chosen := env.Unset(append(slices.Clone(overrides), configDirVar)...)
	if s.ConfigDir != "" {
		chosen = chosen.Set(configDirVar, s.ConfigDir)
	}
	for _, from := range s.EnvFrom {
		if value, found := env.Get(from.Source); found {
			chosen = chosen.Set(from.Var, value)
		}
	}
	for _, own := range s.Env {
		chosen = chosen.Set(own.Var, own.Value)
	}
	return chosen
}

// MissingSource names the first source of s.EnvFrom that env lacks, "" where it has all. An empty one is none: CI
// services make one of a secret that is not there.
func MissingSource(env Environment, s pool.Subscription) string {
	for _, from := range s.EnvFrom {
		if value, _ := env.Get(from.Source); value == "" {
			return from.Source
		}
	}
	return ""
}

// ConfigDir is the config directory of a CLI that runs with env.
func ConfigDir(env Environment) string {
	if dir, _ := env.Get(configDirVar); dir != "" {
		return dir
	}
	home, _ := env.Get("HOME")
	return filepath.Join(home, ".claude")
}
