package main

import (
	"strings"

	"claudepool/internal/claudecli"
)

type configShow struct {
	JSON bool `help:"Print one JSON document."`
}

// Help says what comes before what.
func (configShow) Help() string {
	return `A flag of "claudepool run" goes before the environment, that before the config file, that before the default.`
}

// Run shows what is in force even where something is wrong, and then says what.
func (c configShow) Run(a *app) error {
	if c.JSON {
		if err := a.printJSON(a.configDocument()); err != nil {
			return err
		}
		return a.trouble
	}
	a.printTable(a.configTable())
	for _, typo := range mistypedVariables(a.env) {
		a.warn("%s is no setting; did you mean %s?", typo[0], typo[1])
	}
	return a.trouble
}

// The sources of a value.
const (
	fromEnvironment = "environment"
	fromFile        = "file"
	fromDefault     = "default"
)

// effective is a setting with the value in force and where that comes from.
type effective struct {
	declaration
	value any
	// source is one of the sources; file the path where it is fromFile.
	source, file string
}

// effectiveSettings are all settings. A value that is wrong is not in force.
func (a *app) effectiveSettings() []effective {
	var all []effective
	untouched := defaultSettings(a.settings.places)
	for d := range declarations() {
		e := effective{declaration: d, value: d.show(a.settings), source: fromDefault}
		g, err := d.given(a.env, a.settings.files)
		if err == nil && g != nil && d.set(&untouched, *g) == nil {
			e.source = fromEnvironment
			if g.file != nil {
				e.source, e.file = fromFile, g.file.path
			}
		}
		all = append(all, e)
	}
	return all
}

func (a *app) configTable() table {
	t := table{columns: []column{{title: "SETTING"}, {title: "VALUE", shrinks: true}, {title: "FROM", shrinks: true}, {title: "VARIABLE", spare: 1}}}
	for _, e := range a.effectiveSettings() {
		t.add(e.name(), orDash(formatValue(e.value)), e.from(a.settings.places), orDash(e.variable))
	}
	for _, file := range a.settings.files {
		for _, c := range file.channels {
			t.add(channelTable+"."+c.Name, channelWords(c, a.settings.places), a.settings.places.tilde(file.path), "-")
		}
	}
	return t
}

func (e effective) from(p places) string {
	switch e.source {
	case fromEnvironment:
		return e.variable
	case fromFile:
		return p.tilde(e.file)
	}
	return fromDefault
}

func (a *app) configDocument() object {
	var list []object // never empty
	for _, e := range a.effectiveSettings() {
		list = append(list, object{
			{"key", orNull(e.key)}, {"variable", orNull(e.variable)}, {"value", listNotNull(e.value)},
			{"default", listNotNull(e.defaultValue(a.settings.places))}, {"source", e.source}, {"file", orNull(e.file)},
		})
	}
	channels := []object{}
	for _, c := range a.settings.channels() {
		channels = append(channels, channelObject(c))
	}
	return object{{"settings", list}, {"channels", channels}}
}

// listNotNull makes a list that is nil an empty one.
func listNotNull(value any) any {
	if list, ok := value.([]string); ok && list == nil {
		return []string{}
	}
	return value
}

// mistypedVariables returns pairs of a variable that is none of ours but looks like it, and the one that was
// probably meant.
func mistypedVariables(env claudecli.Environment) [][2]string {
	var typos [][2]string
	for _, name := range namesIn(env) {
		if value, _ := env.Get(name); value == "" || !strings.HasPrefix(name, "CLAUDEPOOL") {
			continue
		}
		if near := nearestVariable(name); near != "" && near != name {
			typos = append(typos, [2]string{name, near})
		}
	}
	return typos
}

// nearestVariable returns the variable that is at most two letters away, "" for none.
func nearestVariable(name string) string {
	best, least := "", 3
	for d := range declarations() {
		if far := distance(name, d.variable); d.variable != "" && far < least {
			best, least = d.variable, far
		}
	}
	return best
}
