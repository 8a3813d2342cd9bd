//go:build e2e

package e2e

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

// The CLI's own sum of a conversation, tools, subagents and another model included, is what the ledger
// says that it cost.
func TestTheCostIsTheCLIs(t *testing.T) {
	t.Parallel()
	s := newMachine(t)
	id := conversation(t, claude(t, s, with(asJSON, "-p", "[[bash:echo 1]][[text:first]]", "--allowedTools", "Bash")...))
	claude(t, s, "-p", "[[subagent:[[text:found]]]][[text:second]]", "--resume", id)
	claude(t, s, "-p", "third", "--resume", id, "--model", "claude-opus-4-8")
	var last struct {
		Total float64 `json:"total_cost_usd"`
	}
	out := claude(t, s, with(asJSON, "-p", "fourth", "--resume", id)...)
	require.NoError(t, json.Unmarshal([]byte(out.Stdout), &last))
	var usage struct {
		Total struct {
			Cost   float64 `json:"cost_usd"`
			Source string  `json:"cost_source"`
		}
	}
	require.NoError(t, s.Manage(&usage, "usage", "--json"))
	require.NotZero(t, last.Total)
	require.InDelta(t, last.Total, usage.Total.Cost, 1e-7)
	require.Equal(t, "cli", usage.Total.Source)
}
