package claudecli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
)

func TestASeedHasNothingThatSaysWhoseItIs(t *testing.T) {
	t.Parallel()
	base := `{"theme":"light","userID":"secret","oauthAccount":{"emailAddress":"secret"},"machineID":"secret",
		"primaryApiKey":"secret","customApiKeyResponses":{"approved":["secret"]},"hasCompletedOnboarding":false,
		"projects":{"/a.b":{"hasTrustDialogAccepted":true,"history":["secret"]},"/no":{"hasTrustDialogAccepted":false}},
		"mcpServers":{"safe":{"command":"x"},"not":{"command":"x","env":{"A_KEY":"secret"}}}}`
	seed := claudecli.NewSeed(base)
	require.JSONEq(t, `{"hasCompletedOnboarding":true,"theme":"light",
		"projects":{"/a.b":{"hasTrustDialogAccepted":true,"allowedTools":[]}},"mcpServers":{"safe":{"command":"x"}}}`, string(seed.State))
	require.Equal(t, []string{"not"}, seed.LeftOut)
}

func TestASeedOfNothingHasDefaults(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "{", "[]", "null", `{"theme":3,"projects":[],"mcpServers":"x"}`} {
		require.JSONEq(t, `{"hasCompletedOnboarding":true,"theme":"dark"}`, string(claudecli.NewSeed(base).State), base)
	}
}

func TestStateLiesBesideTheDefaultDirectoryAndInsideOthers(t *testing.T) {
	t.Parallel()
	require.Equal(t, "/home/u/.claude.json", claudecli.StatePath("", "/home/u"))
	require.Equal(t, "/home/u/.claude/.claude.json", claudecli.StatePath("/home/u/.claude", "/home/u"))
}

func TestAStateHasMoreThanASeedOnceTheCLIWasStarted(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), ".claude.json")
	require.False(t, claudecli.WasStarted(path), "there is none")
	for text, want := range map[string]bool{
		string(claudecli.NewSeed(`{"mcpServers":{"a":{"command":"/bin/true"}},"projects":{"/a":{"hasTrustDialogAccepted":true}}}`).State): false,
		`{"hasCompletedOnboarding":true,"firstStartTime":"2026-11-25T16:34:00.175Z"}`:                                                     true,
		`{"oauthAccount":{}}`: true, `{`: true,
	} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		require.Equal(t, want, claudecli.WasStarted(path), text)
	}
}

func TestServersArePutIntoAnyState(t *testing.T) {
	t.Parallel()
	servers := map[string]json.RawMessage{"a": json.RawMessage(`{"command":"x"}`)}
	for _, state := range []string{"", "{}", " {\n}\n", `{"b":1}`, `{"mcpServers":null,"b":1}`, `{"b":{"mcpServers":{"c":2}}}`} {
		text, changed, err := claudecli.WithMCPServers(state, servers)
		require.NoError(t, err, state)
		require.Equal(t, []string{"a"}, changed)
		require.True(t, json.Valid([]byte(text)), "%s from %s", text, state)
		require.Contains(t, claudecli.ReadMCPServers(text).Safe, "a")
		again, changed, err := claudecli.WithMCPServers(text, servers)
		require.NoError(t, err)
		require.Empty(t, changed)
		require.Equal(t, text, again)
	}
	for _, state := range []string{"{", "[]", "3"} {
		_, _, err := claudecli.WithMCPServers(state, servers)
		require.ErrorIs(t, err, claudecli.ErrState, state)
	}
}
