package claudecli

import (
	"slices"
	"time"

	"github.com/tidwall/gjson"
)

// AuthStatus is what `claude auth status` prints: stored state only, no proof that the API accepts it.
type AuthStatus struct {
	LoggedIn bool
	// Method says by what, as in "claude.ai", "oauth_token" or "none".
	Method string
	// Email and OrgID say whose login it is; "" where the CLI does not tell, as with a token.
	Email, OrgID string
	// ConfigDir is the directory that was looked at.
	ConfigDir string
	// ExpiresAt is when the login ends; zero where that is not known.
	ExpiresAt time.Time
}

// AuthStatusArgs make the CLI print its login. It ends with 1 where it is signed out (2.1.330).
var AuthStatusArgs = []string{"auth", "status"}

// LoginArgs make the CLI sign in.
var LoginArgs = []string{"auth", "login"}

// ParseAuthStatus reads it, and tells whether it is one: older CLIs print words.
func ParseAuthStatus(text []byte) (status AuthStatus, ok bool) {
	loggedIn := gjson.GetBytes(text, "loggedIn")
	if !gjson.ValidBytes(text) || !loggedIn.IsBool() {
		return AuthStatus{}, false
	}
	word := func(name string) string { return gjson.GetBytes(text, name).String() }
	return AuthStatus{
		LoggedIn: loggedIn.Bool(), Method: word("authMethod"), Email: word("email"), OrgID: word("orgId"),
		ConfigDir: word("configDirectory"), ExpiresAt: loginEnd(gjson.GetBytes(text, "loginExpiresAt")),
	}, true
}

// loginEnd reads a time in Unix milliseconds or seconds, or in words.
func loginEnd(value gjson.Result) time.Time {
	const secondsEnd = 1e11 // of the year 5138, or of 1973 in milliseconds
	switch {
	case value.Type == gjson.String:
		at, _ := time.Parse(time.RFC3339, value.Str) // zero where it is none
		return at
	case value.Type != gjson.Number || value.Num <= 0:
		return time.Time{}
	case value.Num < secondsEnd:
		return time.Unix(value.Int(), 0)
	}
	return time.UnixMilli(value.Int())
}

// IsSameLogin tells whether two directories are signed in as one account: they share its limits.
func (s AuthStatus) IsSameLogin(other AuthStatus) bool {
	return s.LoggedIn && other.LoggedIn && s.Email != "" && s.Email == other.Email && s.OrgID == other.OrgID
}

// LoginVariables are those of the names that hold a login, or say where one is.
func LoginVariables(names []string) (found []string) {
	for _, name := range names {
		if slices.Contains(overrides, name) {
			found = append(found, name)
		}
	}
	return found
}
