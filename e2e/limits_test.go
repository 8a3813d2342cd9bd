//go:build e2e

package e2e

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"claudepool/internal/fakeapi"
	"claudepool/internal/sandbox"
)

// inEnv gives the command more variables.
func inEnv(cmd *exec.Cmd, variables ...string) *exec.Cmd {
	cmd.Env = append(cmd.Env, variables...)
	return cmd
}

// statusOf is the row of a subscription in `claudepool status`.
func statusOf(t *testing.T, s *sandbox.Sandbox, name string) sandbox.Status {
	t.Helper()
	all, err := s.Status()
	require.NoError(t, err)
	at := slices.IndexFunc(all, func(row sandbox.Status) bool { return row.Name == name })
	require.GreaterOrEqual(t, at, 0, "%v", all)
	return all[at]
}

// requireLimited says that the subscription is closed by that window, as one of the sources told.
func requireLimited(t *testing.T, s *sandbox.Sandbox, name, kind string, resets time.Time, sources ...string) {
	t.Helper()
	status := statusOf(t, s, name)
	require.Equal(t, "limited", status.State, "%+v", status)
	at := slices.IndexFunc(status.Windows, func(w sandbox.Window) bool { return w.Kind == kind })
	require.GreaterOrEqual(t, at, 0, "no %s: %+v", kind, status.Windows)
	window := status.Windows[at]
	require.Equal(t, "rejected", window.Status)
	require.NotNil(t, window.ResetsAt, "%+v", window)
	require.Equal(t, resets.UTC(), window.ResetsAt.UTC())
	require.Contains(t, sources, window.Source)
}

// requireExhausted says that the next launch finds no room, and asks nobody.
func requireExhausted(t *testing.T, s *sandbox.Sandbox, args ...string) output {
	t.Helper()
	asked := len(s.API.Requests())
	out := run(t, s.Claude(limited(t), append(args, "-p", "hello")...), "")
	require.Equal(t, 75, out.Status, "%s\n%s", out.Stdout, out.Stderr)
	require.Empty(t, out.Stdout)
	require.Contains(t, out.Stderr, "pool is exhausted")
	require.Len(t, s.API.Requests(), asked)
	return out
}

// A limit closes its subscription until the reset that the CLI told, whatever the format. A sentence tells of
// some windows only that they are one.
func TestALimitClosesItsSubscription(t *testing.T) {
	t.Parallel()
	resets := time.Now().Add(2 * time.Hour).Truncate(time.Minute)
	kinds := []struct{ kind, inWords string }{
		{"five_hour", "five_hour"}, {"seven_day", "seven_day"}, {"seven_day_opus", "seven_day_opus"},
		{"seven_day_sonnet", "seven_day_sonnet"}, {"seven_day_overage_included", "seven_day_overage_included"},
		{"lunar", "unknown"},
	}
	formats := []struct {
		name    string
		args    []string
		sources []string // the transcript tells the same at nearly the same moment
	}{
		{"text", nil, []string{"text"}},
		{"json", []string{"--output-format", "json"}, []string{"result"}},
		{"stream-json", streamJSON, []string{"stream", "transcript"}},
	}
	for _, k := range kinds {
		t.Run(k.kind, func(t *testing.T) {
			t.Parallel()
			s := newMachine(t, "text", "json", "stream-json")
			for _, f := range formats {
				s.API.Script(sandbox.Token(f.name), fakeapi.LimitUntil(k.kind, resets))
				cmd := inEnv(s.Claude(limited(t), with(f.args, "-p", "hello")...), "CLAUDEPOOL_FAILOVER=off", "CLAUDEPOOL_SUBSCRIPTION="+f.name)
				out := run(t, cmd, "")
				require.Equal(t, 1, out.Status, "%s\n%s", out.Stdout, out.Stderr)
				require.Contains(t, out.Stdout, "limit · resets ")
				require.Empty(t, out.Stderr)
				kind := k.inWords
				if f.name == "stream-json" {
					kind = k.kind
				}
				requireLimited(t, s, f.name, kind, resets, f.sources...)
			}
			out := requireExhausted(t, s)
			require.Contains(t, out.Stderr, "the first one frees up at ")
		})
	}
}

// The window of a family of models closes its subscription for that family only, and where nothing tells the
// model.
func TestALimitOfAModelLeavesTheOthers(t *testing.T) {
	t.Parallel()
	cases := []struct{ kind, closed, open string }{
		{"seven_day_opus", "opus", "sonnet"},
		{"seven_day_sonnet", "sonnet", "opus"},
		{"seven_day_overage_included", "fable", "claude-haiku-5-5"},
	}
	for _, c := range cases {
		t.Run(c.kind, func(t *testing.T) {
			t.Parallel()
			s := newMachine(t)
			s.API.Script(sandbox.Token("only"), fakeapi.Limit(c.kind), fakeapi.Answer())
			out := run(t, s.Claude(limited(t), "--model", c.closed, "-p", "hello"), "")
			require.Equal(t, 1, out.Status, "%s\n%s", out.Stdout, out.Stderr)
			requireExhausted(t, s, "--model", c.closed)
			requireExhausted(t, s)
			claude(t, s, "--model", c.open, "-p", "hello")
			inVariable := run(t, inEnv(s.Claude(limited(t), "-p", "hello"), "ANTHROPIC_MODEL="+c.open), "")
			require.Zero(t, inVariable.Status, inVariable.Stderr)
			writeModel(t, s, "only", c.open)
			claude(t, s, "-p", "hello")
			requireBooked(t, s)
		})
	}
}

// writeModel sets the model in the settings file of a subscription.
func writeModel(t *testing.T, s *sandbox.Sandbox, subscription, model string) {
	t.Helper()
	settings, err := json.Marshal(map[string]string{"model": model})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(s.ConfigDir(subscription), "settings.json"), settings, 0o600))
}

// Paid use beyond a window is no limit to the run that it happens to. The next one is kept out of it, unless
// the subscription allows it.
func TestPaidOverageIsNotEntered(t *testing.T) {
	t.Parallel()
	for _, allowed := range []bool{false, true} {
		t.Run(map[bool]string{false: "not allowed", true: "allowed"}[allowed], func(t *testing.T) {
			t.Parallel()
			s := newBareMachine(t)
			require.NoError(t, s.Install(program))
			if allowed {
				require.NoError(t, s.AddSubscription("only", "--allow-overage"))
			} else {
				require.NoError(t, s.AddSubscription("only"))
			}
			s.API.Script(sandbox.Token("only"), fakeapi.OnOverage("five_hour"))
			claude(t, s, with(streamJSON, "-p", "hello")...)
			requireBooked(t, s)
			status := statusOf(t, s, "only")
			paid := slices.IndexFunc(status.Windows, func(w sandbox.Window) bool { return w.Kind == "overage" })
			require.GreaterOrEqual(t, paid, 0, "%+v", status)
			require.Equal(t, "allowed", status.Windows[paid].Status)
			table := run(t, s.Claudepool(limited(t), "status"), "")
			if allowed {
				require.Equal(t, "available", status.State)
				claude(t, s, "-p", "hello")
				return
			}
			require.Equal(t, "limited", status.State)
			require.Contains(t, table.Stdout, "paid overage is not allowed")
			requireExhausted(t, s)
		})
	}
}
