//go:build e2e

package e2e

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/fakeapi"
	"claudepool/internal/sandbox"
)

// What the API announces of its windows is what `claudepool status` tells after a run.
func TestStatusTellsTheWindows(t *testing.T) {
	t.Parallel()
	cases := []struct {
		prompt string
		plan   *fakeapi.Plan
		state  string
		// silent is a window of which the CLI tells no utilization (2.1.330: all but the first two).
		silent string
	}{
		{"hello", fakeapi.Answer().Plan, "available", ""},
		{"[[warn:five_hour]]", fakeapi.Warning("five_hour").Plan, "available", ""},
		{"[[warn:seven_day]]", fakeapi.Warning("seven_day").Plan, "available", ""},
		{"[[limit:five_hour]]", fakeapi.Limit("five_hour").Plan, "limited", ""},
		{"[[limit:seven_day_opus]]", fakeapi.Limit("seven_day_opus").Plan, "limited", "seven_day_opus"},
		{"[[overage:five_hour]]", fakeapi.OnOverage("five_hour").Plan, "available", ""},
	}
	for _, c := range cases {
		t.Run(c.prompt, func(t *testing.T) {
			t.Parallel()
			s := newMachine(t)
			run(t, s.Claude(limited(t), with(streamJSON, "-p", c.prompt)...), "")
			status, err := s.Status()
			require.NoError(t, err)
			require.Len(t, status, 1)
			require.Equal(t, c.state, status[0].State)
			require.ElementsMatch(t, announced(c.plan, c.silent), inUTC(status[0].Windows))
		})
	}
}

// announced is how the plan's windows are to be told. While paid use goes on, a window that is used up
// closes nothing, and is told as allowed.
func announced(plan *fakeapi.Plan, silent string) []sandbox.Window {
	var windows []sandbox.Window
	var claimed time.Time
	for _, w := range plan.Windows {
		resets, utilization := w.ResetsAt.UTC(), w.Utilization
		told := sandbox.Window{Kind: w.Kind, Status: w.Status, ResetsAt: &resets, Utilization: &utilization, Source: "stream"}
		if w.Kind == silent {
			told.Utilization = nil
		}
		if w.Kind == plan.Claim {
			claimed = resets
		}
		if plan.OverageInUse && w.Status == "rejected" {
			told.Status = "allowed"
		}
		windows = append(windows, told)
	}
	if plan.Overage != "" {
		windows = append(windows, sandbox.Window{Kind: "overage", Status: plan.Overage, ResetsAt: &claimed, Source: "stream"})
	}
	return windows
}

func inUTC(windows []sandbox.Window) []sandbox.Window {
	for i, w := range windows {
		if w.ResetsAt != nil {
			resets := w.ResetsAt.UTC()
			windows[i].ResetsAt = &resets
		}
	}
	return windows
}
