package claudecli_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/claudecli"
	"claudepool/pool"
)

func TestStatusLineInput(t *testing.T) {
	t.Parallel()
	share := func(x float64) *float64 { return &x }
	s := claudecli.ReadStatusLineInput([]byte(`{"session_id":"abc","cwd":"/p/sub","model":{"id":"claude-opus-5[1m]","display_name":"Opus"},
		"workspace":{"current_dir":"/p/sub","project_dir":"/p"},"version":"2.1.90","cost":{"total_cost_usd":0.25},
		"rate_limits":{"five_hour":{"used_percentage":23.5,"resets_at":1795456200},"seven_day":{"used_percentage":100,"resets_at":1795844161},
		"seven_day_new":{"used_percentage":1},"spoilt":{"used_percentage":"9"},"below":{"used_percentage":-1}}}`), atNoon)
	require.Equal(t, claudecli.StatusLine{
		Conversation: "abc", Model: "claude-opus-5", CWD: "/p/sub", Project: "/p", Version: "2.1.90", Cost: share(0.25),
		Windows: []pool.Window{
			{Kind: pool.FiveHour, Status: pool.StatusAllowed, Utilization: share(0.235), ResetsAt: time.Unix(1795456200, 0).UTC(), ObservedAt: atNoon, Source: pool.FromStatusLine},
			{Kind: pool.SevenDay, Status: pool.StatusRejected, Utilization: share(1), ResetsAt: time.Unix(1795844161, 0).UTC(), ObservedAt: atNoon, Source: pool.FromStatusLine},
			{Kind: "seven_day_new", Status: pool.StatusAllowed, Utilization: share(0.01), ObservedAt: atNoon, Source: pool.FromStatusLine},
		},
	}, s)
}

func TestADamagedStatusLineTellsLess(t *testing.T) {
	t.Parallel()
	for _, input := range []string{"", "null", "[]", "{", `{"rate_limits":[1,2],"model":"x","cost":7}`, `{"session_id":5,"rate_limits":{"five_hour":100}}`} {
		require.Equal(t, claudecli.StatusLine{}, claudecli.ReadStatusLineInput([]byte(input), atNoon), input)
	}
}
