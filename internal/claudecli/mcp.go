package claudecli

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"claudepool/pool"
)

// MCPServers are the MCP servers of the user's scope.
type MCPServers struct {
	// Safe are those without a secret in them, by name, as the CLI wrote them.
	Safe map[string]json.RawMessage
	// Secret are the names of the others, sorted.
	Secret []string
}

// ReadMCPServers reads the servers of the user's scope in the text of a .claude.json: its `mcpServers` (2.1.330).
// A server counts as one with a secret where in doubt: a key may lie in its variables, headers, arguments or
// address. A reference such as ${TOKEN}, which the CLI fills in from its environment, is none.
func ReadMCPServers(state string) MCPServers {
	found := MCPServers{Safe: map[string]json.RawMessage{}}
	if !gjson.Valid(state) {
		return found
	}
	eachField(gjson.Get(state, "mcpServers"), func(name, server gjson.Result) bool {
		if holdsSecret("", server) || holdsSecretHeader(server) || holdsSecretArgument(server) {
			found.Secret = append(found.Secret, name.String())
		} else {
			found.Safe[name.String()] = json.RawMessage(server.Raw)
		}
		return true
	})
	slices.Sort(found.Secret)
	return found
}

// eachField is ForEach of an object; of anything else there are none.
func eachField(value gjson.Result, f func(name, field gjson.Result) bool) {
	if value.IsObject() {
		value.ForEach(f)
	}
}

// holdsSecret looks for a value that is a secret by its name or looks, however deep.
func holdsSecret(name string, value gjson.Result) bool {
	if value.IsObject() || value.IsArray() {
		found := false
		value.ForEach(func(key, v gjson.Result) bool {
			if value.IsArray() {
				key = gjson.Result{}
			}
			found = found || holdsSecret(key.String(), v)
			return !found
		})
		return found
	}
	return value.Type == gjson.String && isSecretText(name, value.Str)
}

func isSecretText(name, text string) bool {
	if text == "" || isReference(text) {
		return false
	}
	return pool.LooksSecret(strings.ReplaceAll(name, "-", "_"), text) || isSecretURL(text)
}

// isReference tells whether a text gets what it says from the environment.
func isReference(text string) bool { return strings.Contains(text, "${") }

// isSecretURL finds a user or a key in an address.
func isSecretURL(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" || u.Host == "" {
		return false
	}
	for name := range u.Query() {
		if pool.LooksSecret(strings.ReplaceAll(name, "-", "_"), "") {
			return true
		}
	}
	return u.User != nil
}

// holdsSecretHeader finds a header that says something itself: most are keys, under many names.
func holdsSecretHeader(server gjson.Result) bool {
	found := false
	eachField(server.Get("headers"), func(_, value gjson.Result) bool {
		found = found || value.String() != "" && !isReference(value.String())
		return !found
	})
	return found
}

// holdsSecretArgument finds --api-key VALUE, --api-key=VALUE and "Authorization: VALUE".
func holdsSecretArgument(server gjson.Result) bool {
	named := ""
	for _, arg := range server.Get("args").Array() {
		if named != "" && isSecretText(named, arg.String()) {
			return true
		}
		named = ""
		word := strings.TrimLeft(arg.String(), "-")
		if at := strings.IndexAny(word, "=:"); at > 0 {
			if isSecretText(strings.TrimSpace(word[:at]), strings.TrimSpace(word[at+1:])) {
				return true
			}
		} else if strings.HasPrefix(arg.String(), "-") {
			named = word
		}
	}
	return false
}

// ErrState says that a .claude.json is not what it should be.
var ErrState = errors.New("is no JSON object")

// WithMCPServers returns the text of a .claude.json in which these servers are among those of the user's scope,
// and the names of those that were not there or not the same. All else stays byte for byte. "" is an empty state.
// Errors: ErrState.
func WithMCPServers(state string, servers map[string]json.RawMessage) (text string, changed []string, err error) {
	if strings.TrimSpace(state) == "" {
		state = "{}"
	}
	if !gjson.Valid(state) || !gjson.Parse(state).IsObject() {
		return "", nil, ErrState
	}
	all := map[string]json.RawMessage{}
	old := gjson.Get(state, "mcpServers")
	eachField(old, func(name, server gjson.Result) bool {
		all[name.String()] = json.RawMessage(server.Raw)
		return true
	})
	for _, name := range slices.Sorted(maps.Keys(servers)) {
		if !sameJSON(all[name], servers[name]) {
			all[name], changed = servers[name], append(changed, name)
		}
	}
	if len(changed) == 0 {
		return state, nil, nil
	}
	block, err := json.MarshalIndent(all, "  ", "  ")
	if err != nil {
		return "", nil, err
	}
	return withBlock(state, old, string(block)), changed, nil
}

// withBlock puts the servers in the place of the old ones, or in the first place.
func withBlock(state string, old gjson.Result, block string) string {
	if old.Exists() {
		return state[:old.Index] + block + state[old.Index+len(old.Raw):]
	}
	open := strings.Index(state, "{") + 1
	comma := ","
	if strings.TrimSpace(state[open:]) == "}" {
		comma = "\n"
	}
	return state[:open] + "\n  \"mcpServers\": " + block + comma + state[open:]
}

func sameJSON(a, b json.RawMessage) bool {
	var compactA, compactB bytes.Buffer
	return json.Compact(&compactA, a) == nil && json.Compact(&compactB, b) == nil && bytes.Equal(compactA.Bytes(), compactB.Bytes())
}
