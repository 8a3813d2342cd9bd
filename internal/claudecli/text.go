package claudecli

import "strings"

// Refusal says why the CLI could not use a login.
type Refusal string

const (
	NoRefusal Refusal = ""
	// SignedOut: the login is missing, over or revoked.
	SignedOut Refusal = "signed_out"
	// NotAllowed: the account may not use the CLI, or its organization is disabled.
	NotAllowed Refusal = "not_allowed"
)

// refusals are the beginnings of what the CLI says of logins, up to 2.1.330.
var refusals = []struct {
	beginning string
	refusal   Refusal
}{
	{"Invalid API key · ", SignedOut},
	{"Not logged in · ", SignedOut},
	{"OAuth token revoked", SignedOut},
	{"OAuth token has expired", SignedOut},
	{"Login expired · ", SignedOut},
	{"Failed to authenticate. ", SignedOut},
	{"Failed to authenticate: ", SignedOut},
	{"API Error: 401 ", SignedOut},
	{"Please run /login · API Error: 401", SignedOut},
	{"Please run /login · API Error: 403", NotAllowed},
	{"Your ANTHROPIC_API_KEY belongs to a disabled organization", NotAllowed},
	{"Your account does not have access to Claude", NotAllowed},
	{"Your organization does not have access to Claude", NotAllowed},
	{"Your organization has disabled Claude subscription access", NotAllowed},
	{"Your organization has disabled API key authentication", NotAllowed},
	{"Claude Code can't use your Claude subscription", NotAllowed},
	{"Claude Code can’t use your Claude subscription", NotAllowed},
}

// ParseRefusal reads what the CLI says instead of an answer.
func ParseRefusal(text string) Refusal {
	text = strings.TrimSpace(text)
	for _, r := range refusals {
		if strings.HasPrefix(text, r.beginning) {
			return r.refusal
		}
	}
	if strings.HasPrefix(text, "API Error: 40") && (strings.Contains(text, "This organization has been disabled") ||
		strings.HasSuffix(text, " · Please run /login")) {
		return NotAllowed
	}
	return NoRefusal
}

// ReadText reads the whole standard output of a run in text format that failed. What a run printed
// that ended with 0 is an answer, and says nothing, whatever it says.
func ReadText(output string) Reading {
	var r Reading
	r.error(output)
	return r
}

// error reads a sentence that the CLI says instead of an answer.
func (r *Reading) error(sentence string) {
	if r.Limit = ParseLimit(sentence); r.Limit.Met() {
		return
	}
	if r.Refusal = ParseRefusal(sentence); r.Refusal == NoRefusal {
		r.Throttled = isThrottle(sentence)
	}
}
