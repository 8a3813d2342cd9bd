package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

type configValidate struct {
	File string `arg:"" optional:"" help:"Another file than those in force; one named claudepool.toml is a project file."`
	JSON bool   `help:"Print one JSON document."`
}

// Run ends with 78 where something is wrong, after it has told all of it.
func (c configValidate) Run(a *app) error {
	files, err := a.filesToValidate(c.File)
	if err != nil {
		return err
	}
	wrong := slices.ContainsFunc(files, func(f validated) bool { return len(f.problems) > 0 })
	if c.JSON {
		if err := a.printJSON(validationDocument(files, !wrong)); err != nil {
			return err
		}
	} else {
		for _, f := range files {
			a.tellValidated(f)
		}
	}
	if wrong {
		return exitCode(exitConfig)
	}
	return nil
}

// validated is a config file with all that is wrong with it.
type validated struct {
	path     string
	problems []*configError
}

// filesToValidate are the one of that name, which must be there; without a name those in force.
// Errors: *settingError where CLAUDEPOOL_CONFIG names no file.
func (a *app) filesToValidate(name string) ([]validated, error) {
	if name != "" {
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			return nil, withHint(&usageError{fmt.Errorf("%s: there is no such file", name)}, "name another, or none for the one that is in force: claudepool config validate")
		}
		return []validated{a.validate(name, filepath.Base(name) == projectFileName)}, nil
	}
	path, err := a.configFile()
	if err != nil {
		return nil, err
	}
	files := []validated{a.validate(path, false)}
	project, err := findProject(a.env)
	if project != "" {
		files = append(files, a.validate(project, true))
	}
	return files, err
}

// validate reads a file, and tries every setting that it has.
func (a *app) validate(path string, isProject bool) validated {
	file, wrong := readConfigFile(path), error(nil)
	if isProject {
		_, file, wrong = readProject(path)
	}
	problems := slices.Clone(file.problems)
	s := defaultSettings(a.settings.places)
	s.files = []configFile{file}
	for d := range declarations() {
		problems = appendProblem(problems, s.apply(d, nil))
	}
	problems = appendProblem(problems, wrong)
	sortProblems(problems)
	return validated{path, problems}
}

// appendProblem appends what is wrong with a config file, once.
func appendProblem(problems []*configError, err error) []*configError {
	var wrong *configError
	if !errors.As(err, &wrong) || slices.Contains(problems, wrong) {
		return problems
	}
	return append(problems, wrong)
}

// tellValidated tells each problem in a line, and how they are mended in the last.
func (a *app) tellValidated(f validated) {
	switch {
	case len(f.problems) > 0:
		a.tellProblems(f)
	case !isFile(f.path):
		a.printf("there is no %s: the defaults are in force; to make it: claudepool config edit\n", f.path)
	default:
		a.printf("%s is valid\n", f.path)
	}
}

func (a *app) tellProblems(f validated) {
	for _, p := range f.problems {
		if p.near != "" {
			a.warn("%v; did you mean %s?", p, p.near)
			continue
		}
		a.warn("%v", p)
	}
	first := *f.problems[0]
	first.near = "" // which has been told
	a.warn("%s", a.configHint(&first))
}

func validationDocument(files []validated, valid bool) object {
	list := []object{}
	for _, f := range files {
		problems := []object{}
		for _, p := range f.problems {
			problems = append(problems, object{{"line", orNull(p.line)}, {"problem", p.err.Error()}, {"did_you_mean", orNull(p.near)}})
		}
		list = append(list, object{{"file", f.path}, {"exists", isFile(f.path)}, {"problems", problems}})
	}
	return object{{"valid", valid}, {"files", list}}
}
