package main

import (
	"errors"
	"strings"
	"time"
)

// runCommand is in the grammar for its help: a launch is read by splitRunArgs, which leaves the CLI's
// arguments alone and is quick.
type runCommand struct {
	Subscription []string `placeholder:"NAME" help:"Only this subscription; may be repeated."`
	Wait         string   `placeholder:"TIME" help:"How long to wait for room in the pool, as in 10m; 0 for not at all."`
	Args         []string `arg:"" optional:"" passthrough:"" help:"Arguments of the CLI: all that follow our own flags, or --."`
}

// Run is reached with what splitRunArgs does not take.
func (c runCommand) Run(a *app) error {
	if _, err := parseWait(setting{"--wait", c.Wait}); err != nil {
		return withHint(&usageError{err}, "as in: claudepool run --wait 10m -- -p hi")
	}
	return withHint(&usageError{errors.New("--subscription needs a name")}, "as in: claudepool run --subscription NAME -- -p hi")
}

// runArgs are the arguments of `claudepool run`.
type runArgs struct {
	names []string
	// wait is nil where it is not given.
	wait *time.Duration
	// rest are the CLI's.
	rest []string
}

// splitRunArgs parts the arguments of `claudepool run` in those that are ours, which come first, and
// the CLI's: those from the first that is not ours, or behind --. ok is false where help is asked for
// or a flag of ours lacks its value.
func splitRunArgs(args []string) (run runArgs, ok bool) {
	for i := 0; i < len(args); i++ {
		flag, value, given := strings.Cut(args[i], "=")
		switch {
		case args[i] == "--":
			run.rest = args[i+1:]
			return run, true
		case args[i] == "--help" || args[i] == "-h":
			return runArgs{}, false
		case flag != "--subscription" && flag != "--wait":
			run.rest = args[i:]
			return run, true
		case !given && i+1 < len(args):
			i++
			value = args[i]
		}
		if !run.take(flag, value) {
			return runArgs{}, false
		}
	}
	return run, true
}

// take takes a flag of ours, unless its value is wrong.
func (r *runArgs) take(flag, value string) bool {
	if flag == "--wait" {
		wait, err := parseWait(setting{flag, value})
		r.wait = &wait
		return err == nil && value != ""
	}
	more := splitList(value)
	r.names = append(r.names, more...)
	return more != nil
}
