package main

import (
	"slices"
	"strings"

	"claudepool/internal/claudecli"
)

type envCommand struct {
	Name string `arg:"" help:"Name of the subscription."`
}

// Help says how to use it.
func (envCommand) Help() string { return `Use it as: eval "$(claudepool env NAME)"` }

// Run prints what differs from the environment that it is called in. A value that comes from another
// variable or a command is printed as a reference to that: the output may end up in a file or on a screen.
func (c envCommand) Run(a *app) error {
	env, sub, err := a.environmentOf(c.Name)
	if err != nil {
		return err
	}
	var set, unset []string
	references := map[string]bool{}
	for _, p := range sub.EnvFrom {
		references[p.Var] = true
		set = append(set, p.Var+`="$`+p.Source+`"`)
	}
	for _, p := range sub.EnvCommand { // run by the shell that evaluates it
		references[p.Var] = true
		set = append(set, p.Var+`="$(sh -c `+shellQuote(p.Command)+`)"`)
	}
	if len(set) > 0 { // in one line: all are read before the first is set
		set = []string{"export " + strings.Join(set, " ")}
	}
	for _, name := range namesIn(env) {
		value, _ := env.Get(name)
		before, was := a.env.Get(name)
		if !references[name] && (!was || value != before || name == configDirVar || name == subscriptionVar) {
			set = append(set, "export "+name+"="+shellQuote(value))
		}
	}
	for _, name := range namesIn(append(claudecli.Environment{configDirVar + "="}, a.env...)) {
		if _, still := env.Get(name); !still {
			unset = append(unset, "unset "+name)
		}
	}
	// References first: what they refer to may be about to be unset.
	a.printf("%s\n", strings.Join(slices.Concat(set, unset), "\n"))
	return nil
}

// namesIn returns the names in an environment that a shell can set, sorted, each once.
func namesIn(env claudecli.Environment) []string {
	var names []string
	for _, entry := range env {
		if name, _, ok := strings.Cut(entry, "="); ok && isVariableName(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func isVariableName(name string) bool {
	for i, r := range name {
		letter := r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}

// shellQuote quotes a word for every shell of the Bourne family, where it needs that.
func shellQuote(word string) string {
	const harmless = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@%+,="
	if word != "" && strings.Trim(word, harmless) == "" {
		return word
	}
	return alwaysQuote(word)
}

func alwaysQuote(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
