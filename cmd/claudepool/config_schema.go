package main

import "strings"

type configSchema struct{}

func (configSchema) Run(a *app) error { return a.printJSON(schemaDocument()) }

// schemaDocument is the JSON schema of a config file. docs/config.schema.json is a copy of it, which a test holds.
func schemaDocument() object {
	file := append(settingsSchema(""), field{channelTable, channelSchema()}, field{projectTable, projectSchema()})
	return object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"title", "claudepool's config.toml and claudepool.toml"},
		{"type", "object"}, {"additionalProperties", false}, {"properties", file},
	}
}

// settingsSchema is the schema of each setting in a table of the file, "" for what is in none.
func settingsSchema(prefix string) object {
	properties := object{}
	seen := map[string]bool{}
	for d := range declarations() {
		name, found := strings.CutPrefix(d.key, prefix)
		if !found || name == "" {
			continue
		}
		if table, _, nested := strings.Cut(name, "."); !nested {
			properties = append(properties, field{name, d.schema()})
		} else if !seen[table] {
			seen[table] = true
			properties = append(properties, field{table, object{
				{"type", "object"}, {"additionalProperties", false}, {"properties", settingsSchema(prefix + table + ".")},
			}})
		}
	}
	return properties
}

func (d declaration) schema() object {
	s := object{{"description", d.words}, {"type", d.form.schema}}
	if d.form.items != "" {
		items := object{{"type", d.form.items}}
		return append(s, field{"items", append(items, d.bounds()...)}, field{"default", listNotNull(d.schemaDefault())})
	}
	if d.choices != nil {
		s = append(s, field{"enum", d.choices})
	}
	s = append(s, d.bounds()...)
	return append(s, field{"default", d.schemaDefault()})
}

func (d declaration) bounds() object {
	var b object
	if d.low != 0 || d.high != 0 {
		b = append(b, field{"minimum", d.low})
	}
	if d.high != 0 {
		b = append(b, field{"maximum", d.high})
	}
	return b
}

// schemaDefault is the default as it is for anybody: with ~ for the home directory.
func (d declaration) schemaDefault() any {
	return d.defaultValue(places{state: "~/.local/state/claudepool"})
}
