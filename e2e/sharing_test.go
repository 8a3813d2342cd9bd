//go:build e2e

package e2e

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/sandbox"
)

// shared is a machine whose owner has used plain claude in the working directory, and has then added
// subscriptions with `claudepool add`.
type shared struct {
	*sandbox.Sandbox
	env []string
}

// userID has the form of those that the CLI makes: it keeps no other.
var userID = strings.Repeat("0a1b2c3d", 8)

func newShared(t *testing.T) *shared {
	t.Helper()
	s := &shared{Sandbox: newBareMachine(t)}
	state, err := json.Marshal(map[string]any{
		"hasCompletedOnboarding": true, "theme": "light", "userID": userID,
		"projects": map[string]any{s.Work: map[string]any{"hasTrustDialogAccepted": true}},
	})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(s.Home, ".claude.json"), state, 0o600))
	require.NoError(t, os.MkdirAll(filepath.Join(s.Home, ".claude"), 0o700))
	require.NoError(t, s.Install(program))
	require.NoError(t, s.Manage(nil, "remove", "default"))
	s.env = s.Env()
	return s
}

// add adds a subscription with a made-up token, and the further arguments.
func (s *shared) add(t *testing.T, name string, args ...string) {
	t.Helper()
	variable := "TOKEN_" + strings.ToUpper(name)
	s.env = append(s.env, variable+"="+sandbox.Token(name))
	s.claudepool(t, append([]string{"add", name, "--no-ramp-up", "--env-from", "CLAUDE_CODE_OAUTH_TOKEN=" + variable}, args...)...)
}

// claudepool runs `claudepool ARGS`, which must succeed.
func (s *shared) claudepool(t *testing.T, args ...string) string {
	t.Helper()
	cmd := s.Claudepool(limited(t), args...)
	cmd.Env = s.env
	out := run(t, cmd, "")
	require.Zero(t, out.Status, "%q: %s\n%s", args, out.Stdout, out.Stderr)
	return out.Stdout
}

// dir is the config directory that claudepool has made.
func (s *shared) dir(name string) string {
	return filepath.Join(s.Home, ".local/share/claudepool/subscriptions", name)
}

// base is a path in the directory of plain claude.
func (s *shared) base(name string) string { return filepath.Join(s.Home, ".claude", name) }

func (s *shared) requireLink(t *testing.T, subscription, name string) {
	t.Helper()
	leads, err := os.Readlink(filepath.Join(s.dir(subscription), name))
	require.NoError(t, err)
	require.Equal(t, s.base(name), leads)
}

// addMarketplace has the CLI on a subscription write into its settings.
func (s *shared) addMarketplace(t *testing.T, subscription, name string) {
	t.Helper()
	dir := filepath.Join(s.Home, name)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, ".claude-plugin"), 0o700))
	text := `{"name":"` + name + `","owner":{"name":"x"},"plugins":[]}`
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".claude-plugin/marketplace.json"), []byte(text), 0o600))
	s.claudepool(t, "exec", subscription, "--", "claude", "plugin", "marketplace", "add", dir)
}

// settings are those that the CLI reads on a subscription.
func (s *shared) settings(t *testing.T, subscription string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(s.dir(subscription), "settings.json"))
	require.NoError(t, err)
	return string(text)
}

func (s *shared) marketplaces(t *testing.T, subscription string) string {
	t.Helper()
	return s.claudepool(t, "exec", subscription, "--", "claude", "plugin", "marketplace", "list")
}

func TestANewSubscriptionStartsWithoutFirstRunScreens(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	s.add(t, "new")
	sc := newScreen(t, s.Sandbox, s.env)
	sc.start(t)
	sc.turn(t, "at once")
	sc.exit(t)
	state, err := os.ReadFile(filepath.Join(s.dir("new"), ".claude.json"))
	require.NoError(t, err)
	require.NotContains(t, string(state), userID, "each has an identity of its own")
}

func TestSettingsChangedThroughOneAreSeenByTheOther(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	s.add(t, "one")
	s.add(t, "two")
	s.addMarketplace(t, "one", "first") // there are no settings yet: the CLI writes them where the link leads
	s.requireLink(t, "one", "settings.json")
	require.Contains(t, s.settings(t, "two"), "first")
	require.Contains(t, s.marketplaces(t, "two"), "first")
	s.addMarketplace(t, "two", "second") // now it replaces them
	s.requireLink(t, "two", "settings.json")
	require.Contains(t, s.settings(t, "one"), "second")

	// A link that was replaced is back with the next run, and what was written is kept.
	text := s.settings(t, "one")
	replaced := filepath.Join(s.dir("one"), "settings.json")
	require.NoError(t, os.Remove(replaced))
	require.NoError(t, os.WriteFile(replaced, []byte(text), 0o600))
	s.addMarketplace(t, "one", "third")
	require.NotContains(t, s.settings(t, "two"), "third", "the link is gone")
	later := time.Now().Add(time.Minute) // the base's may have been written in the same moment
	require.NoError(t, os.Chtimes(replaced, later, later))
	s.claudepool(t, "run", "--subscription", "one", "--", "-p", "[[text:hello]]")
	s.requireLink(t, "one", "settings.json")
	for _, name := range []string{"first", "second", "third"} {
		require.Contains(t, s.settings(t, "two"), name)
	}
}

func TestAConversationOfOneResumesInTheOther(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	s.add(t, "one")
	s.add(t, "two")
	const id = "0b9bd3a5-6a6b-4f6e-9a53-6b2cf50e0a01"
	s.claudepool(t, "run", "--subscription", "one", "--", "-p", "--session-id", id, "[[text:from one]]")
	require.Contains(t, s.claudepool(t, "run", "--subscription", "two", "--", "-p", "--resume", id, "[[text:from two]]"), "from two")
	found, err := filepath.Glob(s.base("projects/*/" + id + ".jsonl"))
	require.NoError(t, err)
	require.Len(t, found, 1)
	transcript, err := os.ReadFile(found[0])
	require.NoError(t, err)
	require.Contains(t, string(transcript), "from one")
	require.Contains(t, string(transcript), "from two")
}

func TestAnIsolatedSubscriptionSharesNothing(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	s.add(t, "one")
	s.add(t, "alone", "--isolated")
	s.addMarketplace(t, "one", "first")
	require.NotContains(t, s.marketplaces(t, "alone"), "first")
	s.addMarketplace(t, "alone", "private")
	require.NotContains(t, s.marketplaces(t, "one"), "private")
	const id = "0b9bd3a5-6a6b-4f6e-9a53-6b2cf50e0a02"
	s.claudepool(t, "run", "--subscription", "alone", "--", "-p", "--session-id", id, "[[text:secret]]")
	found, err := filepath.Glob(s.base("projects/*/" + id + ".jsonl"))
	require.NoError(t, err)
	require.Empty(t, found)
	err = filepath.WalkDir(s.dir("alone"), func(path string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		require.Zero(t, d.Type()&fs.ModeSymlink, path)
		return nil
	})
	require.NoError(t, err)
}

func TestPlainClaudeAsAMemberKeepsItsOwnState(t *testing.T) {
	t.Parallel()
	s := newShared(t)
	s.add(t, "plain", "--default-dir")
	require.Contains(t, s.claudepool(t, "exec", "plain", "--", "sh", "-c", "echo ${CLAUDE_CONFIG_DIR-unset}"), "unset")
	before, err := os.ReadFile(filepath.Join(s.Home, ".claude.json"))
	require.NoError(t, err)
	s.claudepool(t, "run", "--subscription", "plain", "--", "-p", "[[text:hello]]")
	after, err := os.ReadFile(filepath.Join(s.Home, ".claude.json"))
	require.NoError(t, err)
	require.NotEqual(t, string(before), string(after), "the CLI has written it")
	require.Contains(t, string(after), userID)
	require.NoFileExists(t, s.base(".claude.json"), "that would be another identity")
}
