package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"claudepool/pool"
)

type setCommand struct {
	Name     string   `arg:"" help:"Name of the subscription."`
	Settings []string `arg:"" name:"key=value" help:"What to change; none as the value clears it."`
}

// Help lists the settings.
func (setCommand) Help() string {
	var b strings.Builder
	b.WriteString("Settings, as the flags of claudepool add have them:\n")
	for _, s := range settables {
		fmt.Fprintf(&b, "  %-13s  %s\n", s.key, s.help)
	}
	return strings.TrimRight(b.String(), "\n")
}

func (c setCommand) Run(a *app) error {
	changes, err := parseChanges(c.Settings)
	if err != nil {
		return err
	}
	return a.changeSubscription(c.Name, func(s *pool.Subscription) error {
		for _, change := range changes {
			if err := change.apply(s); err != nil {
				return err
			}
		}
		return nil
	})
}

// changeSubscription changes settings and tells what is another than before.
func (a *app) changeSubscription(name string, change func(*pool.Subscription) error) error {
	return a.withStore(func(ctx context.Context, store pool.Store) error {
		before, err := findSubscription(ctx, store, name)
		if err != nil {
			return err
		}
		after, err := store.UpdateSubscription(ctx, before.Name, func(s *pool.Subscription) error {
			before = s.Normal() // in the transaction: what is told is what this command did
			return change(s)
		})
		var invalid *pool.InvalidError
		if errors.As(err, &invalid) {
			return withHint(invalid, "see what it takes: claudepool set --help")
		}
		if err != nil {
			return err
		}
		a.tellChanges(before, after)
		if after.Origin != "" {
			a.warn("%s is from the project file %s, which the next run goes by again", after.Name, plain(after.Origin))
		}
		return nil
	})
}

func (a *app) tellChanges(before, after pool.Subscription) {
	changed := false
	for _, s := range settables {
		if was, is := s.show(before), s.show(after); was != is {
			a.printf("%s: %s %s -> %s\n", after.Name, s.key, plain(was), plain(is))
			changed = true
		}
	}
	if !changed {
		a.printf("%s: nothing to change, it is so already\n", after.Name)
	}
}

// change is a setting with what it is to be; several values where it is a list.
type change struct {
	setting settable
	values  []string
}

func (c change) apply(s *pool.Subscription) error {
	if len(c.values) == 1 && c.values[0] == noneWord {
		return c.setting.set(s, nil)
	}
	return c.setting.set(s, c.values)
}

// noneWord clears a setting.
const noneWord = "none"

// parseChanges reads key=value words. A key that is given again adds to a list, and is refused elsewhere.
func parseChanges(words []string) ([]change, error) {
	var changes []change
	for _, word := range words {
		key, value, ok := strings.Cut(word, "=")
		if !ok {
			return nil, withHint(&usageError{fmt.Errorf("%q is not key=value", plain(word))}, "as in: claudepool set NAME tier=1 reserve=15%%")
		}
		setting, err := settableNamed(key)
		if err != nil {
			return nil, err
		}
		if value == "" {
			return nil, withHint(&usageError{fmt.Errorf("%s has no value", setting.key)}, "to clear it: claudepool set NAME %s=none", setting.key)
		}
		if changes, err = addChange(changes, setting, value); err != nil {
			return nil, err
		}
	}
	return changes, nil
}

func addChange(changes []change, setting settable, value string) ([]change, error) {
	for i, known := range changes {
		switch {
		case known.setting.key != setting.key:
		case !setting.list || value == noneWord || known.values[0] == noneWord:
			return nil, withHint(&usageError{fmt.Errorf("%s is given twice", setting.key)}, "give it once")
		default:
			changes[i].values = append(known.values, value)
			return changes, nil
		}
	}
	return append(changes, change{setting, []string{value}}), nil
}

// settableNamed finds a setting; _ is as good as -.
func settableNamed(key string) (settable, error) {
	wanted := strings.ReplaceAll(strings.ToLower(key), "_", "-")
	var keys []string
	for _, s := range settables {
		if s.key == wanted {
			return s, nil
		}
		keys = append(keys, s.key)
	}
	if why, known := unsettable[wanted]; known {
		return settable{}, withHint(&usageError{errors.New(why.words)}, "%s", why.hint)
	}
	err := &usageError{fmt.Errorf("%q is no setting of a subscription", plain(key))}
	if near := nearestWord(wanted, keys); near != "" {
		return settable{}, withHint(err, "did you mean %s? see all: claudepool set --help", near)
	}
	return settable{}, withHint(err, "see all: claudepool set --help")
}

// unsettable are what a person may look for here.
var unsettable = map[string]struct{ words, hint string }{
	"name":       {"the name is not changed like this", "to rename: claudepool rename OLD NAME"},
	"enabled":    {"enabled is not changed like this", "use: claudepool enable NAME, or claudepool disable NAME"},
	"config-dir": {"the config directory can't be changed: the login belongs to it", "add another one: claudepool add NAME --config-dir DIR"},
}
