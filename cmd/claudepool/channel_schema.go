package main

import "claudepool/internal/notify"

// channelSchema is the schema of the list of channels, which only the user's config file has.
func channelSchema() object {
	properties := object{}
	for _, k := range channelKeys {
		properties = append(properties, field{k.key, k.schema()})
	}
	return object{
		{"description", "where events are delivered to; not in a project file"},
		{"type", "array"}, {"maxItems", mostChannels},
		{"items", object{{"type", "object"}, {"additionalProperties", false}, {"required", []string{"name", "type"}}, {"properties", properties}}},
	}
}

func (k channelKey) schema() object {
	s := object{{"description", k.words}, {"type", k.form.schema}}
	var of object
	if k.choices != nil {
		of = append(of, field{"enum", k.choices})
	}
	if k.high != 0 {
		of = append(of, field{"minimum", k.low}, field{"maximum", k.high})
	}
	switch k.form.schema {
	case "array":
		return append(s, field{"items", append(object{{"type", k.form.items}}, of...)})
	case "object":
		return append(s, field{"additionalProperties", object{{"type", k.form.items}}})
	}
	return append(s, of...)
}

// channelPlace is where a channel's events go, as far as it may be shown. Of a command it is the program: an argument
// may be a secret.
func channelPlace(s notify.Settings, p places) string {
	switch s.Kind {
	case notify.Webhook:
		return s.ShownURL()
	case notify.Command:
		return s.Command[0]
	case notify.Log:
		return p.tilde(s.File)
	}
	return ""
}

// channelWords are a channel in a table of the settings.
func channelWords(s notify.Settings, p places) string {
	words := string(s.Kind)
	if place := channelPlace(s, p); place != "" {
		words += " " + place
	}
	return words
}

// channelObject is a channel in a document.
func channelObject(s notify.Settings) object {
	quiet := ""
	if s.Rules.Quiet != nil {
		quiet = s.Rules.Quiet.String()
	}
	return object{
		{"name", s.Name}, {"type", s.Kind}, {"to", orNull(channelPlace(s, places{}))},
		{"events", listNotNull(wordsOf(s.Rules.Events))}, {"subscriptions", listNotNull(s.Rules.Subscriptions)},
		{"tags", listNotNull(s.Rules.Tags)}, {"level", orNull(s.Rules.Level)}, {"quiet", orNull(quiet)},
		{"timeout", spanText(s.Timeout)}, {"attempts", s.Attempts},
	}
}
