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
		// Paid use goes on: only a subscription that allows it may be picked then.
		{"[[overage:five_hour]]", fakeapi.OnOverage("five_hour").Plan, "limited", ""},
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

// announced is how the plan's windows are to be told: as they are, and that of paid use where it goes on.
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
		windows = append(windows, told)
	}
	if plan.Overage != "" {
		windows = append(windows, sandbox.Window{Kind: "overage", Status: plan.Overage, ResetsAt: &claimed, Source: "stream"})
	}
	return windows
}

// Whatever the format, the next run knows what this one met: of a text the sentence tells, and the transcript.
// What only talks of limits changes nothing.
func TestStatusTellsWhatARunMet(t *testing.T) {
	t.Parallel()
	const sentence = "You've hit your 5-hour limit · resets 3pm (UTC)"
	cases := map[string]string{
		"[[limit:five_hour]]":                      "limited",
		"[[bash:true]][[limit:five_hour]]":         "limited",
		"[[status:401]]":                           "signed_out",
		"[[status:403]]":                           "refused",
		"[[status:400]]":                           "available",
		"[[status:500]]":                           "available",
		"[[status:529]]":                           "available",
		"[[throttle]]":                             "available",
		"[[text:" + sentence + "]]":                "available",
		"[[bash:echo \"" + sentence + "\"]] hello": "available",
		sentence: "available",
	}
	for prompt, state := range cases {
		for format, args := range failoverFormats {
			t.Run(prompt+" as "+format, func(t *testing.T) {
				t.Parallel()
				s := newMachine(t)
				command := s.Claude(limited(t), append([]string{"-p", "--allowedTools=Bash", prompt}, args...)...)
				command.Env = append(command.Env, "CLAUDE_CODE_MAX_RETRIES=0")
				run(t, command, "")
				status, err := s.Status()
				require.NoError(t, err)
				require.Equal(t, state, status[0].State)
				for _, w := range status[0].Windows {
					require.Equal(t, state == "limited" && w.Kind == "five_hour", w.Status == "rejected", "%+v", w)
				}
				if state == "limited" {
					resets := fakeapi.Limit("five_hour").Plan.Windows[0].ResetsAt
					require.WithinDuration(t, resets, *status[0].Windows[0].ResetsAt, time.Minute)
				}
			})
		}
	}
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
