package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

type loginCommand struct {
	Name string   `arg:"" help:"Name of the subscription."`
	Args []string `arg:"" optional:"" passthrough:"" help:"What the CLI's own sign-in takes, as in: claudepool login NAME -- --sso"`
}

// Run has the real CLI sign in, in the subscription's directory.
func (c loginCommand) Run(a *app) error {
	args := c.Args
	if len(args) > 0 && args[0] == "--" {
		args = args[1:]
	}
	return a.withStore(func(ctx context.Context, store pool.Store) error {
		sub, err := findSubscription(ctx, store, c.Name)
		if err != nil {
			return err
		}
		if names := tokenVariables(sub); len(names) > 0 {
			return withHint(fmt.Errorf("%s has no login of its own: it gets %s", sub.Name, names[0]),
				"see where from: claudepool list --json")
		}
		if sub.ConfigDir != "" && !isDir(sub.ConfigDir) {
			return withHint(fmt.Errorf("the config directory of %s is missing: %s", sub.Name, sub.ConfigDir),
				"make it anew: mkdir -p -m 700 %s", shellQuote(linkEnd(sub.ConfigDir)))
		}
		return a.signIn(ctx, store, sub, args)
	})
}

// tokenVariables are what a subscription gets in the place of a login.
func tokenVariables(sub pool.Subscription) (names []string) {
	for _, p := range sub.EnvFrom {
		names = append(names, p.Var)
	}
	for _, p := range sub.EnvCommand {
		names = append(names, p.Var)
	}
	return claudecli.LoginVariables(names)
}

// isInteractive tells whether there is somebody to sign in.
func isInteractive() bool {
	return term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd()))
}

// signIn has the real CLI sign in, and says what that has come to.
func (a *app) signIn(ctx context.Context, store pool.Store, sub pool.Subscription, args []string) error {
	path, err := a.settings.lookup(a.env).Locate()
	if err != nil {
		return err
	}
	again := fmt.Sprintf("to try again: claudepool login %s", sub.Name)
	if err := a.runSignIn(path, sub, args); err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			return withHint(fmt.Errorf("the sign-in of %s did not succeed", sub.Name), "%s", again)
		}
		return err
	}
	status, known := a.authStatus(ctx, path, sub)
	switch {
	case !known:
		a.warn("the CLI does not say whether %s is signed in", sub.Name)
		return nil
	case !status.LoggedIn:
		return withHint(fmt.Errorf("%s is not signed in", sub.Name), "%s", again)
	}
	a.printf("signed in %s%s\n", sub.Name, asWhom(status))
	a.warnOfTwins(ctx, store, path, sub, status)
	return nil
}

func asWhom(status claudecli.AuthStatus) string {
	if status.Email == "" {
		return ""
	}
	return " as " + plain(status.Email)
}

// runSignIn runs the CLI as a child that shares our terminal: Ctrl-C is for it, and we see it end.
func (a *app) runSignIn(path string, sub pool.Subscription, args []string) error {
	cmd := exec.Command(path, append(append([]string{}, claudecli.LoginArgs...), args...)...)
	cmd.Args[0] = "claude"
	cmd.Env = a.signInEnvironment(sub)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	caught := make(chan os.Signal, 4)
	signal.Notify(caught, syscall.SIGINT, syscall.SIGQUIT)
	defer signal.Stop(caught)
	err := cmd.Run()
	if err != nil && isInteractive() {
		fmt.Fprintln(a.stderr) // Ctrl-C leaves the cursor behind the CLI's question
	}
	return err
}

// signInEnvironment is that of a run on the subscription, but for what its commands give.
func (a *app) signInEnvironment(sub pool.Subscription) claudecli.Environment {
	return claudecli.ForSubscription(a.env, sub).Unset(sessionVar).Set(subscriptionVar, sub.Name)
}
