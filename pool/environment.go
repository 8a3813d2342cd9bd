package pool

import (
	"net/url"
	"slices"
	"strings"
)

// EnvFrom gives the CLI the variable Var with the value that the caller has in Source.
type EnvFrom struct {
	Var    string `json:"var"`
	Source string `json:"source"`
}

// EnvCommand gives the CLI the variable Var with what the shell command prints when a run begins. The pool
// holds the command only.
type EnvCommand struct {
	Var     string `json:"var"`
	Command string `json:"command"`
}

// EnvValue gives the CLI the variable Var with a value that is no secret: the pool holds it.
type EnvValue struct {
	Var   string `json:"var"`
	Value string `json:"value"`
}

const (
	maxEnv       = 32   // of each kind
	maxVarLength = 128  // bytes
	maxCommand   = 4096 // bytes
	maxValue     = 4096 // bytes
)

// checkEnvironment refuses what a shell could not set, a variable that is set twice, and secrets.
func checkEnvironment(s Subscription) error {
	if err := checkEnvFrom(s.EnvFrom); err != nil {
		return err
	}
	if err := checkEnvCommand(s.EnvCommand); err != nil {
		return err
	}
	if err := checkEnv(s.Env); err != nil {
		return err
	}
	for i, name := range s.variables() {
		if slices.Contains(s.variables()[:i], name) {
			return &InvalidError{"variable", name, "be given once"}
		}
	}
	return nil
}

// variables are all that the subscription sets.
func (s Subscription) variables() (names []string) {
	for _, p := range s.EnvFrom {
		names = append(names, p.Var)
	}
	for _, p := range s.EnvCommand {
		names = append(names, p.Var)
	}
	for _, p := range s.Env {
		names = append(names, p.Var)
	}
	return names
}

func checkEnvFrom(pairs []EnvFrom) error {
	if len(pairs) > maxEnv {
		return &InvalidError{"env-from", pairs[maxEnv].Var, "be one of at most 32"}
	}
	for _, p := range pairs {
		if !isVariable(p.Var) || !isVariable(p.Source) {
			return &InvalidError{"env-from", p.Var + "=" + p.Source, "be VAR=SOURCE, both names of environment variables"}
		}
	}
	return nil
}

func checkEnvCommand(pairs []EnvCommand) error {
	if len(pairs) > maxEnv {
		return &InvalidError{"env-command", pairs[maxEnv].Var, "be one of at most 32"}
	}
	for _, p := range pairs {
		if !isVariable(p.Var) || strings.TrimSpace(p.Command) == "" || len(p.Command) > maxCommand || !isPlain(p.Command) {
			return &InvalidError{"env-command", p.Var, "be VAR=COMMAND, the command in one line of at most 4096 bytes"}
		}
	}
	return nil
}

func checkEnv(pairs []EnvValue) error {
	if len(pairs) > maxEnv {
		return &InvalidError{"env", pairs[maxEnv].Var, "be one of at most 32"}
	}
	for _, p := range pairs {
		switch { // a value is not shown: it may be what should not be here
		case !isVariable(p.Var) || len(p.Value) > maxValue || !isPlain(p.Value):
			return &InvalidError{"env", p.Var, "be VAR=VALUE, the value in one line of at most 4096 bytes"}
		case isSecretName(p.Var), isSecretValue(p.Value):
			return &InvalidError{"env", p.Var, "be no secret, which would lie in the pool for all to read; give it by --env-from or --env-command"}
		}
	}
	return nil
}

func isVariable(name string) bool { return len(name) <= maxVarLength && varPattern.MatchString(name) }

// secretWords end the parts of a name that stand for a secret. TOKENS is not among them:
// CLAUDE_CODE_MAX_OUTPUT_TOKENS is a number.
var secretWords = []string{
	"TOKEN", "KEY", "KEYS", "SECRET", "SECRETS", "PASSWORD", "PASSWORDS", "PASSWD", "CREDENTIAL", "CREDENTIALS",
	"AUTH", "AUTHORIZATION",
}

// isSecretName tells whether a variable's name says that it holds a secret.
func isSecretName(name string) bool {
	return slices.ContainsFunc(strings.Split(strings.ToUpper(name), "_"), func(part string) bool {
		return slices.ContainsFunc(secretWords, func(word string) bool { return strings.HasSuffix(part, word) })
	})
}

// isSecretValue tells whether a value is one by its looks: a key or token of the API, or a password in a URL.
func isSecretValue(value string) bool {
	if strings.Contains(value, "sk-ant-") {
		return true
	}
	u, err := url.Parse(value)
	if err != nil || u.User == nil {
		return false
	}
	_, has := u.User.Password()
	return has
}
