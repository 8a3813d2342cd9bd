//go:build e2e

package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"claudepool/internal/fakeapi"
	"claudepool/internal/sandbox"
)

// The CLI draws the pool's line, with the user's own below it, and tells it its windows.
func TestTheStatusLineShowsThePool(t *testing.T) {
	t.Parallel()
	s := newMachine(t)
	settings := filepath.Join(s.ConfigDir("only"), "settings.json")
	own := `{"statusLine":{"type":"command","command":"printf \"mine at $(cat | wc -l)\\n\""}}`
	require.NoError(t, os.WriteFile(settings, []byte(own), 0o600))
	require.NoError(t, s.Manage(nil, "statusline", "--install"))
	s.API.Script(sandbox.Token("only"), fakeapi.Answer(), fakeapi.Warning("five_hour"))
	sc := newScreen(t, s, s.Env())
	withSameModes(t, sc, func() {
		sc.start(t)
		sc.expectLine(t, `  only · 5h unknown · 7d unknown · 1 running · \$0\.00 today`)
		sc.expectLine(t, `  mine at \d+`)
		sc.turn(t, "an answer")
		plan := fakeapi.Answer().Plan
		requireTold(t, s, plan)
		sc.expectLine(t, `  only · 5h 25% \([^)]+\) · 7d 50% \([^)]+\) · 1 running · <?\$0\.\d\d today`)
		sc.turn(t, "another one")
		requireTold(t, s, fakeapi.Warning("five_hour").Plan)
		sc.exit(t)
	})
	sessions := requireReleased(t, s, 1)
	require.NotNil(t, sessions[0].ConversationID)
	requireBooked(t, s)
}

// Where a limit was met the line says so, and the pool knows until when, though no stream told it.
func TestTheStatusLineTellsALimit(t *testing.T) {
	t.Parallel()
	s := newMachine(t)
	require.NoError(t, s.Manage(nil, "statusline", "--install"))
	sc := newScreen(t, s, s.Env())
	sc.start(t)
	sc.turn(t, "an answer")
	sc.enter(t, "[[limit:five_hour]]")
	sc.expect(t, "You've hit your 5-hour limit")
	sc.expectLine(t, `  only · 5h 100% \([^)]+\) · 7d 50% \([^)]+\) · .*`)
	status, err := s.Status()
	require.NoError(t, err)
	require.Equal(t, "limited", status[0].State)
}

// expectLine waits until a line of the screen is all of the pattern.
func (sc *screen) expectLine(t *testing.T, pattern string) {
	t.Helper()
	sc.expectThat(t, pattern, regexp.MustCompile(`(?m)^`+pattern+`$`).MatchString)
}

// requireTold waits until the pool knows the windows of the plan from the status line.
func requireTold(t *testing.T, s *sandbox.Sandbox, plan *fakeapi.Plan) {
	t.Helper()
	var windows []sandbox.Window
	eventually(t, func() bool {
		status, err := s.Status()
		require.NoError(t, err)
		windows = status[0].Windows
		told := 0
		for _, w := range plan.Windows {
			for _, known := range windows {
				if known.Kind == w.Kind && *known.Utilization == w.Utilization && known.Source == "statusline" && known.ResetsAt.Equal(w.ResetsAt) {
					told++
				}
			}
		}
		return told == 2 // it knows of no others (2.1.330)
	}, func() string { return "the windows are never told" })
}
