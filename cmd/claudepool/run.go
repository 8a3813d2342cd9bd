package main

import (
	"errors"
	"strings"
)

// runCommand is in the grammar for its help: a launch is read by splitRunArgs, which leaves the CLI's
// arguments alone and is quick.
type runCommand struct {
	Subscription []string `placeholder:"NAME" help:"Only this subscription; may be repeated."`
	Args         []string `arg:"" optional:"" passthrough:"" help:"Arguments of the CLI: all that follow our own flags, or --."`
}

// Run is reached with what splitRunArgs does not take.
func (c runCommand) Run(a *app) error {
	return withHint(&usageError{errors.New("--subscription needs a name")}, "as in: claudepool run --subscription NAME -- -p hi")
}

// splitRunArgs parts the arguments of `claudepool run` in those that are ours, which come first, and
// the CLI's: those from the first that is not ours, or behind --. ok is false where help is asked for
// or a flag of ours lacks its value.
func splitRunArgs(args []string) (names, rest []string, ok bool) {
	for i := 0; i < len(args); i++ {
		name, given := strings.CutPrefix(args[i], "--subscription=")
		switch {
		case args[i] == "--":
			return names, args[i+1:], true
		case args[i] == "--subscription" && i+1 < len(args):
			i++
			name = args[i]
		case args[i] == "--help" || args[i] == "-h" || args[i] == "--subscription":
			return nil, nil, false
		case !given:
			return names, args[i:], true
		}
		more := splitList(name)
		if more == nil {
			return nil, nil, false
		}
		names = append(names, more...)
	}
	return names, nil, true
}
