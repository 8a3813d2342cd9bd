package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

// checkVariables finds variables of the caller that would undo a choice.
func (d *doctor) checkVariables(context.Context) (found []finding) {
	if dir, _ := d.env.Get(configDirVar); dir != "" {
		found = append(found, warning("to let the pool choose: unset "+configDirVar,
			"%s is set to %s: runs from here stay on that directory", configDirVar, dir))
	}
	for _, name := range claudecli.Overriding(d.env) {
		if !d.isSource(name) {
			found = append(found, warning(fmt.Sprintf("unset it, or make it a subscription: claudepool add NAME --env-from %s=%s", name, name),
				"%s is set: it decides what runs past the pool are paid with, and the pool leaves it out", name))
		}
	}
	for _, name := range claudecli.SitsLimitsOut(d.env) {
		found = append(found, warning("to go on elsewhere instead: unset "+name, "%s is set: the CLI waits for the end of a limit itself", name))
	}
	return orWell(found, "no variable undoes a choice")
}

// isSource tells whether a subscription gets something from the variable.
func (d *doctor) isSource(name string) bool {
	for _, s := range d.subscriptions {
		for _, p := range s.EnvFrom {
			if p.Source == name {
				return true
			}
		}
	}
	return false
}

// checkCLISettings finds settings of the CLI that would undo a choice, each file once: several subscriptions
// may share it.
func (d *doctor) checkCLISettings(context.Context) (found []finding) {
	files := claudecli.SharedSettings(d.cwd)
	for _, s := range append([]pool.Subscription{{}}, d.subscriptions...) {
		files = append(files, filepath.Join(d.configDirOf(s.ConfigDir), "settings.json"))
	}
	for i, file := range files {
		seen := false
		for _, other := range files[:i] {
			seen = seen || other == file || isSameFile(other, file)
		}
		if seen {
			continue
		}
		hint := "to mend it: ${EDITOR:-vi} " + shellQuote(file)
		if names := claudecli.SettingsLogin(file); len(names) > 0 {
			found = append(found, warning(hint, "%s has %s: every run that reads it uses that instead of its subscription's login",
				file, strings.Join(names, " and ")))
		}
		if claudecli.IsBrokenSettings(file) {
			found = append(found, warning(hint, "%s is no JSON: the CLI passes over all of it", file))
		}
	}
	return orWell(found, "no settings of the CLI undo a choice")
}
