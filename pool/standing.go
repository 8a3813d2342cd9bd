package pool

import "time"

// Login is what the API last said of a subscription's login.
type Login string

const (
	// LoginWorks: nothing is known against it.
	LoginWorks Login = ""
	// LoginSignedOut: it is missing, over or revoked (401).
	LoginSignedOut Login = "signed_out"
	// LoginRefused: the account may not use the CLI, or its organization is disabled (403).
	LoginRefused Login = "refused"
)

// Outcome is what one answer of the API says of the login that asked, beside windows and usage. What is
// not here, as an overload (529), says nothing of it.
type Outcome string

const (
	NoOutcome Outcome = ""
	// OutcomeAnswered: the API has answered with a message.
	OutcomeAnswered  Outcome = "answered"
	OutcomeSignedOut Outcome = "signed_out"
	OutcomeRefused   Outcome = "refused"
	// OutcomeThrottled: the API has turned a request down for its rate (429), with no word of a plan.
	OutcomeThrottled Outcome = "throttled"
)

// Standing is what is known of a subscription beside its windows, and may keep it closed.
type Standing struct {
	Login Login
	// HeardAt is when the latest outcome that counts was heard.
	HeardAt time.Time
	// Throttles counts the back-offs in a row of an API key, the latest of which lasts until BackoffUntil.
	Throttles    int
	BackoffUntil time.Time
	// CooldownUntil is set by hand: until then it is not to be picked.
	CooldownUntil time.Time
}

// An API key that is throttled is left alone for BackoffFirst, and twice as long each time that follows,
// up to BackoffMost.
const (
	BackoffFirst = 30 * time.Second
	BackoffMost  = time.Hour
)

// After is the standing once an outcome has been heard at a time. One that is older than what was heard
// changes nothing. isAPI tells an API key from a login with a plan: that is throttled for reasons of the
// server, and never backed off.
func (s Standing) After(o Outcome, isAPI bool, at time.Time) Standing {
	at = Moment(at)
	if o == NoOutcome || at.Before(s.HeardAt) || o == OutcomeThrottled && !isAPI {
		return s
	}
	switch o {
	case OutcomeAnswered:
		if at.Before(s.BackoffUntil) { // of a session that was running already
			s.Login, s.HeardAt = LoginWorks, at
			return s
		}
		s.Login, s.Throttles, s.BackoffUntil = LoginWorks, 0, time.Time{}
	case OutcomeSignedOut:
		s.Login = LoginSignedOut
	case OutcomeRefused:
		s.Login = LoginRefused
	case OutcomeThrottled:
		if at.Before(s.BackoffUntil) {
			break // many sessions meet one limit together: it counts once
		}
		s.Throttles = min(s.Throttles+1, 1000)
		s.BackoffUntil = Moment(at.Add(backoff(s.Throttles)))
	default:
		return s
	}
	s.HeardAt = at
	return s
}

func backoff(throttles int) time.Duration {
	wait := BackoffFirst
	for range min(throttles-1, 20) {
		wait *= 2
	}
	return min(wait, BackoffMost)
}
