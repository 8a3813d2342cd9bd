package main

import (
	"fmt"
	"strings"
)

const templateHead = `# The settings of claudepool. Those that are commented out have the value that stands there.
# A variable goes before this file; "claudepool config show" tells what is in force.
`

// templateChannel shows what a channel looks like.
const templateChannel = `
# Where events are delivered to, such as that a subscription is at its limit. There may be several of these, and they stand at
# the end. Their types are webhook, desktop, command and log. To try one: claudepool notify test team
# [[channel]]
# name = "team"
# type = "webhook"
# format = "slack"
# url_from = "SLACK_URL"
# events = ["limit", "exhausted", "recovered"]
# quiet = "22:00-07:00"
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
	b.WriteString(templateChannel)
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
