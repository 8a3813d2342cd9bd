package claudecli

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/tidwall/gjson"
)

// modelVar names the model of a run.
const modelVar = "ANTHROPIC_MODEL"

// maxSettings is more than a settings file is long, in bytes; what is longer counts as not there.
const maxSettings = 1 << 20

// SettingsModel returns the model that a run in the directory cwd asks for where --model does not say, by its
// config directory and environment; flag is the value of --settings, a file or the settings themselves. It is
// "" where none is named, or where that can't be read.
//
// The order is that of 2.1.330: ANTHROPIC_MODEL of a settings' `env` block comes before that of the environment,
// and both before the settings' `model`. Of settings those of --settings come first, then those of the project
// for one's own (settings.local.json) and for all, then the user's. A file that is no JSON is passed over whole.
// The project is cwd itself and no directory above it.
func SettingsModel(env Environment, configDir, cwd, flag string) string {
	all := []string{flagSettings(cwd, flag)}
	for _, path := range []string{
		filepath.Join(cwd, ".claude", "settings.local.json"),
		filepath.Join(cwd, ".claude", "settings.json"),
		filepath.Join(configDir, "settings.json"),
	} {
		all = append(all, settingsFile(path))
	}
	model, found := firstWord(all, "env."+modelVar)
	if !found {
		model, _ = env.Get(modelVar)
	}
	if model == "" { // also where a block sets it to nothing
		model, _ = firstWord(all, "model")
	}
	return modelName(model)
}

func flagSettings(cwd, flag string) string {
	switch {
	case flag == "":
		return ""
	case strings.HasPrefix(strings.TrimSpace(flag), "{"):
		return flag
	case !filepath.IsAbs(flag):
		flag = filepath.Join(cwd, flag)
	}
	return settingsFile(flag)
}

// firstWord returns the first string that the settings have at the path, which may be empty.
func firstWord(settings []string, path string) (word string, found bool) {
	for _, text := range settings {
		if text == "" || !gjson.Valid(text) {
			continue
		}
		if value := gjson.Get(text, path); value.Type == gjson.String {
			return value.Str, true
		}
	}
	return "", false
}

// settingsFile returns the text of a file, "" where it can't be read.
func settingsFile(path string) string {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return "" // a pipe would keep us waiting
	}
	file, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, maxSettings+1))
	if err != nil || len(text) > maxSettings {
		return ""
	}
	return string(text)
}
