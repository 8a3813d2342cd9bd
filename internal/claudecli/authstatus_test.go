package claudecli_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
)

func TestAnAuthStatusIsRead(t *testing.T) {
	t.Parallel()
	// As 2.1.330 prints it when it is signed out.
	status, ok := claudecli.ParseAuthStatus([]byte(`{"loggedIn": false, "authMethod": "none", "apiProvider": "firstParty",
		"analyticsDisabled": true, "projectsDirectory": "/c/projects", "configDirectory": "/c", "loginExpiresAt": null}`))
	require.True(t, ok)
	require.Equal(t, claudecli.AuthStatus{Method: "none", ConfigDir: "/c"}, status)

	status, ok = claudecli.ParseAuthStatus([]byte(`{"loggedIn":true,"authMethod":"claude.ai","email":"me@example.com","orgId":"o"}`))
	require.True(t, ok)
	require.Equal(t, claudecli.AuthStatus{LoggedIn: true, Method: "claude.ai", Email: "me@example.com", OrgID: "o"}, status)

	for _, text := range []string{"", "You are logged in", "{", "[]", `{"loggedIn":"yes"}`} {
		_, ok := claudecli.ParseAuthStatus([]byte(text))
		require.False(t, ok, text)
	}
}

func TestTheEndOfALoginIsReadInEveryForm(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 24, 12, 0, 0, 0, time.UTC)
	for _, form := range []string{`1798113600000`, `1798113600`, `"2026-12-24T12:00:00Z"`} {
		status, _ := claudecli.ParseAuthStatus([]byte(`{"loggedIn":true,"loginExpiresAt":` + form + `}`))
		require.True(t, at.Equal(status.ExpiresAt), "%s: %s", form, status.ExpiresAt)
	}
	for _, form := range []string{`null`, `0`, `-5`, `"soon"`, `{}`} {
		status, _ := claudecli.ParseAuthStatus([]byte(`{"loggedIn":true,"loginExpiresAt":` + form + `}`))
		require.Zero(t, status.ExpiresAt, form)
	}
}

func TestOneLoginIsKnownByAccountAndOrganization(t *testing.T) {
	t.Parallel()
	me := claudecli.AuthStatus{LoggedIn: true, Email: "me@example.com", OrgID: "o"}
	require.True(t, me.IsSameLogin(me))
	for what, change := range map[string]func(*claudecli.AuthStatus){
		"signed out":           func(s *claudecli.AuthStatus) { s.LoggedIn = false },
		"another account":      func(s *claudecli.AuthStatus) { s.Email = "you@example.com" },
		"another organization": func(s *claudecli.AuthStatus) { s.OrgID = "p" },
	} {
		other := me
		change(&other)
		require.False(t, me.IsSameLogin(other), what)
		require.False(t, other.IsSameLogin(me), what)
	}
	unknown := claudecli.AuthStatus{LoggedIn: true}
	require.False(t, unknown.IsSameLogin(unknown), "not known is not the same")
}

func TestWhatOfSettingsIsALogin(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "settings.json")
	for text, want := range map[string][]string{
		`{"model":"opus","env":{"HTTP_PROXY":"x"}}`:                       nil,
		`{"apiKeyHelper":"echo x"}`:                                       {"apiKeyHelper"},
		`{"apiKeyHelper":""}`:                                             nil,
		`{"env":{"ANTHROPIC_API_KEY":"x","CLAUDE_CODE_USE_BEDROCK":"1"}}`: {"env.ANTHROPIC_API_KEY", "env.CLAUDE_CODE_USE_BEDROCK"},
		`{"apiKeyHelper":"x"`:                                             nil,
	} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		require.Equal(t, want, claudecli.SettingsLogin(path), text)
	}
	require.Empty(t, claudecli.SettingsLogin(path+".missing"))
}
