package main

import (
	"errors"
	"strings"

	"github.com/BurntSushi/toml"
)

// lineFinder finds the lines of a config file's keys. The parser tells lines only of what it refuses; so the file is
// parsed once more, and a key refused. Only a file that is wrong costs that.
type lineFinder struct {
	tree map[string]toml.Primitive
	meta toml.MetaData
}

// newLineFinder finds nothing in a text that can't be parsed.
func newLineFinder(data string) *lineFinder {
	f := &lineFinder{}
	f.meta, _ = toml.Decode(data, &f.tree) // what is wrong with it has been told
	return f
}

// lineOf returns the line that sets a key, 0 where it is not found.
func (f *lineFinder) lineOf(key string) int {
	tree, names := f.tree, strings.Split(key, ".")
	for _, table := range names[:len(names)-1] {
		var inner map[string]toml.Primitive
		if f.meta.PrimitiveDecode(tree[table], &inner) != nil {
			return 0
		}
		tree = inner
	}
	return f.lineOfValue(tree[names[len(names)-1]])
}

// lineOfChannel does for a key of a channel what lineOf does for one of the file. Where a channel as a whole is wrong it
// is the line of its first key.
func (f *lineFinder) lineOfChannel(index int, key string) (first int) {
	var channels []map[string]toml.Primitive
	if f.meta.PrimitiveDecode(f.tree[channelTable], &channels) != nil || index >= len(channels) {
		return 0
	}
	for name, value := range channels[index] {
		line := f.lineOfValue(value)
		if (key == "" || key == name) && line > 0 && (first == 0 || line < first) {
			first = line
		}
	}
	return first
}

func (f *lineFinder) lineOfValue(value toml.Primitive) int { return lineOfValue(f.meta, value) }

// lineOfValue returns the line of a value, 0 where it is not found.
func lineOfValue(meta toml.MetaData, value toml.Primitive) int {
	var found toml.ParseError
	if errors.As(meta.PrimitiveDecode(value, &refusal{}), &found) {
		return found.Position.Line
	}
	return 0
}

// refusal is a value that no TOML can be.
type refusal struct{}

func (*refusal) UnmarshalTOML(any) error { return errors.New("refused") }
