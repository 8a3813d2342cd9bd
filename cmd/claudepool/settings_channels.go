package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"claudepool/internal/notify"
	"claudepool/pool"
)

// channelTable is the key of the channels in a config file; see docs/notify.md. A project file has none: it would send
// what happens to wherever its repository says, or run commands.
const channelTable = "channel"

// takeChannels reads the channels of the file. One that is wrong is left out, and a problem.
func (f *configFile) takeChannels(value any) {
	tables, ok := asTables(value)
	switch {
	case !ok:
		f.problems = append(f.problems, f.problem(channelTable, errors.New("channel must be a list of tables: [[channel]]")))
		return
	case len(tables) > mostChannels:
		f.problems = append(f.problems, f.problem(channelTable, fmt.Errorf("there are more than %d channels", mostChannels)))
		return
	}
	for i, table := range tables {
		reading := channelReading{file: f, index: i, table: table}
		if s, ok := reading.all(); ok {
			f.channels = append(f.channels, s)
		}
	}
}

// asTables returns a list of tables as one, however it is written.
func asTables(value any) ([]map[string]any, bool) {
	if tables, ok := value.([]map[string]any); ok {
		return tables, true
	}
	items, ok := value.([]any)
	var tables []map[string]any
	for _, item := range items {
		table, is := item.(map[string]any)
		tables, ok = append(tables, table), ok && is
	}
	return tables, ok
}

// channelReading is one [[channel]] as it is read.
type channelReading struct {
	file  *configFile
	index int
	table map[string]any
	wrong bool
}

func (r *channelReading) all() (notify.Settings, bool) {
	s := notify.Settings{
		Format: notify.JSON, LogSize: notify.DefaultLogSize, Timeout: notify.DefaultTimeout, Attempts: notify.DefaultAttempts,
	}
	var known []string
	for _, k := range channelKeys {
		known = append(known, k.key)
		if value, given := r.table[k.key]; given {
			r.take(&s, k, value)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(r.table)) {
		if !slices.Contains(known, key) {
			r.refuse(key, nearestWord(key, known), "%s %w", pool.QuoteShort(key), errNoChannelSetting)
		}
	}
	if !r.wrong {
		r.checkWhole(s)
	}
	return s, !r.wrong
}

// errNoChannelSetting says that a [[channel]] has a key that means nothing.
var errNoChannelSetting = errors.New("is no setting of a channel")

func (r *channelReading) take(s *notify.Settings, k channelKey, value any) {
	read, ok := k.form.read(value)
	if !ok {
		r.refuse(k.key, "", "%s must be %s", k.key, k.form.wantInFile())
		return
	}
	want, near := k.check(read)
	if want == "" {
		want = k.set(s, read)
	}
	if want != "" { // without the value: an address may be a secret
		r.refuse(k.key, near, "%s must be %s", k.key, want)
	}
}

// needs are what a channel of a type must have: one of these keys.
var needs = map[notify.Kind][]string{
	notify.Webhook: {"url", "url_from"}, notify.Command: {"command"}, notify.Log: {"file"},
}

// checkWhole holds the keys against each other.
func (r *channelReading) checkWhole(s notify.Settings) {
	for _, key := range []string{"name", "type"} {
		if _, given := r.table[key]; !given {
			r.refuse("", "", "it has no %s", key)
			return
		}
	}
	for _, k := range channelKeys {
		if _, given := r.table[k.key]; given && k.of != nil && !slices.Contains(k.of, s.Kind) {
			r.refuse(k.key, "", "%s is not for a channel of the type %s", k.key, s.Kind)
		}
	}
	given := 0
	for _, key := range needs[s.Kind] {
		if _, is := r.table[key]; is {
			given++
		}
	}
	switch keys := needs[s.Kind]; {
	case given == 0 && len(keys) > 0:
		r.refuse("type", "", "a channel of the type %s needs %s", s.Kind, listOr(keys))
	case given > 1:
		r.refuse(keys[1], "", "only one of %s can be set", listOr(keys))
	}
	if slices.ContainsFunc(r.file.channels, func(other notify.Settings) bool { return other.Name == s.Name }) {
		r.refuse("name", "", "another channel has that name")
	}
}

func listOr(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return words[0] + " or " + words[1]
}

// refuse notes what is wrong with a key, "" for the channel.
func (r *channelReading) refuse(key, near, format string, args ...any) {
	r.wrong = true
	if len(r.file.problems) >= mostProblems {
		return
	}
	name, _ := r.table["name"].(string)
	if !isOf(name, nameLetters, 64) {
		name = fmt.Sprintf("number %d", r.index+1)
	}
	r.file.problems = append(r.file.problems, &configError{
		path: r.file.path, line: r.file.finder().lineOfChannel(r.index, key), near: near,
		err: fmt.Errorf("channel %s: %w", name, fmt.Errorf(format, args...)),
	})
}

// channels are those of the user's config file, with their paths as they are from here.
func (s settings) channels() []notify.Settings {
	var list []notify.Settings
	for i, file := range s.files {
		for _, c := range file.channels {
			c.File = s.places.path(given{file: &s.files[i], value: c.File})
			list = append(list, c)
		}
	}
	return list
}
