package claudecli

import "claudepool/pool"

// Environment is a list of NAME=value. Its methods return a new list and leave the old one alone.
type Environment []string

// Get returns the value of name. Where it is there twice the last one wins.
func (e Environment) Get(name string) (value string, found bool) { return "", false }

// Set returns the environment with name set to value, in the last place.
func (e Environment) Set(name, value string) Environment { return e }

// Unset returns the environment without the names.
func (e Environment) Unset(names ...string) Environment { return e }

// ForSubscription returns the environment for a run of the CLI on the subscription.
func ForSubscription(env Environment, s pool.Subscription) Environment { return env }

// MissingSource names the first source of s.EnvFrom that env lacks, "" where it has all.
func MissingSource(env Environment, s pool.Subscription) string { return "" }
