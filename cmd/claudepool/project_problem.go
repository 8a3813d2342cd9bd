package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/BurntSushi/toml"
)

// problem is what is wrong with a key of the i-th subscription. Where the key is not there the name tells the place.
func (p *project) problem(text string, i int, key string, err error) *configError {
	meta, tables := subscriptionTables(text)
	wrong := &configError{path: p.path, err: err}
	if i < len(tables) {
		value, isSet := tables[i][key]
		if !isSet {
			value = tables[i]["name"]
		}
		wrong.line = lineOfValue(meta, value)
	}
	return wrong
}

// unknownKey is the first key of a subscription that is none of its settings. Errors: always *configError.
func (p *project) unknownKey(text string) error {
	_, tables := subscriptionTables(text)
	var wrong []*configError
	for i, table := range tables {
		for _, key := range slices.Sorted(maps.Keys(table)) {
			if projectWords[key] == "" {
				unknown := p.problem(text, i, key, unknownOfProject(key))
				unknown.near = nearestOfProject(key)
				wrong = append(wrong, unknown)
			}
		}
	}
	if len(wrong) == 0 { // a table within one of them
		return &configError{path: p.path, err: errors.New("a subscription has a table that is no setting of one")}
	}
	sortProblems(wrong)
	return wrong[0]
}

func unknownOfProject(key string) error {
	if key == "env_command" {
		return errors.New("env_command can't be set in a project file: it would run commands of the repository")
	}
	return fmt.Errorf("%q is no setting of a subscription", key)
}

// nearestOfProject is the setting of a subscription that a person may have meant, "" where none comes close.
func nearestOfProject(key string) string {
	if key == "env_command" {
		return "" // it is meant, and not allowed
	}
	best, least := "", max(2, len(key)/3)+1
	for _, known := range slices.Sorted(maps.Keys(projectWords)) {
		if far := distance(key, known); far < least {
			best, least = known, far
		}
	}
	return best
}

// subscriptionTables are the subscriptions as they stand in the text, by key; none where that can't be read.
func subscriptionTables(text string) (toml.MetaData, []map[string]toml.Primitive) {
	var form struct {
		Subscription []map[string]toml.Primitive `toml:"subscription"`
	}
	meta, err := toml.Decode(text, &form)
	if err != nil {
		return meta, nil
	}
	return meta, form.Subscription
}
