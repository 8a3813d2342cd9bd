package claudecli

import (
	"path/filepath"
	"runtime"

	"github.com/tidwall/gjson"
)

// Overriding returns the variables of env that would make the CLI use another login than that of its config
// directory; see ForSubscription, which takes them out.
func Overriding(env Environment) (names []string) {
	for _, name := range overrides {
		if value, _ := env.Get(name); value != "" {
			names = append(names, name)
		}
	}
	return names
}

// retryVars make the CLI wait for the end of a limit itself (2.1.330).
var retryVars = []string{"CLAUDE_CODE_RETRY_WATCHDOG"}

// SitsLimitsOut returns the variables of env that make the CLI wait until a limit is over, so that nobody learns
// of it in time to go on elsewhere.
func SitsLimitsOut(env Environment) (names []string) {
	for _, name := range retryVars {
		if value, _ := env.Get(name); value != "" && value != "0" && value != "false" {
			names = append(names, name)
		}
	}
	return names
}

// SharedSettings returns the settings files that are read in the directory cwd whatever the config directory is:
// those of the project and those of the machine (2.1.330).
func SharedSettings(cwd string) []string {
	managed := "/etc/claude-code/managed-settings.json"
	if runtime.GOOS == "darwin" {
		managed = "/Library/Application Support/ClaudeCode/managed-settings.json"
	}
	return []string{
		filepath.Join(cwd, ".claude", "settings.local.json"),
		filepath.Join(cwd, ".claude", "settings.json"),
		managed,
	}
}

// IsBrokenSettings tells whether a settings file is no JSON: the CLI then passes over all of it.
func IsBrokenSettings(path string) bool {
	text := settingsFile(path)
	return text != "" && !gjson.Valid(text)
}

// CredentialsFile is where the login of a config directory lies, except on macOS. Nothing here opens it.
func CredentialsFile(configDir string) string { return filepath.Join(configDir, ".credentials.json") }
