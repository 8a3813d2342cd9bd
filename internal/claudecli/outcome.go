package claudecli

import (
	"strings"

	"github.com/tidwall/gjson"

	"claudepool/pool"
)

// throttles are the beginnings of what the CLI says where the API turned a request down for its rate, with
// no word of a plan.
var throttles = []string{
	"API Error: 429 ",                                    // an API key, 1.0.0 to 2.1.96
	"API Error: Request rejected (429)",                  // since 2.1.96
	"API Error: Rate limit reached",                      // a plan, 2.0.30 to 2.1.53
	"API Error: Server is temporarily limiting requests", // a plan, since 2.1.108
}

// entitlements are parts of what it says of requests that a plan does not cover, which the API turns down with
// the same 429 (2.1.91 to 2.1.330).
var entitlements = []string{"required for 1M context", "required for long context"}

// isThrottle reads what the CLI says instead of an answer.
func isThrottle(text string) bool {
	text = strings.TrimSpace(text)
	for _, beginning := range throttles {
		if strings.HasPrefix(text, beginning) {
			return !isEntitlement(text)
		}
	}
	return false
}

func isEntitlement(text string) bool {
	for _, part := range entitlements {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// readCause reads, where the sentence of an error says nothing that is known, what stands beside it: the status
// of the API's answer, the CLI's own name of the error, and that of 2.0.61 on.
func (r *Reading) readCause(sentence string, status gjson.Result, apiError, cause string) {
	switch {
	case r.Limit.Met() || r.Refusal != NoRefusal || r.Throttled:
	case apiError == usageLimitReached:
		r.Limit.Kind = UnknownWindow
	case cause == "oauth_org_not_allowed":
		r.Refusal = NotAllowed
	case cause == "authentication_failed", status.Int() == 401: // since 2.1.112
		r.Refusal = SignedOut
	case status.Int() == 429:
		r.Throttled = apiError == "" && !isEntitlement(sentence)
	}
}

// outcome is what an error says of the login; no word on a limit, which is none of its own.
func (r Reading) outcome() pool.Outcome {
	switch {
	case r.Refusal == SignedOut:
		return pool.OutcomeSignedOut
	case r.Refusal == NotAllowed:
		return pool.OutcomeRefused
	case r.Throttled:
		return pool.OutcomeThrottled
	}
	return pool.NoOutcome
}
