//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/sandbox"
)

// diagnoses runs `claudepool doctor --json` and returns the words of each check that are no "ok".
func diagnoses(t *testing.T, s *sandbox.Sandbox, status int) map[string][]string {
	t.Helper()
	out := run(t, s.Claudepool(limited(t), "doctor", "--json"), "")
	require.Equal(t, status, out.Status, "%s\n%s", out.Stdout, out.Stderr)
	var document struct {
		Findings []struct{ Check, Level, Words string }
	}
	require.NoError(t, json.Unmarshal([]byte(out.Stdout), &document))
	found := map[string][]string{}
	for _, f := range document.Findings {
		if f.Level != "ok" {
			found[f.Check] = append(found[f.Check], f.Words)
		}
	}
	return found
}

// signedIn makes a config directory look as if somebody had signed in there, with a made-up login.
func signedIn(t *testing.T, dir, email string, ends time.Time) {
	t.Helper()
	write := func(name string, document any) {
		text, err := json.Marshal(document)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	write(".credentials.json", map[string]any{"claudeAiOauth": map[string]any{
		"accessToken": "made-up", "refreshToken": "made-up", "expiresAt": time.Now().Add(time.Hour).UnixMilli(),
		"refreshTokenExpiresAt": ends.UnixMilli(), "scopes": []string{"user:inference", "user:profile"}, "subscriptionType": "max",
	}})
	write(".claude.json", map[string]any{"hasCompletedOnboarding": true, "oauthAccount": map[string]any{
		"accountUuid": "11111111-1111-4111-8111-111111111111", "emailAddress": email,
		"organizationUuid": "22222222-2222-4222-8222-222222222222", "organizationName": "Me",
	}})
}

// The real CLI says who is signed in, until when, and which are one login.
func TestDoctorAsksTheCLI(t *testing.T) {
	t.Parallel()
	s := newBareMachine(t)
	require.NoError(t, s.Install(program))
	for _, name := range []string{"one", "other", "soon", "out"} {
		dir := filepath.Join(s.Home, name)
		require.NoError(t, s.Manage(nil, "add", name, "--config-dir", dir, "--no-login"))
		month := time.Now().Add(30 * 24 * time.Hour)
		switch name {
		case "one", "other":
			signedIn(t, dir, "me@example.com", month)
		case "soon":
			signedIn(t, dir, "soon@example.com", time.Now().Add(3*24*time.Hour))
		}
	}
	found := diagnoses(t, s, 2)
	require.NotContains(t, found, "real_cli")
	require.Len(t, found["logins"], 3, "%v", found)
	require.Equal(t, "one and other are one login, me@example.com: it has its limits once", found["logins"][0])
	require.Equal(t, "out is not signed in", found["logins"][1])
	require.Regexp(t, `^the login of soon ends at .*, in (2d\d\d|3d00)h$`, found["logins"][2])
	require.NotContains(t, found, "permissions", "asking leaves nothing behind that others can read")
	entries, err := os.ReadDir(filepath.Join(s.Home, "out"))
	require.NoError(t, err)
	require.Len(t, entries, 1, "the CLI is not started where it never was: %v", entries) // the seed
}
