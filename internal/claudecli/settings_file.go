package claudecli

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"

	"github.com/tidwall/gjson"
)

// What keeps settings from being changed: a file that the CLI itself would not read (2.1.330).
var (
	ErrNoSettings   = errors.New("it is no JSON object")
	ErrNoStatusLine = errors.New(`its "statusLine" has not the form {"type": "command", "command": "…"}`)
)

// SetStatusLine returns the settings with a status line whose command is what command makes of the one that is
// there, "" where there is none. All else stays as it is, byte for byte. Empty settings are none yet.
// Errors: ErrNoSettings, ErrNoStatusLine.
func SetStatusLine(settings []byte, command func(old string) string) ([]byte, error) {
	text := string(settings)
	if strings.TrimSpace(text) == "" {
		return []byte("{\n  " + statusLineMember(command("")) + "\n}\n"), nil
	}
	if !gjson.Valid(text) || !gjson.Parse(text).IsObject() {
		return nil, ErrNoSettings
	}
	line := member(gjson.Parse(text), "statusLine")
	switch {
	case !line.Exists():
		return insertMember(text, statusLineMember(command(""))), nil
	case line.Type == gjson.Null:
		return replaceValue(text, line, statusLineValue(command(""))), nil
	}
	kind, old := member(line, "type"), member(line, "command")
	if kind.String() != "command" || old.Type != gjson.String {
		return nil, ErrNoStatusLine
	}
	old.Index += line.Index
	now := command(old.Str)
	if now == old.Str {
		return settings, nil // however it is spelled
	}
	return replaceValue(text, old, quoteJSON(now)), nil
}

// member returns the value of a key of an object. Where the key is there twice the last one counts, as for the
// CLI. Index is where the value stands in the object's text.
func member(object gjson.Result, name string) (value gjson.Result) {
	if !object.IsObject() {
		return value
	}
	object.Index = 0 // what ForEach adds to the index of each value
	object.ForEach(func(key, v gjson.Result) bool {
		if key.Str == name {
			value = v
		}
		return true
	})
	return value
}

func replaceValue(text string, value gjson.Result, now string) []byte {
	return []byte(text[:value.Index] + now + text[value.Index+len(value.Raw):])
}

// insertMember puts a member in front of an object's others, indented as they are.
func insertMember(text, member string) []byte {
	brace := strings.IndexByte(text, '{') + 1
	rest := strings.TrimLeft(text[brace:], " \t\r\n")
	space := text[brace : len(text)-len(rest)]
	if rest[0] == '}' {
		return []byte(text[:brace] + "\n  " + member + "\n" + rest)
	}
	return []byte(text[:brace] + space + member + "," + space + rest)
}

func statusLineMember(command string) string { return `"statusLine": ` + statusLineValue(command) }

func statusLineValue(command string) string {
	return `{"type": "command", "command": ` + quoteJSON(command) + `}`
}

// quoteJSON writes a string as the CLI does: < and > as they are.
func quoteJSON(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string can always be encoded
	return strings.TrimSuffix(b.String(), "\n")
}
