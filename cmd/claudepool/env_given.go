package main

import (
	"strings"

	"claudepool/pool"
)

// What add and set are given of a subscription's variables. pool checks the rest; an error names the variable
// only, since what follows may be a secret.

func parseEnvCommand(words []string) (pairs []pool.EnvCommand, err error) {
	for _, word := range words {
		name, command, _ := strings.Cut(word, "=")
		if err := refuseOurs("env-command", name); err != nil {
			return nil, err
		}
		pairs = append(pairs, pool.EnvCommand{Var: name, Command: command})
	}
	return pairs, nil
}

func parseEnv(words []string) (pairs []pool.EnvValue, err error) {
	for _, word := range words {
		name, value, ok := strings.Cut(word, "=")
		if !ok {
			return nil, &pool.InvalidError{Field: "env", Value: name, Want: "be VAR=VALUE"}
		}
		if err := refuseOurs("env", name); err != nil {
			return nil, err
		}
		pairs = append(pairs, pool.EnvValue{Var: name, Value: value})
	}
	return pairs, nil
}

// refuseOurs refuses a variable that would undo the choice of a subscription.
func refuseOurs(field, name string) error {
	if name == configDirVar || strings.HasPrefix(name, "CLAUDEPOOL_") {
		return &pool.InvalidError{Field: field, Value: name, Want: "not set what claudepool sets itself"}
	}
	return nil
}

// getsAPIKey tells whether what the CLI gets is a key or token of the API, and no login with a plan.
func getsAPIKey(s pool.Subscription) bool {
	for _, p := range s.EnvFrom {
		if isAPIKey(p) {
			return true
		}
	}
	for _, p := range s.EnvCommand {
		if isAPIKey(pool.EnvFrom{Var: p.Var}) {
			return true
		}
	}
	return false
}
