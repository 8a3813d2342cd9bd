package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// form is what kind of value a setting has.
type form struct {
	// want says in words what a value has to be.
	want string
	// schema is its type in JSON schema; items that of what a list holds.
	schema, items string
	// parse reads the text of a variable; read reads a value of a TOML file. Both return the same type.
	parse func(string) (any, bool)
	read  func(any) (any, bool)
}

var (
	textForm = form{
		want: `a text in quotes`, schema: "string",
		parse: func(text string) (any, bool) { return text, true },
		read:  func(v any) (any, bool) { return readText(v) },
	}
	listForm = form{
		want: `a list of texts, as in ["a", "b"]`, schema: "array", items: "string",
		parse: func(text string) (any, bool) { return splitList(text), true },
		read:  func(v any) (any, bool) { return readList(v, readText) },
	}
	switchForm = form{
		want: "1 or 0", schema: "boolean",
		parse: parseSwitch,
		read:  func(v any) (any, bool) { on, ok := v.(bool); return on, ok },
	}
	numberForm = form{
		want: "a number", schema: "number",
		parse: func(text string) (any, bool) { f, err := strconv.ParseFloat(text, 64); return f, err == nil },
		read:  readNumber,
	}
	wholeForm = form{
		want: "a whole number", schema: "integer",
		parse: func(text string) (any, bool) { n, err := strconv.Atoi(text); return n, err == nil },
		read:  func(v any) (any, bool) { return readWhole(v) },
	}
	tableForm = form{
		want: `a table of texts, as in { a = "b" }`, schema: "object", items: "string",
		parse: func(string) (any, bool) { return nil, false }, // no variable has one
		read:  readTable,
	}
	numbersForm = form{
		want: "a list of numbers, as in [0.8, 0.95]", schema: "array", items: "number",
		parse: func(string) (any, bool) { return nil, false }, // no variable has one
		read:  func(v any) (any, bool) { return readList(v, asNumber) },
	}
	wholesForm = form{
		want: "a list of whole numbers, as in [5, 10]", schema: "array", items: "integer",
		parse: func(string) (any, bool) { return nil, false }, // no variable has one
		read:  func(v any) (any, bool) { return readList(v, readWhole) },
	}
)

// wantInFile says what a value in a file has to be, where that is something else than in a variable.
func (f form) wantInFile() string {
	if f.schema == "boolean" {
		return "true or false"
	}
	return f.want
}

func parseSwitch(text string) (any, bool) {
	switch strings.ToLower(text) {
	case "1", "true", "yes", "on":
		return true, true
	case "0", "false", "no", "off":
		return false, true
	}
	return false, false
}

func readNumber(v any) (any, bool) { n, ok := asNumber(v); return n, ok }

func asNumber(v any) (float64, bool) {
	switch n := v.(type) {
	case float64:
		return n, true
	case int64:
		return float64(n), true
	}
	return 0, false
}

// readList reads a list of which every item can be read.
func readList[Item any](v any, read func(any) (Item, bool)) (any, bool) {
	items, ok := v.([]any)
	list := make([]Item, 0, len(items))
	for _, item := range items {
		one, is := read(item)
		ok = ok && is
		list = append(list, one)
	}
	return list, ok
}

// readTable reads a table of texts.
func readTable(v any) (any, bool) {
	table, ok := v.(map[string]any)
	texts := make(map[string]string, len(table))
	for key, item := range table {
		text, is := item.(string)
		texts[key], ok = text, ok && is
	}
	return texts, ok
}

func readText(v any) (string, bool) { text, ok := v.(string); return text, ok }
func readWhole(v any) (int, bool)   { n, ok := v.(int64); return int(n), ok }

// formatValue shows a value as it would be typed into a variable.
func formatValue(value any) string {
	switch v := value.(type) {
	case []string:
		return strings.Join(v, ",")
	case []int, []float64:
		return strings.ReplaceAll(strings.Trim(fmt.Sprint(v), "[]"), " ", ",")
	case bool:
		return strconv.FormatBool(v)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case string:
		return v
	}
	return fmt.Sprint(value)
}

// tomlValue shows a value as it would stand in the config file.
func tomlValue(value any) string {
	switch v := value.(type) {
	case []string:
		return tomlList(v)
	case []int:
		return tomlList(v)
	case []float64:
		return tomlList(v)
	case string:
		quoted, _ := json.Marshal(v) // TOML's basic strings are written as JSON's
		return string(quoted)
	}
	return formatValue(value)
}

func tomlList[Item any](items []Item) string {
	words := make([]string, len(items))
	for i, item := range items {
		words[i] = tomlValue(item)
	}
	return "[" + strings.Join(words, ", ") + "]"
}

// spanText shows a length of time as a person types it: 10m, and not 10m0s.
func spanText(d time.Duration) string {
	if d == 0 {
		return "0"
	}
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
