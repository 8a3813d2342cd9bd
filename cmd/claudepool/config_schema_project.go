package main

import "reflect"

// projectWords say what the keys of a [[subscription]] are. A test holds that none is missing.
var projectWords = map[string]string{
	"name":          "its name",
	"env_from":      "variables that hold its token or key, each with the variable of the caller's environment that it comes from",
	"env":           "variables that are not secret, with their values",
	"api":           "it is an API key and no login",
	"tags":          "what its runs can be chosen by",
	"email":         "whose it is, for people to read",
	"tier":          "used only where the tiers before it have no room",
	"priority":      "for the strategy priority: the highest first",
	"reserve":       "the share of every window that is left for use outside of the pool, as in 15%",
	"max_sessions":  "how many sessions may run at once; 0 for no cap",
	"weekly_budget": "US dollars a week",
	"allow_overage": "paid use beyond the plan is allowed",
}

// projectSchema is the schema of the list of subscriptions, which only a project file has.
func projectSchema() object {
	properties := object{}
	form := reflect.TypeFor[projectSubscription]()
	for i := range form.NumField() {
		key := form.Field(i).Tag.Get("toml")
		schema := append(object{{"description", projectWords[key]}}, typeSchema(form.Field(i).Type)...)
		properties = append(properties, field{key, schema})
	}
	return object{
		{"description", "the subscriptions of the pool; only in a project file, claudepool.toml"},
		{"type", "array"},
		{"items", object{{"type", "object"}, {"additionalProperties", false}, {"required", []string{"name"}}, {"properties", properties}}},
	}
}

// typeSchema is the schema of what a Go type reads from TOML.
func typeSchema(t reflect.Type) object {
	switch t.Kind() {
	case reflect.Pointer:
		return typeSchema(t.Elem())
	case reflect.Bool:
		return object{{"type", "boolean"}}
	case reflect.Int:
		return object{{"type", "integer"}}
	case reflect.Float64:
		return object{{"type", "number"}}
	case reflect.Slice:
		return object{{"type", "array"}, {"items", typeSchema(t.Elem())}}
	case reflect.Map:
		return object{{"type", "object"}, {"additionalProperties", typeSchema(t.Elem())}}
	}
	return object{{"type", "string"}}
}
