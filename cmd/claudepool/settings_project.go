package main

import (
	"claudepool/internal/claudecli"
)

// runSettings are about single runs, and have no place in a file.
var runSettings = []declaration{
	{
		variable: configVar, form: textForm,
		words: "the project file: a file with settings and the subscriptions of a pool; in CI claudepool.toml is found by itself",
		set:   func(*settings, given) error { return nil }, // it was read before all others
		show: func(s settings) any {
			if s.project == nil {
				return ""
			}
			return s.project.path
		},
	}, {
		variable: "CLAUDEPOOL_REPORT", form: textForm,
		words: "where to write a record of the run, as JSON",
		set:   func(s *settings, g given) error { s.Report = g.text(); return nil },
		show:  func(s settings) any { return s.Report },
	}, {
		variable: "CLAUDEPOOL_SUMMARY", form: switchForm,
		words: "say in a line on standard error, when the run has ended, what it was",
		set:   func(s *settings, g given) error { s.Summary = g.on(); return nil },
		show:  func(s settings) any { return s.Summary },
	},
}

// readFiles reads the config files: that of the project, if any, and that of the user. Errors: *configError, and
// *settingError where CLAUDEPOOL_CONFIG is wrong.
func (s *settings) readFiles(env claudecli.Environment) error {
	user := readConfigFile(s.places.configFile())
	s.files = []configFile{user}
	path, err := findProject(env)
	if path == "" {
		return firstError(err, user.trouble())
	}
	project, file, err := readProject(path)
	project.place(file, s.places, isCI(env))
	s.project, s.files = project, []configFile{file, user}
	return firstError(err, user.trouble())
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
