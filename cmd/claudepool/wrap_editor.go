package main

import "claudepool/internal/claudecli"

// argsFromEditor are the CLI's arguments without what an editor puts in front of them: the path of the CLI that
// it brings. Unless another one is named, that is the one to run: the two are made for each other.
func (a *app) argsFromEditor(args []string) []string {
	if len(args) == 0 || !claudecli.IsEditorsCLI(args[0]) {
		return args
	}
	if a.settings.Claude == "" {
		a.settings.Claude, a.settings.ClaudeFrom = args[0], claudecli.EditorSetting
	}
	return args[1:]
}
