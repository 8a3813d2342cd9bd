package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// installStatusLine sets the status line in the settings of every config directory, each file once.
func (a *app) installStatusLine() error {
	program, err := a.statusLineProgram()
	if err != nil {
		return err
	}
	var dirs []string
	err = a.withStore(func(ctx context.Context, store pool.Store) error {
		dirs, err = a.configDirs(ctx, store)
		return err
	})
	if err != nil {
		return err
	}
	var done []string
	failed := false
	for _, dir := range dirs {
		path, err := claudecli.SettingsFile(dir)
		if err == nil && slices.Contains(done, path) {
			continue // shared, by a link
		}
		done = append(done, path)
		if err == nil {
			err = a.setStatusLine(path, program)
		}
		if err != nil {
			a.fail(settingsError(filepath.Join(dir, "settings.json"), err)) // and the others are set all the same
			failed = true
		}
	}
	if failed {
		return exitCode(exitFailure)
	}
	return nil
}

// configDirs are the base directory and those of the subscriptions, as far as they are there.
func (a *app) configDirs(ctx context.Context, store pool.Store) (dirs []string, err error) {
	subscriptions, err := store.Subscriptions(ctx)
	if err != nil {
		return nil, err
	}
	all := []string{a.settings.places.defaultConfigDir()}
	for _, s := range subscriptions {
		if s.ConfigDir != "" {
			all = append(all, s.ConfigDir)
		}
	}
	for _, dir := range all {
		switch {
		case isDir(dir):
			dirs = append(dirs, dir)
		case dir != all[0]:
			a.warn("passed over %s, which is missing", dir)
		}
	}
	return dirs, nil
}

func (a *app) setStatusLine(path, program string) error {
	var old string
	changed, err := claudecli.EditFile(path, func(settings []byte) ([]byte, error) {
		return claudecli.SetStatusLine(settings, func(command string) string {
			old = command
			return statusLineCommand(program, command)
		})
	})
	switch {
	case err != nil:
		return err
	case !changed:
		a.printf("the status line is set already, nothing was changed: %s\n", path)
	case old == "" || ownStatusLine().MatchString(old):
		a.printf("set the status line in %s\n", path)
	default:
		a.printf("set the status line in %s; the one that was there comes below it: %s\n", path, old)
	}
	return nil
}

// settingsError names the settings that could not be changed, and says what to type.
func settingsError(path string, err error) error {
	var atPath *fs.PathError
	if errors.As(err, &atPath) {
		err = atPath.Err
	}
	err = fmt.Errorf("set the status line in %s: %w", path, err)
	switch {
	case errors.Is(err, claudecli.ErrLeadsNowhere):
		return withHint(err, "remove it: rm %s; then again: claudepool statusline --install", shellQuote(path))
	case errors.Is(err, claudecli.ErrNoSettings), errors.Is(err, claudecli.ErrNoStatusLine):
		return withHint(err, "mend it: ${EDITOR:-vi} %s; then again: claudepool statusline --install", shellQuote(path))
	}
	return withHint(err, "see who may write there: ls -ld %s %s", shellQuote(filepath.Dir(path)), shellQuote(path))
}

// statusLineProgram is what the CLI's shell finds us by: our name where PATH leads to us, for settings may be
// shared between machines, else our path.
func (a *app) statusLineProgram() (string, error) {
	if found, err := exec.LookPath("claudepool"); err == nil && filepath.IsAbs(found) && isOurselves(found) {
		return "claudepool", nil
	}
	path, err := ownPath()
	return shellQuote(path), err
}

// ownStatusLine finds a status line of ours, by whatever path; ourProgram is its program, where it begins with that.
var (
	ownStatusLine = lazily(`claudepool'?\s+statusline(\s|$)`)
	ourProgram    = lazily(`^('([^']|'\\'')*claudepool'|[^\s']*claudepool)\s+statusline(\s|$)`)
)

// statusLineCommand is what a status line's command becomes.
func statusLineCommand(program, old string) string {
	ours := program + " statusline"
	if at := ourProgram().FindStringSubmatchIndex(old); at != nil {
		return program + old[at[3]:] // it may have moved
	}
	switch {
	case old == "":
		return ours
	case ownStatusLine().MatchString(old):
		return old // a script of the user's own around it
	}
	return ours + " --then " + alwaysQuote(old)
}
