package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"claudepool/internal/claudecli"
	"claudepool/pool"
	"claudepool/wrapper"
)

type execCommand struct {
	Name    string   `arg:"" help:"Name of the subscription."`
	Command []string `arg:"" optional:"" passthrough:"" help:"The command and its arguments, best behind --."`
}

func (c execCommand) Run(a *app) error {
	command := c.Command
	if len(command) > 0 && command[0] == "--" {
		command = command[1:]
	}
	if len(command) == 0 || command[0] == "" {
		return withHint(&usageError{errors.New("there is no command to run")}, "as in: claudepool exec %s -- claude mcp list", c.Name)
	}
	env, sub, err := a.environmentOf(c.Name)
	if err != nil {
		return err
	}
	given, err := secrets(context.Background(), a.env, a.stderr, sub)
	if err != nil {
		return withHint(fmt.Errorf("%s is not usable here: %w", sub.Name, err), "see what it runs: claudepool list --json")
	}
	env = env.With(given)
	path, err := findCommand(env, command[0])
	if errors.Is(err, fs.ErrNotExist) {
		return withHint(err, "name a command that is there, as in: claudepool exec %s -- claude mcp list", c.Name)
	}
	if err != nil {
		return err
	}
	// Not wrapper.Exec: its guard would take a claudepool that the command starts for a recursion.
	return withHint(&wrapper.StartError{Path: path, Err: syscall.Exec(path, command, env)},
		"see what it is: file %s", path)
}

// findCommand looks a command up as a shell does, on the PATH that it will have itself.
// Errors: *wrapper.StartError.
func findCommand(env claudecli.Environment, name string) (string, error) {
	search, _ := env.Get("PATH")
	dirs := filepath.SplitList(search)
	if strings.Contains(name, "/") {
		dirs = []string{""}
	}
	missing := &wrapper.StartError{Path: name, Err: fs.ErrNotExist}
	for _, dir := range dirs {
		path := filepath.Join(dir, name)
		if !filepath.IsAbs(path) {
			path = "./" + path // exec.LookPath would search for a bare name
		}
		found, err := exec.LookPath(path)
		switch {
		case err == nil:
			return found, nil
		case errors.Is(err, fs.ErrPermission):
			missing = &wrapper.StartError{Path: path, Err: fs.ErrPermission}
		}
	}
	return "", missing
}

// environmentOf is what plain `claude` needs to be on the subscription, made from our own environment, but for
// what its commands give.
func (a *app) environmentOf(name string) (env claudecli.Environment, sub pool.Subscription, err error) {
	err = a.withStore(func(ctx context.Context, store pool.Store) error {
		sub, err = findSubscription(ctx, store, name)
		return err
	})
	if err != nil {
		return nil, sub, err
	}
	name = sub.Name
	if source := claudecli.MissingSource(a.env, sub); source != "" {
		return nil, sub, withHint(fmt.Errorf("%s needs the variable %s, which is not set", name, source),
			"set it: export %s=…", source)
	}
	if sub.ConfigDir != "" && !isDir(sub.ConfigDir) {
		return nil, sub, withHint(fmt.Errorf("the config directory of %s is missing: %s", name, sub.ConfigDir),
			"make it anew: mkdir -p -m 700 %s", shellQuote(linkEnd(sub.ConfigDir)))
	}
	// Without the session variable: it would tie the choice to a run that may have ended.
	env = claudecli.ForSubscription(a.env, sub).Unset(sessionVar).Set(subscriptionVar, sub.Name)
	return env, sub, nil
}
