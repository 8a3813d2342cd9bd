package claudecli

import (
	"slices"

	"github.com/tidwall/gjson"
)

// SettingsLogin returns what in a settings file makes the CLI use another login than that of its config
// directory: apiKeyHelper, and variables of the `env` block (2.1.330). It is empty where there is nothing, or no
// such file. Names only: no value leaves here.
func SettingsLogin(path string) (names []string) {
	text := settingsFile(path)
	if text == "" || !gjson.Valid(text) {
		return nil
	}
	if helper := gjson.Get(text, "apiKeyHelper"); helper.Type == gjson.String && helper.Str != "" {
		names = append(names, "apiKeyHelper")
	}
	eachField(gjson.Get(text, "env"), func(name, _ gjson.Result) bool {
		if slices.Contains(overrides, name.String()) {
			names = append(names, "env."+name.String())
		}
		return true
	})
	return names
}
