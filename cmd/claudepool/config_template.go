package main

import (
	"fmt"
	"strings"
)

const templateHead = `# The settings of claudepool. Those that are commented out have the value that stands there.
# A variable goes before this file; "claudepool config show" tells what is in force.
`

// configTemplate is a config file with all settings and no effect.
func configTemplate() string {
	var b strings.Builder
	b.WriteString(templateHead)
	table := ""
	for d := range declarations() {
		if d.key == "" {
			continue
		}
		name := d.key
		if i := strings.LastIndexByte(d.key, '.'); i >= 0 {
			if d.key[:i] != table {
				table = d.key[:i]
				fmt.Fprintf(&b, "\n# [%s]\n", table)
			}
			name = d.key[i+1:]
		}
		fmt.Fprintf(&b, "\n# %s\n# %s = %s\n", strings.Join(d.comment(), "\n# "), name, tomlValue(d.schemaDefault()))
	}
	return b.String()
}

// comment says what a setting is, and what else sets it.
func (d declaration) comment() []string {
	lines := []string{upperFirst(d.words) + "."}
	if d.choices != nil {
		lines = append(lines, "One of "+strings.Join(d.choices, ", ")+".")
	}
	if d.variable != "" {
		lines = append(lines, "Variable: "+d.variable)
	}
	return lines
}

func upperFirst(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
