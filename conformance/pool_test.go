package conformance

import (
	"encoding/json"
	"testing"

	"claudepool/conformance/harness"

	"github.com/stretchr/testify/require"
)

// session is what the tests read of `claudepool sessions --json`.
type session struct {
	ID           string  `json:"id"`
	Subscription string  `json:"subscription"`
	PID          int     `json:"pid"`
	State        string  `json:"state"`
	EndedAt      *string `json:"ended_at"`
	ExitCode     *int    `json:"exit_code"`
	Signal       *string `json:"signal"`
}

func sessions(t *testing.T, g *harness.Ground, args ...string) []session {
	t.Helper()
	var answer struct {
		Sessions []session `json:"sessions"`
	}
	out := g.Must(t, append([]string{"sessions", "--json"}, args...)...)
	require.NoError(t, json.Unmarshal([]byte(out), &answer), out)
	return answer.Sessions
}

// noneRunning wants every session given back.
func noneRunning(t *testing.T, g *harness.Ground) {
	t.Helper()
	if harness.Claudepool != "" {
		require.Empty(t, sessions(t, g))
	}
}
