package claudecli

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/tidwall/gjson"
)

// stateFile is the CLI's own state: who is signed in, which folders are trusted, the MCP servers of the user.
const stateFile = ".claude.json"

// StatePath is where the CLI keeps its state: in the config directory, or where configDir is "", with
// CLAUDE_CONFIG_DIR unset, in the home directory (2.1.330).
func StatePath(configDir, home string) string {
	if configDir == "" {
		return filepath.Join(home, stateFile)
	}
	return filepath.Join(configDir, stateFile)
}

// Seed is what a new config directory begins with.
type Seed struct {
	// State is the text of its .claude.json.
	State []byte
	// LeftOut are the MCP servers that hold what may be a secret, and are not taken over for that.
	LeftOut []string
}

// NewSeed makes the state of a new config directory, with which the CLI shows no first-run screens: the
// onboarding is done, and of the state of the base it has the theme, the folders that are trusted and the MCP
// servers (2.1.330). Nothing else is taken over: no account, no id of a user or machine, no key, no approval
// of a key. base may be "" or no JSON; then it begins with defaults.
func NewSeed(base string) Seed {
	state := map[string]any{"hasCompletedOnboarding": true, "theme": "dark"}
	if !gjson.Valid(base) {
		base = "{}"
	}
	if theme := gjson.Get(base, "theme"); theme.Type == gjson.String {
		state["theme"] = theme.Str
	}
	if folders := trustedFolders(base); len(folders) > 0 {
		state["projects"] = folders
	}
	servers := ReadMCPServers(base)
	if len(servers.Safe) > 0 {
		state["mcpServers"] = servers.Safe
	}
	text, _ := json.MarshalIndent(state, "", "  ") // strings, and JSON that was read as such
	return Seed{append(text, '\n'), servers.Secret}
}

// trustedFolders are the folders that the user has said to trust, each with that and no more.
func trustedFolders(state string) map[string]any {
	folders := map[string]any{}
	eachField(gjson.Get(state, "projects"), func(path, project gjson.Result) bool {
		if project.Get("hasTrustDialogAccepted").Type == gjson.True {
			folders[path.String()] = map[string]any{"hasTrustDialogAccepted": true, "allowedTools": []string{}}
		}
		return true
	})
	return folders
}

// WasStarted tells whether the CLI has been started on a config directory, by its state: that has more than a seed
// then (2.1.330). Nobody is signed in where it was not, and asking would make it write what it writes at its first
// start. A file that can't be read counts as one of its own.
func WasStarted(statePath string) bool {
	text, err := os.ReadFile(statePath)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	seeded := []string{"hasCompletedOnboarding", "theme", "projects", "mcpServers"}
	started := !gjson.ValidBytes(text)
	eachField(gjson.ParseBytes(text), func(key, _ gjson.Result) bool {
		started = started || !slices.Contains(seeded, key.Str)
		return !started
	})
	return started
}
