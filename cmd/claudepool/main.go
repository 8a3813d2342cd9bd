// Command claudepool stands in for `claude`, the Claude Code CLI: called by that name it runs the real
// CLI on one of the user's own subscriptions; called `claudepool` it manages the pool.
package main

import (
	"os"
	"path/filepath"

	"claudepool/wrapper"
)

func main() { os.Exit(run(os.Args)) }

// run dispatches on the name that we are called by, and returns the exit status.
func run(argv []string) int {
	if code, isHelper := wrapper.HelperMain(argv); isHelper {
		return code
	}
	a, err := newApp(os.Environ())
	wraps := len(argv) > 0 && filepath.Base(argv[0]) == "claude"
	args := argv[min(1, len(argv)):]
	goesOn := wraps && a.settings.Bypass || !wraps && needsNoSettings(args) // who bypasses us wants none of our troubles
	if err != nil && !goesOn {
		return a.fail(err)
	}
	if wraps {
		return wrapMain(a, argv[0], args)
	}
	return manageMain(a, args)
}
