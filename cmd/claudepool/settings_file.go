package main

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"claudepool/internal/notify"
	"claudepool/pool"
)

// configFile is a config file as it was read.
type configFile struct {
	path string
	// data is its text, "" where there is none.
	data string
	// values are those that are right, by key.
	values map[string]any
	// channels are those that are right.
	channels []notify.Settings
	// problems are what is wrong, in the order of the lines; the first mostProblems that were found.
	problems []*configError
	// lines finds those of the problems, nil until there is one.
	lines *lineFinder
}

// readConfigFile reads a file, which need not be there. What is wrong is among its problems. Top-level keys that
// are read elsewhere can be named as others.
func readConfigFile(path string, others ...string) configFile {
	file := configFile{path: path}
	data, err := readBounded(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return file
	case err != nil:
		file.problems = []*configError{{path: path, err: pathless(err)}}
		return file
	}
	file.data = data
	file.read(others)
	return file
}

// pathless is an error of the file system without the path, which is told already.
func pathless(err error) error {
	var of *fs.PathError
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// read reads the text into values and problems.
func (f *configFile) read(others []string) {
	if line := tooDeep(f.data); line > 0 {
		f.problems = []*configError{{path: f.path, line: line, err: errTooDeep}}
		return
	}
	var tree map[string]any
	if _, err := toml.Decode(f.data, &tree); err != nil {
		f.problems = []*configError{syntaxProblem(f.path, err)}
		return
	}
	for _, other := range others {
		delete(tree, other)
	}
	if channels, ok := takeOut(tree, channelTable); ok {
		f.takeChannels(channels)
	}
	f.values = make(map[string]any, len(tree))
	for d := range declarations() {
		if value, ok := takeOut(tree, d.key); ok {
			f.take(d, value)
		}
	}
	unread := leaves(tree, "")
	slices.Sort(unread)
	for _, key := range unread[:min(len(unread), max(mostProblems-len(f.problems), 0))] {
		unknown := f.problem(key, fmt.Errorf("%s %w", pool.QuoteShort(key), errNoSetting))
		if near := nearestKey(key); near != key { // it is the same where a key is quoted that must not be
			unknown.near = near
		}
		f.problems = append(f.problems, unknown)
	}
	sortProblems(f.problems)
}

// errTooDeep is what is wrong with a line that no person has written.
var errTooDeep = fmt.Errorf("there are more than %d dots and braces in one line", mostDots)

// sortProblems puts what is wrong in the order of the lines; two of one line, or of none, by their words.
func sortProblems(problems []*configError) {
	slices.SortFunc(problems, func(a, b *configError) int {
		return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.Error(), b.Error()))
	})
}

func (f *configFile) take(d declaration, value any) {
	read, ok := d.form.read(value)
	if !ok {
		f.problems = append(f.problems, f.problem(d.key, fmt.Errorf("%s must be %s", d.key, d.form.wantInFile())))
		return
	}
	f.values[d.key] = read
}

// trouble is the first problem, nil for none.
func (f configFile) trouble() error {
	if len(f.problems) == 0 {
		return nil
	}
	return f.problems[0]
}

// problem is what is wrong with a key.
func (f *configFile) problem(key string, err error) *configError {
	return &configError{path: f.path, line: f.finder().lineOf(key), err: err}
}

func (f *configFile) finder() *lineFinder {
	if f.lines == nil {
		f.lines = newLineFinder(f.data)
	}
	return f.lines
}

func syntaxProblem(path string, err error) *configError {
	var parse toml.ParseError
	if errors.As(err, &parse) {
		return &configError{path: path, line: parse.Position.Line, err: errors.New(parse.Message)}
	}
	return &configError{path: path, err: err}
}

// takeOut takes a key's value out of a tree of tables, and with it the tables that are empty then. A table that is
// not one is left, and found to be no setting.
func takeOut(tree map[string]any, key string) (any, bool) {
	head, rest, nested := strings.Cut(key, ".")
	value, ok := tree[head]
	if !nested {
		delete(tree, head)
		return value, ok
	}
	table, isTable := value.(map[string]any)
	if !isTable {
		return nil, false
	}
	value, ok = takeOut(table, rest)
	if len(table) == 0 {
		delete(tree, head)
	}
	return value, ok
}

// leaves returns the keys that hold something else than a table, or an empty one.
func leaves(tree map[string]any, prefix string) []string {
	var keys []string
	for name, value := range tree {
		if table, ok := value.(map[string]any); ok && len(table) > 0 {
			keys = append(keys, leaves(table, prefix+name+".")...)
			continue
		}
		keys = append(keys, prefix+name)
	}
	return keys
}

// nearestKey returns the setting that a person may have meant, "" where none comes close.
func nearestKey(key string) string {
	best, least := "", max(2, len(key)/3)+1
	for d := range declarations() {
		for _, known := range []string{d.key, d.key[strings.LastIndexByte(d.key, '.')+1:]} {
			if far := distance(key, known); d.key != "" && far < least {
				best, least = d.key, far
			}
		}
	}
	if distance(key, channelTable) < least {
		return channelTable
	}
	return best
}
