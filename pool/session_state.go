package pool

import "time"

// SessionState is what a session does.
type SessionState string

const (
	StateRunning SessionState = "running"
	// StateIdle: the CLI says that it waits for its user, or nothing was heard of it for IdleAfter.
	StateIdle SessionState = "idle"
	// StateStale: its process is gone, or its heartbeat is old.
	StateStale SessionState = "stale"
	StateEnded SessionState = "ended"
)

// IdleAfter is how long a session or a conversation is silent before it counts as idle.
const IdleAfter = 5 * time.Minute

// State is what the session does at now. What the CLI says of itself counts more than its silence.
func (s Session) State(probe Probe, now time.Time) SessionState {
	switch {
	case !s.Running():
		return StateEnded
	case s.IsDead(probe, now):
		return StateStale
	case s.Said != "":
		return s.Said
	case now.Sub(s.ActiveAt) >= IdleAfter:
		return StateIdle
	}
	return StateRunning
}
