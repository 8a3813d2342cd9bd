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
	return ask[struct{ Sessions []session }](t, g, append([]string{"sessions"}, args...)...).Sessions
}

// ask reads what a command says with --json.
func ask[T any](t *testing.T, g *harness.Ground, args ...string) (answer T) {
	t.Helper()
	out := g.Must(t, append(args, "--json")...)
	require.NoError(t, json.Unmarshal([]byte(out), &answer), out)
	return answer
}

// running returns how many sessions run on each subscription, by `claudepool status`.
func running(t *testing.T, g *harness.Ground) map[string]int {
	t.Helper()
	status := ask[struct {
		Subscriptions []struct {
			Name            string
			SessionsRunning int `json:"sessions_running"`
		}
	}](t, g, "status")
	counts := map[string]int{}
	for _, s := range status.Subscriptions {
		counts[s.Name] = s.SessionsRunning
	}
	return counts
}

// figures are what one row of `claudepool usage --json` says.
type figures struct {
	Subscription        *string
	InputTokens         int64    `json:"input_tokens"`
	OutputTokens        int64    `json:"output_tokens"`
	CacheCreationTokens int64    `json:"cache_creation_tokens"`
	CacheReadTokens     int64    `json:"cache_read_tokens"`
	CostUSD             *float64 `json:"cost_usd"`
}

// booked returns what is booked to each subscription, "" standing for none.
func booked(t *testing.T, g *harness.Ground) map[string]figures {
	t.Helper()
	by := map[string]figures{}
	for _, row := range ask[struct{ Rows []figures }](t, g, "usage").Rows {
		name := ""
		if row.Subscription != nil {
			name = *row.Subscription
		}
		row.Subscription = nil
		by[name] = row
	}
	return by
}

// noneRunning wants every session given back.
func noneRunning(t *testing.T, g *harness.Ground) {
	t.Helper()
	if harness.Claudepool != "" {
		require.Empty(t, sessions(t, g))
	}
}
