package pool_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/pool"
)

func TestClosedUntil(t *testing.T) {
	t.Parallel()
	later := now.Add(time.Hour)
	for name, c := range map[string]struct {
		window pool.Window
		model  string
		until  time.Time // zero where it is not closed
	}{
		"allowed":                  {window: pool.Window{Kind: pool.FiveHour, Status: pool.StatusAllowed, ResetsAt: later}},
		"warning":                  {window: pool.Window{Kind: pool.FiveHour, Status: pool.StatusWarning, ResetsAt: later}},
		"unknown":                  {window: pool.Window{Kind: pool.FiveHour, ResetsAt: later}},
		"rejected":                 {window: rejected(pool.FiveHour, later), until: later},
		"rejected, kind not known": {window: rejected("new", later), model: "haiku", until: later},
		"overage, resets next month": {
			window: rejected(pool.Overage, now.Add(700*time.Hour)), until: now.Add(pool.OverageCloses),
		},
		"overage, resets soon":  {window: rejected(pool.Overage, later), until: later},
		"rejected until now":    {window: rejected(pool.FiveHour, now)},
		"rejected until before": {window: rejected(pool.FiveHour, now.Add(-1))},
		"reset unknown":         {window: rejected(pool.FiveHour, time.Time{}), until: later},
		"reset unknown, and old": {
			window: pool.Window{Kind: pool.FiveHour, Status: pool.StatusRejected, ObservedAt: now.Add(-pool.UnknownResetCloses)},
		},
		"nothing known":        {window: pool.Window{Kind: pool.FiveHour, Status: pool.StatusRejected}},
		"opus for opus":        {window: rejected(pool.SevenDayOpus, later), model: "claude-OPUS-4-5", until: later},
		"opus for sonnet":      {window: rejected(pool.SevenDayOpus, later), model: "claude-sonnet-4-5"},
		"opus for any":         {window: rejected(pool.SevenDayOpus, later), until: later},
		"sonnet for sonnet":    {window: rejected(pool.SevenDaySonnet, later), model: "sonnet[1m]", until: later},
		"sonnet for opus":      {window: rejected(pool.SevenDaySonnet, later), model: "opus"},
		"seven days for haiku": {window: rejected(pool.SevenDay, later), model: "haiku", until: later},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			until, closed := c.window.ClosedUntil(c.model, now)
			require.Equal(t, !c.until.IsZero(), closed)
			if closed {
				require.Equal(t, c.until, until)
			}
		})
	}
}
